"""deltas=true: text as it is generated, frame by frame."""
import json
import re
import socket

from case import often, together
from client import script
from deltas import FAR, TEXT, DeltaCase, Transcript
from deltas import begin, isDelta, join, reaches, start, writing

ID = "[0-9a-f-]{36}"


class Frames(DeltaCase):
    def seen(self, count, **plan):
        """The frames of a round that is stopped after `count` deltas."""
        client = self.person()
        workflowId, stream, transcript = begin(client, **plan)
        for _ in range(count - 1):
            transcript.take(stream.until(isDelta))
        client.stop(workflowId)
        self.checkWhole(client, workflowId, transcript.take(stream.rest()))
        return stream.frames

    def test_a_delta_byte_for_byte(self):
        frames = self.seen(1, deltaText='a\U0001f600"\n')
        match = re.fullmatch(
            rf'id: 1\.(\d+)\nevent: delta\ndata: \{{"id":"({ID})","offset":0,'
            r'"text":"((?:a\U0001f600\\"\\n)+)"\}\n\n',
            frames[1].raw.decode(),
        )
        self.assertIsNotNone(match, frames[1])
        self.assertEqual(int(match[1]), len(json.loads(f'"{match[3]}"')))
        messages = [frame.item["id"] for frame in frames if frame.kind == "item"]
        self.assertEqual(messages[1:], [match[2]])

    def test_offsets_count_code_points(self):
        deltas = [frame for frame in self.seen(20) if frame.kind == "delta"]
        for frame in deltas:
            self.assertEqual(frame.offset, frame.json["offset"] + len(frame.json["text"]))
            self.assertEqual(frame.offset % len(TEXT), 0)

    def test_a_delta_is_compact_json_on_one_line(self):
        for frame in filter(isDelta, self.seen(5)):
            text = json.dumps(frame.json, separators=(",", ":"), ensure_ascii=False)
            self.assertEqual(frame.data, text.encode())

    def test_items_before_the_draft_have_plain_ids(self):
        frames = self.seen(2, chunks=3, logs=2)
        self.assertEqual([frame.id for frame in frames[:6]], ["1", "2", "3", "4", "5", "6"])
        self.assertEqual((frames[6].kind, frames[6].place), ("delta", 6))
        self.assertEqual([frame.id for frame in frames[-2:]], ["7", None])

    def test_the_finished_message_is_an_ordinary_item(self):
        frames = start(self.person(), writing(deltas=5, logs=2, delayMs=20)).rest()
        transcript = Transcript().take(frames)
        items = [frame for frame in frames if frame.kind == "item"]
        self.checkItems(items)
        (message,) = [each.item for each in items if each.item.get("status") == "last"]
        self.assertLessEqual(transcript.drafts.keys(), {message["id"]})
        self.assertEqual((message["message"], message["success"]), (5 * TEXT, True))
        self.assertIsNone(transcript.open)

    def test_a_further_round_has_a_draft_of_its_own(self):
        client = self.person()
        workflowId, stream, transcript = begin(client)
        client.stop(workflowId)
        transcript.take(stream.rest())
        count = len(transcript.items)
        stream = start(client, writing(deltas=FAR, delayMs=10), workflowId=workflowId)
        transcript.take(stream.until(isDelta))
        self.assertEqual(stream.frames[-1].json["offset"], 0)
        self.assertEqual(stream.frames[-1].place, count + 1)
        self.assertEqual(len(transcript.drafts), 2)
        client.stop(workflowId)
        self.checkWhole(client, workflowId, transcript.take(stream.rest()))

    def test_a_round_that_fails_keeps_its_text(self):
        client = self.person()
        frames = start(client, writing(deltas=5, delayMs=2, fail=True)).rest()
        transcript = Transcript().take(frames)
        workflowId = frames[0].item["workflowId"]
        thread = self.checkWhole(client, workflowId, transcript)
        self.assertEqual(transcript.status, "error")
        message, log = [each["item"] for each in thread["chatData"]["items"][1:]]
        self.checkInterrupted(message)
        self.assertEqual(message["message"], 5 * TEXT)
        self.assertEqual(log["type"], "error")

    def test_a_round_without_deltas_is_as_without_the_parameter(self):
        client = self.person()
        *frames, end = start(client, script(chunks=3)).rest()
        workflowId = frames[0].item["workflowId"]
        self.assertEqual(self.checkEnd([end], "completed"), [])
        plain = self.checkEnd(client.join(workflowId).rest(), "completed")
        self.assertEqual([each.raw for each in frames], [each.raw for each in plain])

    def test_a_stop_keeps_all_that_was_shown(self):
        """Though it comes between two deltas, or between the last one and the finished message."""
        client = self.person()
        for number in range(often(20, 100)):
            deltas = FAR if number % 2 else 40
            stream = start(client, writing(deltas=deltas, deltaText=10 * "x", delayMs=0.1))
            transcript = Transcript().take(stream.until(lambda frame: True))
            transcript.take(stream.until(lambda frame: frame.place > 1 or frame.offset >= 380))
            client.stop(transcript.workflowId)
            self.checkWhole(client, transcript.workflowId, transcript.take(stream.rest()))


