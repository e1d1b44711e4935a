"""Going on at a place within a draft: while it is open, after it is finished, after the host's end."""
from client import script
from case import often
from deltas import FAR, TEXT, DeltaCase, Transcript
from deltas import awaitStored, begin, isDelta, join, reaches, start, writing

ABSENT = "01890000-0000-7000-8000-000000000002"

MALFORMED = ("1.", ".1", ".", "1.x", "1.2.3", "1.-2", "-1.2", "1.+2", "1. 2", "1,2", "1.0x1", "x.1")
MALFORMED += (f"1.{2**63}", f"{2**64}.1")


class Rejoin(DeltaCase):
    def goOn(self, client, workflowId, transcript, isReached):
        """Comes back where it was, and stays until the frame that `isReached` is true of."""
        with join(client, workflowId, after=transcript.last) as joined:
            transcript.take(joined.until(isReached))

    def finish(self, client, workflowId, transcript):
        with join(client, workflowId, after=transcript.last) as joined:
            transcript.take(joined.rest())
        return self.checkWhole(client, workflowId, transcript)

    def test_an_open_draft_goes_on_at_its_place(self):
        client = self.person()
        workflowId, stream, transcript = begin(client)
        stream.reset()
        for pieces in (3, 6, 9):
            self.goOn(client, workflowId, transcript, reaches(pieces * len(TEXT)))
        client.stop(workflowId)
        self.finish(client, workflowId, transcript)
        (draft,) = transcript.drafts.values()
        self.assertGreaterEqual(draft.length, 9 * len(TEXT))

    def test_every_place_within_a_draft_may_be_named(self):
        """In the query as in the header; a client counts code points, wherever frames ended."""
        client = self.person()
        workflowId, stream, transcript = begin(client)
        transcript.take(stream.until(reaches(3 * len(TEXT))))
        for offset in range(3 * len(TEXT)):
            for place in ({"after": f"1.{offset}"}, {"lastEventId": f"1.{offset}"}):
                with join(client, workflowId, **place) as joined:
                    frame = joined.nextThatSays()
                self.assertEqual((frame.kind, frame.json["offset"]), ("delta", offset))
                text = frame.json["text"]
                self.assertTrue((FAR * TEXT)[offset:].startswith(text), frame)
        client.stop(workflowId)
        stream.close()

    def test_a_place_without_an_offset_starts_the_draft_anew(self):
        client = self.person()
        workflowId, stream, transcript = begin(client, logs=1)
        for after, items in ((None, 2), ("0", 2), ("1", 1), ("2", 0)):
            with join(client, workflowId, after=after) as joined:
                frames = joined.until(isDelta)
            self.assertEqual(len(frames), items + 1, after)
            self.assertEqual((frames[-1].json["offset"], frames[-1].place), (0, 2))
        client.stop(workflowId)
        stream.close()

    def test_an_offset_from_before_the_draft_is_not_of_it(self):
        client = self.person()
        workflowId, stream, transcript = begin(client, logs=2)
        with join(client, workflowId, after="1.5") as joined:
            frames = joined.until(isDelta)
        self.assertEqual([frame.id for frame in frames[:-1]], ["2", "3"])
        self.assertEqual(frames[-1].json["offset"], 0)
        client.stop(workflowId)
        stream.close()

    def test_a_reader_without_deltas_may_come_from_within_a_draft(self):
        client = self.person()
        workflowId, stream, transcript = begin(client)
        plain = client.join(workflowId, after=transcript.last)
        client.stop(workflowId)
        self.checkItems(self.checkEnd(plain.rest(), "stopped"), 2)
        stream.close()

    def test_a_finished_draft_is_followed_by_its_item(self):
        client = self.person()
        workflowId, stream, transcript = begin(client, deltas=10, delayMs=30)
        stream.reset()
        client.join(workflowId).rest()
        self.finish(client, workflowId, transcript)
        self.assertEqual(transcript.status, "completed")
        self.assertEqual(transcript.items[1]["item"]["message"], 10 * TEXT)

    def test_a_stopped_draft_is_kept_as_a_message_that_says_so(self):
        client = self.person()
        workflowId, stream, transcript = begin(client, logs=1)
        stream.reset()
        client.stop(workflowId)
        thread = self.finish(client, workflowId, transcript)
        self.assertEqual((transcript.status, len(transcript.items)), ("stopped", 3))
        self.checkInterrupted(thread["chatData"]["items"][-1]["item"], "Stopped")

    def test_a_later_round_has_begun_meanwhile(self):
        """The offset is not taken for one of the later round's draft."""
        client = self.person()
        workflowId, stream, transcript = begin(client)
        transcript.take(stream.until(reaches(5 * len(TEXT))))
        client.stop(workflowId)
        stream.close()
        later = start(client, writing(deltas=FAR, delayMs=10), workflowId=workflowId)
        later.until(isDelta)
        with join(client, workflowId, after=transcript.last) as joined:
            transcript.take(joined.until(isDelta))
            self.assertEqual(len(transcript.drafts), 2)
            client.stop(workflowId)
            transcript.take(joined.rest())
        self.checkWhole(client, workflowId, transcript)
        later.close()

    def test_a_reader_that_has_everything_is_told_to_stop(self):
        client = self.person()
        workflowId, frames = client.run(writing())
        for query in ({"lastEventId": frames[-1].id}, {"lastEventId": frames[-1].id + ".0"}):
            answer = client.call("GET", f"/{workflowId}/stream", deltas="true", **query)
            self.checkStatus(answer, 204)
            self.assertEqual(answer.body, b"")


