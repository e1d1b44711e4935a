"""Input that is answered as the contract says and changes nothing."""
import socket

from case import HostCase
from client import PREFIX, compact, script
from events import TIMEOUT

ABSENT = "01890000-0000-7000-8000-000000000006"

# Ids that are not ids, as they stand in a path. No database, path or format may be moved by them.
NO_IDS = (
    "abc",
    "0",
    "-1",
    "null",
    "None",
    "*",
    "%25",
    "%27%20OR%20%271%27%3D%271",
    "%22%3B--",
    "%00",
    "%01%1b%7f",
    "%0d%0aSet-Cookie%3a%20x%3d1",
    "%c3%a4",
    "%f0%9f%98%80",
    "..%2f..%2fetc%2fpasswd",
    "%7B%7D",
    "01890000-0000-7000-8000-00000000000",
    "01890000-0000-7000-8000-0000000000060",
    "01890000000070008000000000000006",
    "%7B01890000-0000-7000-8000-000000000006%7D",
    "x" * 4000,
)

NOT_UTF8 = (b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x82", b"\x80")

BODIES = (
    b"",
    b" ",
    b"{",
    b"\x00",
    b"prompt=hello",
    b'{"prompt": "x"',
    b"{'prompt': 'x'}",
    b'{"prompt": "x",}',
    b'{"prompt": "x"} {"prompt": "y"}',
    b'{"prompt": "x"}\x00',
    b'\xef\xbb\xbf{"prompt": "x"}\xef\xbb\xbf',
    b'{"prompt": "a\nb"}',
    b'{"prompt": "a\x00b"}',
    b'{"prompt": "\\ud800"}',
    b'{"prompt": "\\udc00\\ud800"}',
    b'{"prompt": "\\u12"}',
    b'{"prompt": "x", "n": NaN}',
    b'{"prompt": "x", "n": Infinity}',
    b'{"prompt": "x", "n": 1e400}',
    b"[" * 100000 + b"]" * 100000,
    b'{"prompt":' * 50000 + b'"x"' + b"}" * 50000,
    b'{"prompt": "x", "unknown": ' + b"[" * 5000 + b"]" * 5000 + b"}",
    *[b'{"prompt": "x%s"}' % raw for raw in NOT_UTF8],
    *[b'{"prompt": "x", "%s": 1}' % raw for raw in NOT_UTF8],
    *[b'{"prompt": "x", "workflowId": "%s"}' % raw for raw in NOT_UTF8],
)


class BadInput(HostCase):
    def setUp(self):
        self.client = self.person()
        self.workflowId, _ = self.client.run(script("a witness", chunks=2))
        self.before = self.everything()

    def tearDown(self):
        self.assertEqual(self.everything(), self.before, "something has changed")

    def raw(self, *parts, reply=True):
        """Sends bytes as they are; what came back until the host closed."""
        with socket.create_connection(("127.0.0.1", self.host.port), TIMEOUT) as sock:
            try:
                for part in parts:
                    sock.sendall(part)
                return b"".join(iter(lambda: sock.recv(65536), b"")) if reply else b""
            except ConnectionError:
                return b""

    def head(self, method, path, *headers):
        lines = [f"{method} {PREFIX}{path} HTTP/1.1", "Host: chatbot", "Connection: close"]
        lines += [f"{name}: {value}" for name, value in self.client.identity.items()]
        return "\r\n".join([*lines, *headers, "", ""]).encode()

    def test_bodies_that_are_not_json(self):
        for body in BODIES:
            with self.subTest(body=body[:60]):
                answer = self.client.call("POST", "/start/stream", body)
                detail = self.checkError(answer, 422).detail
                self.assertEqual(detail[0]["loc"][0], "body")
                self.assertNotIn(b"json.exception", answer.body)
                answer = self.client.call("POST", "/start/stream", body, workflowId=self.workflowId)
                self.checkError(answer, 422)
                self.checkError(self.client.call("PATCH", f"/{self.workflowId}", body), 422)

    def test_blank_prompts(self):
        for prompt in ("", " ", "\t\n\r\x0b\x0c", "\u00a0", "\u2003\u3000", "\u2028\u2029\x85"):
            for query in ({}, {"workflowId": self.workflowId}):
                body = {"prompt": prompt}
                answer = self.client.call("POST", "/start/stream", body, **query)
                fault = self.checkError(answer, 422).detail[0]
                self.assertEqual((fault["type"], fault["loc"]), ("value_error", ["body", "prompt"]))

    def test_ids_that_are_not_ids(self):
        for written in NO_IDS:
            with self.subTest(id=written[:60]):
                for method, path, body in (
                    ("POST", f"/{written}/stop", b""),
                    ("GET", f"/{written}/stream", None),
                    ("DELETE", f"/{written}", None),
                    ("PATCH", f"/{written}", {"name": "x"}),
                ):
                    connection, response = self.client.send(method, PREFIX + path, body)
                    self.assertIn(b"not found", response.read())
                    connection.close()
                    self.assertEqual(response.status, 404)
                    self.assertIsNone(response.headers["Set-Cookie"])

    def test_ids_that_are_not_ids_in_query_and_body(self):
        for text in ("abc", "\x00", "a\r\nb", "' OR 1=1 --", "%", "\U0001f600", "x" * 2000, "../x"):
            with self.subTest(id=text[:60]):
                body = {"prompt": "x", "workflowId": text}
                self.checkAbsent(self.client.detail(text), text)
                self.checkAbsent(self.client.call("POST", "/start/stream", body), text)
                body = {"prompt": "x"}
                answer = self.client.call("POST", "/start/stream", body, workflowId=text)
                self.checkAbsent(answer, text)

    def test_an_id_with_something_behind_it_is_not_that_id(self):
        for text in (
            self.workflowId + "\x00",
            self.workflowId + " ",
            " " + self.workflowId,
            self.workflowId + "'",
            self.workflowId + "%",
            self.workflowId[:-1] + "%",
            self.workflowId[:-1] + "_",
        ):
            with self.subTest(id=text):
                self.checkAbsent(self.client.detail(text), text)
                for answer in (
                    self.client.call("DELETE", f"/{percent(text)}"),
                    self.client.call("POST", f"/{percent(text)}/stop"),
                    self.client.call("GET", f"/{percent(text)}/stream"),
                ):
                    self.checkError(answer, 404)

    def test_an_id_in_capitals_reaches_the_workflow_or_nothing(self):
        answer = self.client.detail(self.workflowId.upper())
        if answer.status == 200:
            self.assertEqual(answer.json()["workflow"]["id"], self.workflowId)
        else:
            self.checkAbsent(answer, self.workflowId.upper())

    def test_paths_that_are_not_utf8(self):
        for written in ("%ff", "%c0%af", "%ed%a0%80", "%", "%4", "%zz"):
            connection, response = self.client.send("DELETE", f"{PREFIX}/{written}")
            response.read().decode()
            connection.close()
            self.assertIn(response.status, (400, 404), written)

    def test_a_body_over_the_limit(self):
        body = compact({"prompt": "x" * 2**20}).encode()
        for path in ("/start/stream", f"/start/stream?workflowId={self.workflowId}"):
            head = self.head("POST", path, f"Content-Length: {len(body)}")
            answer = self.raw(head, body)
            self.assertTrue(answer.startswith(b"HTTP/1.1 413 "), answer[:200])
            self.assertTrue(answer.endswith(b'{"detail":"Request body too large"}'), answer[-100:])

    def test_a_chunked_body_over_the_limit(self):
        head = self.head("POST", "/start/stream", "Transfer-Encoding: chunked")
        chunk = b"10000\r\n" + b" " * 65536 + b"\r\n"
        answer = self.raw(head, b'e\r\n{"prompt":"x"}\r\n', *[chunk] * 20, b"0\r\n\r\n")
        self.assertTrue(answer.startswith(b"HTTP/1.1 413 "), answer[:200])

    def test_a_body_that_claims_to_be_huge(self):
        """Refused, or given up by the host; the claim costs nothing."""
        for length in ("1099511627776", "99999999999999999999", "-1", "x"):
            with socket.create_connection(("127.0.0.1", self.host.port), TIMEOUT) as sock:
                sock.sendall(self.head("POST", "/start/stream", f"Content-Length: {length}"))
                sock.shutdown(socket.SHUT_WR)
                answer = sock.recv(65536)
            self.assertNotIn(b" 200 ", answer[:20])

    def test_a_client_that_goes_away_within_its_request(self):
        body = compact({"prompt": script(chunks=1)}).encode()
        head = self.head("POST", "/start/stream", f"Content-Length: {len(body)}")
        for sent in (head[:20], head[:-2], head, head + body[:10], head + body[:-1]):
            self.raw(sent, reply=False)
        rename = compact({"name": "changed"}).encode()
        length = f"Content-Length: {len(rename) + 1}"
        self.raw(self.head("PATCH", f"/{self.workflowId}", length) + rename, reply=False)
        self.checkOk(self.client.listAll())

    def test_a_request_within_the_body_of_another(self):
        """A GET has no body here; what follows it must not be taken for a request."""
        hidden = self.head("DELETE", f"/{self.workflowId}").replace(b"close", b"keep-alive")
        for length in (f"Content-Length: {len(hidden)}", "Transfer-Encoding: chunked"):
            self.raw(self.head("GET", "/threads", length).replace(b"close", b"keep-alive"), hidden)

    def test_an_identity_that_was_given_twice(self):
        """A proxy that adds to its client's headers is not to be believed."""
        root = self.allSeeing().identity
        for name, value in root.items():
            answer = self.raw(self.head("DELETE", f"/{self.workflowId}", f"{name}: {value}"))
            self.assertTrue(answer.startswith(b"HTTP/1.1 401 "), answer[:200])

    def test_requests_that_are_not_http(self):
        for text in (b"\r\n\r\n", b"GET\r\n\r\n", b"\x00" * 100, b"GET / HTTP/9.9\r\n\r\n"):
            self.raw(text + b"\r\n", reply=False)
        self.checkOk(self.client.listAll())

    def test_a_target_that_is_too_long(self):
        target = f"{PREFIX}/threads?pagination={'x' * 60000}"
        connection, response = self.client.send("GET", target)
        response.read()
        connection.close()
        self.assertIn(response.status, (400, 414, 431))

    def test_pages_that_are_too_large(self):
        for page in (2**31, 2**63 - 1):
            self.assertEqual(self.checkOk(self.client.list(page=page))["items"], [])
        for page in (2**63, 2**64, 10**100):
            answer = self.checkError(self.client.list(page=page), 400)
            self.assertIn("page", answer.detail)

    def test_an_unknown_id_beside_a_known_one(self):
        body = {"prompt": "x", "workflowId": self.workflowId}
        for text in (ABSENT, "abc", "null"):
            answer = self.client.call("POST", "/start/stream", body, workflowId=text)
            self.checkAbsent(answer, text)

    def test_a_foreign_id_beside_a_known_one(self):
        stranger = self.person()
        foreign = {"prompt": "x", "workflowId": self.workflowId}
        answer = stranger.call("POST", "/start/stream", foreign, workflowId=ABSENT)
        self.checkAbsent(answer, ABSENT)
        answer = stranger.call("POST", "/start/stream", foreign)
        self.checkAbsent(answer, self.workflowId)


def percent(text):
    return "".join(f"%{byte:02x}" for byte in text.encode())
