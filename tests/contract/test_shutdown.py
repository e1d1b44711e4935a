"""SIGTERM: streams end, the program ends with 0 within 2 s, and nothing is lost."""
import signal
import socket

from case import HostCase
from client import script
from host import STOP_DEADLINE


class Shutdown(HostCase):
    def setUp(self):
        self.host.kill()
        self.host.start()

    def end(self):
        self.host.signal(signal.SIGTERM)
        self.assertEqual(self.host.wait(STOP_DEADLINE), 0, self.host.log()[-2000:])

    def test_without_clients(self):
        self.end()

    def test_with_open_streams_they_end(self):
        client = self.person()
        workflowId, stream = client.begin()
        joined = [client.join(workflowId) for _ in range(20)]
        for each in joined:
            each.take(1)
        self.end()
        for each in (stream, *joined):
            frames = each.rest()
            self.assertFalse([frame for frame in frames if frame.kind == "end"])

    def test_while_rounds_are_running(self):
        client = self.person()
        streams = [client.start(script(chunks=5000, delayMs=2)) for _ in range(8)]
        shown = [stream.take(5) for stream in streams]
        self.end()
        for stream in streams:
            stream.rest()
        self.host.start()
        for stream, first in zip(streams, shown):
            workflowId = first[0].item["workflowId"]
            thread = self.checkOk(client.detail(workflowId))
            self.assertNotEqual(thread["workflow"]["status"], "running")
            items = thread["chatData"]["items"]
            seen = [frame.json for frame in stream.frames if frame.kind == "item"]
            self.assertEqual(items[: len(seen)], seen)

    def test_with_a_reader_that_does_not_read(self):
        client = self.person()
        stream = client.start(script(chunks=200, chunkBytes=100000))
        stream.response.fp.raw._sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        stream.take(2)
        self.end()
        stream.close()

    def test_with_connections_that_say_nothing(self):
        address = ("127.0.0.1", self.host.port)
        silent = [socket.create_connection(address) for _ in range(10)]
        head = b"POST /api/chatbot/start/stream HTTP/1.1\r\nContent-Length: 100\r\n\r\n"
        silent[0].sendall(head + b"{")
        self.person().listAll()
        self.end()
        for sock in silent:
            sock.close()

    def test_with_connections_kept_alive(self):
        client = self.person()
        connection, response = client.send("GET", "/api/chatbot/threads")
        response.read()
        self.end()
        connection.close()

    def test_twice_is_as_good_as_once(self):
        client = self.person()
        _, stream = client.begin()
        self.host.signal(signal.SIGTERM)
        self.host.signal(signal.SIGTERM)
        self.assertEqual(self.host.wait(STOP_DEADLINE), 0)
        stream.close()

    def test_the_database_is_whole_afterwards(self):
        client = self.person()
        client.run(script(chunks=50))
        _, stream = client.begin()
        self.end()
        stream.close()
        self.assertEqual(self.host.database.faults(), [])
