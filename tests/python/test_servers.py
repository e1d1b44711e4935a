"""The ASGI and WSGI applications themselves, where servers and mounts differ."""

import asyncio
import io
import json
import tempfile
import unittest
from pathlib import Path
from wsgiref.util import is_hop_by_hop, setup_testing_defaults
from wsgiref.validate import validator

import chatbot.asgi
import chatbot.wsgi

ALICE = chatbot.Identity("alice", "acme", ["user"])
START = json.dumps({"prompt": "Hello"}).encode()


class ServerCase(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.store = str(Path(folder.name) / "threads.sqlite")
        self.engine = chatbot.Engine(self.store, responder="host", maxBodyBytes=1000)
        self.addCleanup(self.engine.close)

    def threads(self):
        return len(self.engine.list(ALICE)["items"])


class Asgi(ServerCase):
    def ask(self, path, root="", identify=lambda _: ALICE, messages=(), **more):
        """The status, the headers and the body of an answer."""
        scope = {"type": "http", "method": more.get("method", "GET"), "path": path,
                 "http_version": more.get("version", "1.1"), "root_path": root,
                 "query_string": more.get("query", b""),
                 "headers": [(b"content-type", b"application/json")]}
        left = list(messages) or [{"type": "http.request", "body": b""}]
        sent = self.run_app(scope, left, identify)
        body = b"".join(message.get("body", b"") for message in sent[1:])
        return sent[0]["status"], dict(sent[0]["headers"]), body

    def run_app(self, scope, left, identify=lambda _: ALICE):
        """What is sent; the client says what is in `left`, and then nothing more."""
        sent = []

        async def receive():
            return left.pop(0) if left else await asyncio.Event().wait()

        async def send(message):
            sent.append(message)

        application = chatbot.asgi.App(self.engine, identify)
        asyncio.run(asyncio.wait_for(application(scope, receive, send), 30))
        return sent

    def test_mounted_wherever(self):
        for path, root in (
            ("/api/chatbot/threads", ""),
            ("/api/chatbot/threads", "/api/chatbot"),
            ("/threads", "/api/chatbot"),  # frameworks that cut the mount off
            ("/bot/threads", "/bot"),
            ("/proxy/bot/threads", "/proxy/bot"),
        ):
            status, headers, body = self.ask(path, root)
            self.assertEqual(status, 200, (path, root, body))
            self.assertEqual(int(headers[b"content-length"]), len(body))
        self.assertEqual(self.ask("/api/chatbotx/threads")[0], 404)

    def test_a_decoded_path_is_no_query(self):
        status, _, _ = self.ask("/threads?pagination=nonsense")
        self.assertEqual(status, 405)  # as for any other id of a conversation

    def test_another_prefix(self):
        with chatbot.Engine(self.store + "2", prefix="/chat") as self.engine:
            for path, root in (("/threads", "/bot"), ("/chat/threads", ""), ("/b/threads", "/b")):
                self.assertEqual(self.ask(path, root)[0], 200, path)

    def test_a_query_that_is_not_encoded(self):
        self.engine.start(ALICE, "Grüße")
        for name in ("Grüße", "Gr%C3%BC%C3%9Fe"):
            given = f'pagination={{"page":1,"pageSize":5,"filters":{{"search":"{name}"}}}}'
            status, _, body = self.ask("/threads", query=given.encode())
            self.assertEqual((status, len(json.loads(body)["items"])), (200, 1), body)

    def test_a_websocket_is_refused(self):
        sent = self.run_app({"type": "websocket", "path": "/threads", "headers": []}, [])
        self.assertEqual(sent, [{"type": "websocket.close"}])

    def test_who_identifies(self):
        async def slowly(_):
            return ALICE

        def refuse(_):
            return chatbot.Identity("")

        self.assertEqual(self.ask("/threads", identify=slowly)[0], 200)
        self.assertEqual(self.ask("/threads", identify=lambda _: None)[0], 401)
        status, _, body = self.ask("/threads", identify=refuse)
        self.assertIn(status, (400, 422), body)
        self.assertIn(b"userId", body)

    def test_a_client_that_leaves_within_its_request_starts_nothing(self):
        messages = [{"type": "http.request", "body": START, "more_body": True},
                    {"type": "http.disconnect"}]
        self.assertEqual(self.ask("/start/stream", messages=messages, method="POST")[0], 400)
        self.assertEqual(self.threads(), 0)

    def test_a_body_that_is_too_large_is_not_read_on(self):
        messages = [{"type": "http.request", "body": b"x" * 600, "more_body": True}] * 2
        status, _, body = self.ask("/start/stream", messages=messages, method="POST")
        self.assertEqual(status, 413, body)

    def test_a_client_that_leaves_its_stream_ends_it(self):
        for count, (version, connection) in enumerate((("1.1", b"keep-alive"), ("2", None)), 1):
            messages = [{"type": "http.request", "body": START}, {"type": "http.disconnect"}]
            more = {"method": "POST", "version": version}
            status, headers, _ = self.ask("/start/stream", messages=messages, **more)
            self.assertEqual((status, headers[b"content-type"]), (200, b"text/event-stream"))
            self.assertEqual(headers.get(b"connection"), connection)
            self.assertEqual(self.threads(), count)


class Wsgi(ServerCase):
    def ask(self, path, body=b"", length=None, method="GET", identify=lambda _: ALICE, **more):
        environ = {"REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": "",
                   "CONTENT_TYPE": "application/json", "wsgi.input": io.BytesIO(body),
                   "CONTENT_LENGTH": str(len(body)) if length is None else length, **more}
        started = []
        application = chatbot.wsgi.App(self.engine, identify)
        answer = application(environ, lambda *each: started.append(each))
        return started[0][0], answer

    def test_mounted_wherever(self):
        self.assertEqual(self.ask("/threads")[0], "200 OK")
        self.assertEqual(self.ask("/api/chatbot/threads")[0], "200 OK")
        self.assertEqual(self.ask("/api/chatbotx/threads")[0], "404 Not Found")

    def test_who_identifies(self):
        refused = self.ask("/threads", identify=lambda _: None)
        self.assertEqual(refused[0], "401 Unauthorized")

    def test_a_body_that_is_not_whole_starts_nothing(self):
        for length in ("1000", "-1", "many"):
            status, _ = self.ask("/start/stream", START, length, "POST")
            self.assertEqual(status, "400 Bad Request", length)
        self.assertEqual(self.threads(), 0)

    def test_a_body_that_is_too_large_is_refused(self):
        status, _ = self.ask("/start/stream", b"x" * 5000, method="POST")
        self.assertTrue(status.startswith("413 "), status)

    def test_a_body_that_comes_in_pieces(self):
        class Slow(io.BytesIO):
            def read(self, size=-1):
                return super().read(min(size, 3))

        for length, ends in ((str(len(START)), False), ("", True)):
            more = {"wsgi.input": Slow(START), "wsgi.input_terminated": ends}
            status, frames = self.ask("/start/stream", length=length, method="POST", **more)
            self.assertEqual(status, "200 OK")
            frames.close()

    def test_a_query_that_is_not_encoded(self):
        self.engine.start(ALICE, "Grüße")
        given = 'pagination={"page":1,"pageSize":5,"filters":{"search":"Grüße"}}'
        query = given.encode().decode("latin-1")
        status, (body,) = self.ask("/threads", QUERY_STRING=query)
        self.assertEqual((status, len(json.loads(body)["items"])), ("200 OK", 1), body)

    def test_as_the_specification_of_wsgi_says(self):
        application = validator(chatbot.wsgi.App(self.engine, lambda _: ALICE))
        for method, path, body in (("GET", "/threads", b""), ("POST", "/start/stream", START)):
            environ = {"REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": "",
                       "SCRIPT_NAME": "/api/chatbot", "wsgi.input": io.BytesIO(body),
                       "CONTENT_LENGTH": str(len(body)), "CONTENT_TYPE": "application/json"}
            setup_testing_defaults(environ)
            answered = {}

            def start(status, headers, answered=answered):
                answered.update(headers, status=status)

            answer = application(environ, start)
            self.assertTrue(next(iter(answer)))
            answer.close()
            self.assertEqual(answered["status"], "200 OK")
            self.assertEqual([name for name in answered if is_hop_by_hop(name)], [])
        self.assertEqual(answered["Content-Type"], "text/event-stream")
        self.assertEqual(answered["Cache-Control"], "no-cache")
        self.assertEqual(answered["X-Accel-Buffering"], "no")

    def test_a_stream_that_the_server_closes(self):
        status, frames = self.ask("/start/stream", START, method="POST")
        self.assertEqual(status, "200 OK")
        self.assertTrue(next(iter(frames)).startswith(b"id: 1\n"))
        frames.close()
        self.assertRaises(StopIteration, next, frames)


if __name__ == "__main__":
    unittest.main()
