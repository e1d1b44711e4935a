"""A plain HTTP client of the host."""
import http.client
import json
from urllib.parse import quote, urlencode

from events import TIMEOUT, EventStream

PREFIX = "/api/chatbot"


def compact(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def script(text="", **plan):
    """A prompt for the script responder."""
    return f"#bench {compact(plan)}\n{text}"


class Refused(AssertionError):
    """No stream, but another answer."""

    def __init__(self, answer):
        super().__init__(f"no stream but {answer}")
        self.answer = answer


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
            raise Refused(Answer(response, response.read()))
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
