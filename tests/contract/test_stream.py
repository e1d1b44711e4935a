"""The bytes of start/stream: headers, frames, their order, and how the stream ends."""
import json
import re
import socket
import time

from case import HostCase, together
from client import script
from events import TIMEOUT

TIME = r"[0-9]+\.[0-9]+"
ID = "[0-9a-f-]{36}"

STREAM_HEADERS = {
    "Content-Type": "text/event-stream",
    "Cache-Control": "no-cache",
    "Connection": "keep-alive",
    "X-Accel-Buffering": "no",
}


def kinds(frames):
    return [(frame.type, frame.item.get("status")) for frame in frames]


class Bytes(HostCase):
    def test_the_headers_are_those_of_the_contract(self):
        client = self.person()
        workflowId, stream = client.begin()
        joined = client.join(workflowId)
        for each in (stream, joined):
            headers = {name: each.headers[name] for name in STREAM_HEADERS}
            self.assertEqual(headers, STREAM_HEADERS)
        client.stop(workflowId)
        stream.close()
        joined.close()

    def test_the_first_frame_byte_for_byte(self):
        client = self.person()
        workflowId, frames = client.run("Say hello")
        pattern = (
            r'id: 1\ndata: \{"type":"message","createdAt":(?P<time>TIME),"item":\{"id":"ID",'
            r'"workflowId":"(?P<id>ID)","parentMessageId":null,"role":"user",'
            r'"message":"Say hello","summary":null,"status":"first","sequenceNr":1,'
            r'"publishedAt":(?P=time),"roundNumber":1,"documents":\[\],"success":true\}\}\n\n'
        )
        pattern = pattern.replace("TIME", TIME).replace("ID", ID)
        match = re.fullmatch(pattern, frames[0].raw.decode())
        self.assertIsNotNone(match, frames[0])
        self.assertEqual(match["id"], workflowId)

    def test_every_frame_is_compact_json_on_one_line(self):
        _, frames = self.person().run(script(chunks=3, logs=2))
        for frame in self.checkItems(frames):
            text = json.dumps(frame.json, separators=(",", ":"), ensure_ascii=False)
            self.assertEqual(frame.raw, f"id: {frame.place}\ndata: {text}\n\n".encode())

    def test_the_whole_response_on_the_wire(self):
        """Nothing but frames in the body, and the body ends as HTTP says."""
        client = self.person()
        body = json.dumps({"prompt": script(chunks=2)}).encode()
        headers = "".join(f"{name}: {value}\r\n" for name, value in client.identity.items())
        head = (
            "POST /api/chatbot/start/stream HTTP/1.1\r\nHost: chatbot\r\nConnection: close\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
        )
        with socket.create_connection(("127.0.0.1", self.host.port), TIMEOUT) as sock:
            sock.sendall(head.encode() + body)
            received = b"".join(iter(lambda: sock.recv(65536), b""))
        head, _, body = received.partition(b"\r\n\r\n")
        self.assertTrue(head.startswith(b"HTTP/1.1 200 "), head)
        if b"transfer-encoding: chunked" in head.lower():
            self.assertTrue(body.endswith(b"0\r\n\r\n"), body[-20:])
            body = dechunked(body)
        self.assertNotIn(b"\r", body)
        self.assertRegex(body.decode(), r"\A(?:id: [1-9][0-9]*\ndata: \{[^\n]*\}\n\n){6}\Z")

    def test_the_items_of_a_round_come_in_their_order(self):
        client = self.person()
        _, frames = client.run(script(chunks=3, chunkBytes=5, logs=2))
        self.checkItems(frames)
        expected = [("message", "first")] + 3 * [("message", "step")]
        expected += [("message", "last"), ("stat", None)]
        self.assertEqual([each for each in kinds(frames) if each[0] != "log"], expected)
        self.assertEqual([frame.type for frame in frames[1:3]], ["log", "log"])
        chunks = [frame.item["message"] for frame in frames[3:6]]
        self.assertEqual([len(chunk.encode()) for chunk in chunks], [5, 5, 5])
        self.assertEqual(frames[6].item["message"], "".join(chunks))
        for frame in frames[3:7]:
            self.assertEqual(frame.item["role"], "assistant")
            self.assertEqual(frame.item["sequenceNr"], frame.place)
        self.assertEqual({frame.item["roundNumber"] for frame in frames}, {1})
        self.assertEqual(len({frame.item["id"] for frame in frames}), len(frames))

    def test_a_failed_round_ends_with_a_log_of_the_error(self):
        client = self.person()
        workflowId, frames = client.run(script(chunks=2, logs=0, fail=True))
        self.checkItems(frames)
        expected = ["first", "step", "step"]
        self.assertEqual([frame.item["status"] for frame in frames[:3]], expected)
        self.assertEqual((frames[3].type, frames[3].item["type"]), ("log", "error"))
        self.assertEqual(len(frames), 4)
        self.assertEqual(client.detail(workflowId).json()["workflow"]["status"], "error")

    def test_a_plan_that_does_not_fit_fails_its_round(self):
        client = self.person()
        workflowId, frames = client.run('#bench {"chunks": "many"}')
        self.assertEqual((frames[-1].type, frames[-1].item["type"]), ("log", "error"))
        self.assertEqual(client.detail(workflowId).json()["workflow"]["status"], "error")

    def test_a_further_round_shows_only_its_own_items(self):
        client = self.person()
        workflowId, first = client.run(script(chunks=2))
        for number in (2, 3):
            with client.proceed(workflowId, script(chunks=2)) as stream:
                frames = stream.rest()
            self.checkItems(frames, (number - 1) * len(first) + 1)
            self.assertEqual({frame.item["roundNumber"] for frame in frames}, {number})

    def test_what_a_client_left_unread_is_not_in_the_next_round(self):
        client = self.person()
        stream = client.start(script(chunks=30, delayMs=10))
        workflowId = stream.take(2)[0].item["workflowId"]
        stream.reset()
        client.join(workflowId).rest()
        frames = client.proceed(workflowId, script(chunks=1)).rest()
        self.assertEqual({frame.item["roundNumber"] for frame in frames}, {2})

    def test_items_without_a_round_are_left_out_of_a_further_round(self):
        client = self.person()
        workflowId, first = client.run(script(chunks=1))
        self.host.edit(("UPDATE item SET round = NULL WHERE workflowId = ?", [(workflowId,)]))
        frames = client.proceed(workflowId, script(chunks=1)).rest()
        self.assertEqual({frame.item["roundNumber"] for frame in frames}, {2})
        everything = self.checkEnd(client.join(workflowId).rest(), "completed")
        self.assertEqual(len(everything), len(first) + len(frames))

    def test_detail_and_stream_show_the_same_items(self):
        client = self.person()
        workflowId, frames = client.run(script(chunks=4, logs=2))
        items = client.detail(workflowId).json()["chatData"]["items"]
        self.assertEqual(items, [frame.json for frame in frames])

    def test_a_long_stream_of_large_items_arrives_whole(self):
        _, frames = self.person().run(script(chunks=60, chunkBytes=50000, logs=0))
        self.checkItems(frames)
        chunks = [frame.item["message"] for frame in frames if frame.item.get("status") == "step"]
        self.assertEqual({len(chunk.encode()) for chunk in chunks}, {50000})
        self.assertEqual(frames[-2].item["message"], "".join(chunks))

    def test_many_rounds_at_once_do_not_mix(self):
        clients = [self.person() for _ in range(12)]
        for workflowId, frames in together(
            *[lambda each=each: each.run(script(chunks=20, delayMs=2)) for each in clients]
        ):
            self.checkItems(frames)
            self.assertEqual({frame.item["workflowId"] for frame in frames}, {workflowId})
            self.assertEqual(len(frames), 24)


class Keepalive(HostCase):
    slow = True

    def test_a_silent_stream_is_kept_alive(self):
        """15 s after the last byte, and not before."""
        client = self.person()
        workflowId, stream = client.begin()
        begun, joined = time.monotonic(), client.join(workflowId)
        joined.take(1)
        for each in (stream, joined):
            self.assertEqual(each.next().raw, b": keepalive\n\n")
            self.assertLessEqual(14.5, time.monotonic() - begun)
            self.assertLess(time.monotonic() - begun, 20)
        client.stop(workflowId)
        self.assertEqual(stream.rest(), [])
        self.checkEnd(joined.rest(), "stopped")


def dechunked(body):
    """The payload of a chunked body, every chunk's frame checked."""
    payload = b""
    while True:
        size, _, body = body.partition(b"\r\n")
        length = int(size, 16)
        payload += body[:length]
        if length == 0:
            return payload
        assert body[length : length + 2] == b"\r\n"
        body = body[length + 2 :]