class Restarts(DeltaCase):
    def recover(self, client, workflowId, transcript):
        """The client's place outlives the host."""
        last = transcript.last
        transcript.forgetDraft()
        with join(client, workflowId, after=last) as joined:
            transcript.take(joined.rest())
        self.assertEqual(transcript.status, "error")
        return self.checkRecovered(client, workflowId, transcript)

    def test_what_was_stored_is_there_after_a_kill(self):
        client = self.person()
        workflowId, stream, transcript = begin(client)
        stored = awaitStored(self.host, workflowId, len(TEXT))
        transcript.take(stream.until(reaches(stored)))
        self.host.kill()
        transcript.take(stream.rest())
        self.host.start()
        thread = self.checkOk(client.detail(workflowId))
        message, log = [each["item"] for each in thread["chatData"]["items"][1:]]
        self.checkInterrupted(message)
        self.assertGreaterEqual(len(message["message"]), stored)
        (draft,) = transcript.drafts
        self.assertEqual(message["id"], draft)
        self.assertEqual(log["type"], "error")
        self.recover(client, workflowId, transcript)

    def test_a_client_that_knew_less_than_was_stored_gets_it_from_the_item(self):
        client = self.person()
        workflowId, stream, transcript = begin(client)
        stream.reset()
        (draft,) = transcript.drafts.values()
        awaitStored(self.host, workflowId, draft.length + len(TEXT))
        self.host.kill()
        self.host.start()
        thread = self.recover(client, workflowId, transcript)
        self.assertGreater(len(thread["chatData"]["items"][1]["item"]["message"]), draft.length)

    def test_a_draft_of_which_nothing_was_stored_is_gone(self):
        """Its round says that it was interrupted, and its readers go on."""
        client = self.person()
        for _ in range(often(2, 5)):
            workflowId, stream, transcript = begin(client)
            self.host.kill()
            transcript.take(stream.rest())
            self.host.start()
            self.recover(client, workflowId, transcript)

    def test_an_orderly_end_keeps_the_whole_text(self):
        client = self.person()
        workflowId, stream, transcript = begin(client)
        transcript.take(stream.until(reaches(5 * len(TEXT))))
        self.host.stop()
        transcript.take(stream.rest())
        self.host.start()
        thread = self.recover(client, workflowId, transcript)
        self.checkInterrupted(thread["chatData"]["items"][1]["item"])

    def test_the_next_round_writes_anew(self):
        client = self.person()
        workflowId, stream, transcript = begin(client)
        awaitStored(self.host, workflowId, len(TEXT))
        self.host.kill()
        stream.close()
        self.host.start()
        frames = start(client, writing(deltas=3), workflowId=workflowId).rest()
        messages = [frame.item for frame in frames if frame.kind == "item" and frame.place == 5]
        self.assertEqual([each["message"] for each in messages], [3 * TEXT])
        self.assertNotIn(messages[0]["id"], transcript.drafts)


class Cursors(DeltaCase):
    def ask(self, client, workflowId, place, **query):
        headers = {"Last-Event-ID": place}
        path = f"/{workflowId}/stream"
        return (
            client.call("GET", path, headers=headers, **query),
            client.call("GET", path, lastEventId=place, **query),
        )

    def test_a_malformed_place_is_400(self):
        client = self.person()
        workflowId, stream, _ = begin(client)
        for place in MALFORMED:
            for deltas in ("true", "false"):
                for answer in self.ask(client, workflowId, place, deltas=deltas):
                    self.checkError(answer, 400, "Invalid Last-Event-ID")
        client.stop(workflowId)
        stream.close()

    def test_a_place_that_an_open_draft_has_not_reached_is_409_and_names_the_newest(self):
        client = self.person()
        workflowId, stream, transcript = begin(client, delayMs=60000, startDelayMs=1)
        (draft,) = transcript.drafts.values()
        self.assertEqual(draft.length, len(TEXT))
        for place in (f"1.{draft.length + 1}", f"1.{2**62}", "2", "2.0", "2.1", f"{2**62}.1"):
            for answer in self.ask(client, workflowId, place, deltas="true"):
                self.checkError(answer, 409)
                self.assertRegex(answer.detail, rf"\b1\.{draft.length}\b")
        client.stop(workflowId)
        stream.close()

    def test_a_place_beyond_the_end_is_409_and_names_the_newest(self):
        client = self.person()
        workflowId, frames = client.run(script(chunks=0, logs=0))
        last = frames[-1].place
        for place in (f"{last}.1", f"{last + 1}.0", f"{last + 1}"):
            for answer in self.ask(client, workflowId, place, deltas="true"):
                self.checkError(answer, 409)
                self.assertRegex(answer.detail, rf"\b{last}$")

    def test_a_workflow_that_is_gone_or_foreign_is_404_whatever_the_place(self):
        client, stranger = self.person(), self.person()
        workflowId, stream, transcript = begin(client)
        gone, ended, _ = begin(client)
        client.delete(gone)
        ended.close()
        for place in (transcript.last, "1", "9.9"):
            for answer in self.ask(client, ABSENT, place, deltas="true"):
                self.checkAbsent(answer, ABSENT)
            for answer in self.ask(client, gone, place, deltas="true"):
                self.checkAbsent(answer, gone)
            for answer in self.ask(stranger, workflowId, place, deltas="true"):
                self.checkAbsent(answer, workflowId)
        client.stop(workflowId)
        stream.close()