class Dialect(DeltaCase):
    def test_only_with_deltas_does_the_start_stream_tell_its_end(self):
        client = self.person()
        for status, fail in (("completed", False), ("error", True)):
            self.checkEnd(start(client, writing(fail=fail)).rest(), status)
            for query in ({}, {"deltas": "false"}):
                body = {"prompt": writing(fail=fail)}
                frames = client.stream("POST", "/start/stream", body, **query).rest()
                self.assertEqual({frame.kind for frame in frames}, {"item"})

    def test_a_stopped_round_tells_its_end_to_those_who_asked_for_deltas(self):
        client = self.person()
        workflowId, stream, transcript = begin(client)
        plain = client.join(workflowId, deltas="false")
        client.stop(workflowId)
        self.assertEqual(transcript.take(stream.rest()).status, "stopped")
        self.checkItems(self.checkEnd(plain.rest(), "stopped"))

    def test_a_deleted_workflow_tells_its_end(self):
        client = self.person()
        workflowId, stream, _ = begin(client)
        client.delete(workflowId)
        self.assertEqual(stream.rest()[-1].raw, b'event: end\ndata: {"status":"deleted"}\n\n')

    def test_without_the_parameter_there_is_no_delta_and_ids_are_plain(self):
        client = self.person()
        plain = client.start(writing(deltas=40, logs=1, delayMs=3))
        workflowId = plain.take(1)[0].item["workflowId"]
        streams = [client.join(workflowId), client.join(workflowId, deltas="false")]
        streams.append(join(client, workflowId))
        self.checkItems(plain.whole())
        for stream in streams[:2]:
            self.checkItems(self.checkEnd(stream.rest(), "completed"))
        self.assertIn("delta", {frame.kind for frame in streams[2].rest()})

    def test_a_draft_is_no_item_of_the_thread_until_it_is_finished(self):
        client = self.person()
        workflowId, stream, transcript = begin(client)
        self.assertEqual(len(client.detail(workflowId).json()["chatData"]["items"]), 1)
        client.stop(workflowId)
        self.checkWhole(client, workflowId, transcript.take(stream.rest()))

    def test_a_parameter_that_is_no_boolean_is_400(self):
        client = self.person()
        workflowId, _ = client.run()
        before = client.listAll().body
        for text in ("banana", "1", "TRUE", "true ", "yes"):
            with self.subTest(text=text):
                body = {"prompt": "Hello"}
                answer = client.call("POST", "/start/stream", body, deltas=text)
                self.assertIn("deltas", self.checkError(answer, 400).detail)
                answer = client.call("GET", f"/{workflowId}/stream", deltas=text)
                self.assertIn("deltas", self.checkError(answer, 400).detail)
        self.assertEqual(client.listAll().body, before, "a refused start has changed something")


class Readers(DeltaCase):
    def test_every_reader_joins_the_same_text(self):
        client = self.person()
        workflowId, stream, transcript = begin(client, logs=2, delayMs=3)

        def follow():
            with join(client, workflowId) as joined:
                return Transcript().take(joined.rest())

        def lead():
            transcript.take(stream.until(reaches(150 * len(TEXT))))
            client.stop(workflowId)
            return transcript.take(stream.rest())

        transcripts = together(lead, *[follow] * 8)
        for each in transcripts:
            self.checkWhole(client, workflowId, each)
            self.assertEqual(each.status, "stopped")
        self.assertEqual(len({draft for each in transcripts for draft in each.drafts}), 1)

    def test_a_slow_reader_gets_what_it_has_missed_joined_and_delays_nobody(self):
        client, piece = self.person(), 64 * "\u20ac\u00e9\U0001f600x"
        length = 15000 * len(piece)  # 10 MB, more than a connection's buffers
        workflowId, quick, transcript = begin(client, deltaText=piece, delayMs=0.1)
        slow = join(client, workflowId)
        sock = slow.connection.sock or slow.response.fp.raw._sock
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 256 * 1024)
        transcript.take(quick.until(reaches(length)))
        late = Transcript().take(slow.until(reaches(length)))
        largest = max(len(frame.json["text"]) for frame in filter(isDelta, slow.frames))
        self.assertGreaterEqual(largest, 10 * len(piece))
        client.stop(workflowId)
        for each, stream in ((transcript, quick), (late, slow)):
            self.checkWhole(client, workflowId, each.take(stream.rest()))
