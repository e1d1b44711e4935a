"""GET /{workflowId}/stream: joining and rejoining, cursors, ends, and readers beside each other."""
from case import HostCase, together
from client import script

ABSENT = "01890000-0000-7000-8000-000000000002"

MALFORMED = ("abc", "-1", "+7", "0x1", "1 2", "1,2", "1e3", "NaN", "--", "1.x", "\u0661", "1;2")


class Joining(HostCase):
    def test_a_join_shows_all_items_and_the_end(self):
        client = self.person()
        workflowId, first = client.run(script(chunks=2))
        second = client.proceed(workflowId, script(chunks=1)).rest()
        frames = self.checkEnd(client.join(workflowId).rest(), "completed")
        self.assertEqual([frame.raw for frame in frames], [each.raw for each in first + second])

    def test_the_end_tells_how_the_workflow_ended(self):
        client = self.person()
        failed, _ = client.run(script(chunks=1, fail=True))
        self.checkEnd(client.join(failed).rest(), "error")
        stopped, stream = client.begin()
        client.stop(stopped)
        stream.rest()
        self.checkEnd(client.join(stopped).rest(), "stopped")

    def test_a_rejoin_goes_on_after_its_place(self):
        client = self.person()
        workflowId, frames = client.run(script(chunks=3))
        for place in range(len(frames)):
            following = [frame.raw for frame in frames[place:]]
            for stream in (
                client.join(workflowId, after=place),
                client.stream("GET", f"/{workflowId}/stream", lastEventId=str(place)),
            ):
                rest = self.checkEnd(stream.rest(), "completed")
                self.assertEqual([frame.raw for frame in rest], following)

    def test_the_header_is_newer_than_the_query(self):
        """A browser that reconnects sends the header beside the address that it was given."""
        client = self.person()
        workflowId, _ = client.run(script(chunks=3))
        with client.join(workflowId, after=4, lastEventId="1") as stream:
            self.assertEqual(self.places(self.checkEnd(stream.rest(), "completed"))[0], 5)

    def test_a_reader_that_has_everything_is_told_to_stop(self):
        client = self.person()
        workflowId, frames = client.run(script(chunks=1))
        last = str(len(frames))
        header = client.call("GET", f"/{workflowId}/stream", headers={"Last-Event-ID": last})
        query = client.call("GET", f"/{workflowId}/stream", lastEventId=last)
        for answer in (header, query):
            self.checkStatus(answer, 204)
            self.assertEqual(answer.body, b"")

    def test_a_reader_that_has_everything_of_a_running_workflow_waits(self):
        client = self.person()
        workflowId, stream = client.begin()
        joined = client.join(workflowId, after=1)
        client.stop(workflowId)
        self.assertEqual(self.checkEnd(joined.rest(), "stopped"), [])
        stream.close()

    def test_a_running_workflow_is_joined_in_the_middle(self):
        client = self.person()
        with client.start(script(chunks=40, delayMs=10)) as stream:
            workflowId = stream.take(5)[0].item["workflowId"]
            joined, late = client.join(workflowId), client.join(workflowId, after=3)
            whole = stream.whole()
        self.checkItems(whole)
        everything = self.checkEnd(joined.rest(), "completed")
        self.assertEqual([each.raw for each in everything], [each.raw for each in whole])
        self.assertEqual(self.places(self.checkEnd(late.rest(), "completed"))[0], 4)
        self.assertEqual(len(late.frames), len(whole) - 3 + 1)

    def test_a_join_spans_rounds(self):
        """The stream of a workflow, not of a round: what came before is there too."""
        client = self.person()
        workflowId, first = client.run(script(chunks=1))
        with client.proceed(workflowId, script(chunks=30, delayMs=10)) as stream:
            stream.take(1)
            frames = self.checkEnd(client.join(workflowId).rest(), "completed")
            second = stream.whole()
        self.assertEqual([each.raw for each in frames], [each.raw for each in first + second])

    def test_every_subscriber_sees_every_item_once_and_in_order(self):
        client = self.person()
        stream = client.start(script(chunks=100, delayMs=5))
        workflowId = stream.take(1)[0].item["workflowId"]

        def follow(after):
            with client.join(workflowId, after=after) as joined:
                return self.checkEnd(joined.rest(), "completed")

        def rejoin():
            """Goes away after every third item and comes back."""
            frames = []
            while True:
                with client.join(workflowId, after=len(frames)) as joined:
                    for frame in iter(joined.next, None):
                        if frame.kind == "end":
                            return frames
                        frames.append(frame)
                        if len(frames) % 3 == 0:
                            break

        views = together(
            lambda: stream.whole(),
            *[lambda: follow(None)] * 6,
            *[lambda: follow(0)] * 2,
            rejoin,
        )
        for frames in views:
            self.checkItems(frames)
            self.assertEqual(len(frames), 104)


class Cursors(HostCase):
    def test_a_malformed_place_is_400(self):
        client = self.person()
        workflowId, _ = client.run()
        for text in MALFORMED:
            with self.subTest(text=text):
                headers = {"Last-Event-ID": text.encode()}
                if text != "\u0661":  # no header of a browser
                    answer = client.call("GET", f"/{workflowId}/stream", headers=headers)
                    self.checkError(answer, 400, "Invalid Last-Event-ID")
                answer = client.call("GET", f"/{workflowId}/stream", lastEventId=text)
                self.checkError(answer, 400, "Invalid Last-Event-ID")

    def test_a_place_that_does_not_exist_yet_is_409_and_names_the_newest(self):
        client = self.person()
        workflowId, frames = client.run(script(chunks=2))
        for place in (len(frames) + 1, 1000, 2**31, 2**62):
            answer = client.call("GET", f"/{workflowId}/stream", lastEventId=str(place))
            self.checkError(answer, 409)
            self.assertRegex(answer.detail, rf"\b{len(frames)}\b")

    def test_a_place_that_no_number_holds_is_refused(self):
        client = self.person()
        workflowId, _ = client.run()
        for place in (2**63, 2**64, 2**64 + 1, 10**40):
            answer = client.call("GET", f"/{workflowId}/stream", lastEventId=str(place))
            self.assertIn(answer.status, (400, 409), answer)
            self.checkError(answer, answer.status)

    def test_a_running_workflow_answers_cursors_alike(self):
        client = self.person()
        workflowId, stream = client.begin()
        answer = client.call("GET", f"/{workflowId}/stream", lastEventId="2")
        self.assertRegex(self.checkError(answer, 409).detail, r"\b1\b")
        answer = client.call("GET", f"/{workflowId}/stream", lastEventId="x")
        self.checkError(answer, 400, "Invalid Last-Event-ID")
        client.stop(workflowId)
        stream.close()

    def test_a_workflow_that_is_gone_or_foreign_is_404_whatever_the_place(self):
        client, stranger = self.person(), self.person()
        workflowId, _ = client.run()
        gone, _ = client.run()
        client.delete(gone)
        for place in ({}, {"lastEventId": "1"}, {"lastEventId": "999"}):
            self.checkAbsent(client.call("GET", f"/{ABSENT}/stream", **place), ABSENT)
            self.checkAbsent(client.call("GET", f"/{gone}/stream", **place), gone)
            self.checkAbsent(stranger.call("GET", f"/{workflowId}/stream", **place), workflowId)

    def test_a_place_of_another_workflow_means_nothing_here(self):
        client = self.person()
        _, frames = client.run(script(chunks=9))
        short, _ = client.run(script(chunks=1))
        answer = client.call("GET", f"/{short}/stream", lastEventId=str(len(frames)))
        self.checkError(answer, 409)
