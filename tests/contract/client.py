"""A plain HTTP client of the host, and a reader of server-sent events that looks at every byte."""
import http.client
import json
import re
import socket
import struct
from urllib.parse import quote, urlencode

PREFIX = "/api/chatbot"
TIMEOUT = 20.0

ITEM_FRAME = re.compile(rb"id: ([1-9][0-9]*)\ndata: (\{[^\n]*\})\n\n")
END_FRAME = re.compile(rb"event: end\ndata: (\{[^\n]*\})\n\n")
KEEPALIVE = b": keepalive\n\n"


def compact(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def script(text="", **plan):
    """A prompt for the script responder."""
    return f"#bench {compact(plan)}\n{text}"


class Answer:
    """A response that was read to its end."""

    def __init__(self, response, body):
        self.status = response.status
        self.headers = response.headers
        self.body = body

    def json(self):
        return json.loads(self.body)

    @property
    def detail(self):
        return self.json()["detail"]

    def __repr__(self):
        return f"{self.status} {self.body[:500]!r}"


class Frame:
    """One frame of an event stream: an item, the end, or a keepalive."""

    def __init__(self, raw):
        self.raw = raw
        self.place = None
        item, end = ITEM_FRAME.fullmatch(raw), END_FRAME.fullmatch(raw)
        if item:
            self.kind, self.place, self.data = "item", int(item.group(1)), item.group(2)
        elif end:
            self.kind, self.data = "end", end.group(1)
        elif raw == KEEPALIVE:
            self.kind, self.data = "keepalive", b"{}"
        else:
            raise AssertionError(f"not a frame of the contract: {raw!r}")
        self.json = json.loads(self.data)

    @property
    def type(self):
        return self.json["type"]

    @property
    def item(self):
        return self.json["item"]

    def __repr__(self):
        return repr(self.raw)


class EventStream:
    """An open stream. Reading it past its deadline is a failure."""

    def __init__(self, connection, response):
        self.connection = connection
        self.response = response
        self.status = response.status
        self.headers = response.headers
        self.buffer = bytearray()
        self.frames = []
        self.cut = False  # the connection broke before the response's proper end

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()

    def next(self):
        """The next frame, or None at the end."""
        searched = 0
        while (end := self.buffer.find(b"\n\n", searched)) < 0:
            searched = max(0, len(self.buffer) - 1)
            data = self.receive()
            if not data:
                return self.finish()
            self.buffer += data
        frame = Frame(bytes(self.buffer[: end + 2]))
        del self.buffer[: end + 2]
        self.frames.append(frame)
        return frame

    def receive(self):
        try:
            return self.response.read1(65536)
        except TimeoutError:
            raise AssertionError(f"nothing came for {TIMEOUT} s after {self.frames[-1:]}") from None
        except (http.client.HTTPException, ConnectionError):
            self.cut = True
            return b""

    def finish(self):
        if self.buffer and not self.cut:
            raise AssertionError(f"the stream ended within a frame: {self.buffer!r}")
        self.close()
        return None

    def take(self, count):
        """The next `count` items, keepalives left out."""
        items = []
        while len(items) < count:
            frame = self.next()
            if frame is None:
                raise AssertionError(f"the stream ended after {len(items)} of {count} items")
            if frame.kind == "item":
                items.append(frame)
        return items

    def rest(self):
        """All frames to the end, keepalives left out."""
        frames = list(iter(self.next, None))
        return [frame for frame in frames if frame.kind != "keepalive"]

    def whole(self):
        """All frames from the first to the end, keepalives left out."""
        self.rest()
        return [frame for frame in self.frames if frame.kind != "keepalive"]

    def close(self):
        self.response.close()
        self.connection.close()

    def reset(self):
        """Goes away without a goodbye."""
        sock = self.connection.sock or self.response.fp.raw._sock
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()


class Client:
    """The requests of one caller, as an authenticating proxy would send them."""

    def __init__(self, host, user=None, mandate=None, roles=()):
        self.host = host
        self.user = user
        self.mandate = mandate
        self.identity = {}
        if user is not None:
            self.identity["X-User-Id"] = user
        if mandate is not None:
            self.identity["X-Mandate-Id"] = mandate
        if roles:
            self.identity["X-Roles"] = roles if isinstance(roles, str) else ",".join(roles)

    def send(self, method, target, body=None, headers=None):
        """Sends a request as it stands; the response is not read yet."""
        connection = http.client.HTTPConnection("127.0.0.1", self.host.port, timeout=TIMEOUT)
        payload = compact(body) if isinstance(body, (dict, list)) else body
        if isinstance(payload, str):
            payload = payload.encode()
        merged = {**self.identity, **(headers or {})}
        if payload is not None:
            merged.setdefault("Content-Type", "application/json")
        connection.request(method, target, payload, merged)
        return connection, connection.getresponse()

    def call(self, method, path, body=None, headers=None, **query):
        """A request below the prefix, answered to its end. Objects in the query become JSON."""
        connection, response = self.send(method, target(path, query), body, headers)
        answer = Answer(response, response.read())
        connection.close()
        return answer

    def stream(self, method, path, body=None, headers=None, **query):
        """A request whose answer is an open stream."""
        connection, response = self.send(method, target(path, query), body, headers)
        if response.status != 200:
            raise AssertionError(f"no stream but {response.status} {response.read()!r}")
        return EventStream(connection, response)

    # The operations of the contract.

    def start(self, prompt, **fields):
        return self.stream("POST", "/start/stream", {"prompt": prompt, **fields})

    def proceed(self, workflowId, prompt):
        """The next round of a workflow."""
        body = {"prompt": prompt}
        return self.stream("POST", "/start/stream", body, workflowId=workflowId)

    def run(self, prompt=None, **fields):
        """A new workflow whose round has ended: its id and its frames."""
        with self.start(prompt or script(chunks=1), **fields) as stream:
            frames = stream.rest()
        return frames[0].item["workflowId"], frames

    def begin(self, **plan):
        """A new workflow whose round goes on until it is stopped: its id and its stream."""
        stream = self.start(script(**{"startDelayMs": 120000, "logs": 0, **plan}))
        return stream.take(1)[0].item["workflowId"], stream

    def join(self, workflowId, after=None, **query):
        headers = {} if after is None else {"Last-Event-ID": str(after)}
        return self.stream("GET", f"/{workflowId}/stream", None, headers, **query)

    def detail(self, workflowId):
        return self.call("GET", "/threads", workflowId=workflowId)

    def list(self, **params):
        return self.call("GET", "/threads", pagination=params) if params else self.listAll()

    def listAll(self):
        return self.call("GET", "/threads")

    def stop(self, workflowId):
        return self.call("POST", f"/{workflowId}/stop")

    def rename(self, workflowId, name):
        return self.call("PATCH", f"/{workflowId}", {"name": name})

    def delete(self, workflowId):
        return self.call("DELETE", f"/{workflowId}")


def target(path, query=None):
    texts = {
        name: value if isinstance(value, (str, bytes)) else compact(value)
        for name, value in (query or {}).items()
    }
    return PREFIX + quote(path, safe="/%") + ("?" + urlencode(texts) if texts else "")


def rawItems(body):
    """The items of a thread's detail, each as the bytes that were sent."""
    text = body.decode()
    position = text.index('"items":[') + len('"items":[')
    decoder, items = json.JSONDecoder(), []
    while text[position] != "]":
        _, end = decoder.raw_decode(text, position)
        items.append(text[position:end].encode())
        position = end + 1 if text[end] == "," else end
    return items
