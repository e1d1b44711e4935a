"""A model server that speaks as much of the chat-completions protocol as the tests need."""
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from host import awaitThat


def event(data):
    return f"data: {data if isinstance(data, str) else json.dumps(data)}\n\n".encode()


def delta(text):
    return event({"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": None}]})


END = (
    event({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    + event({"choices": [], "usage": {"prompt_tokens": 5, "completion_tokens": 3}})
    + event("[DONE]")
)


class Handler(BaseHTTPRequestHandler):
    """What the user's message says decides the answer: `fail`, `wait`, or else an echo."""

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.requests.append((self.path, dict(self.headers), body))
        prompt = body["messages"][-1]["content"]
        if prompt == "fail":
            return self.answer(400, b'{"error": {"message": "words of the server"}}')
        self.answer(200, b"", "text/event-stream")
        self.wfile.write(delta("You said: "))
        if prompt == "wait":
            return self.waitForEnd()
        self.wfile.write(delta(prompt) + END)

    def answer(self, status, body, contentType="application/json"):
        self.send_response(status)
        self.send_header("Content-Type", contentType)
        self.end_headers()
        self.wfile.write(body)

    def waitForEnd(self):
        """Until the client closes its connection."""
        if self.rfile.read(1) == b"":
            self.server.left.release()

    def log_message(self, *_):
        pass


class ModelServer(ThreadingHTTPServer):
    """Listens until close(); `requests` holds (path, headers, body) of each request."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, context=None):
        """`context`: an ssl.SSLContext with the server's certificate; plain HTTP without."""
        super().__init__(("127.0.0.1", 0), Handler)
        self.scheme = "http" if context is None else "https"
        if context is not None:
            self.socket = context.wrap_socket(self.socket, server_side=True)
        self.requests = []
        self.left = threading.Semaphore(0)  # released by each client that goes in the middle
        self.thread = threading.Thread(target=self.serve_forever, args=(0.01,))
        self.thread.start()

    @property
    def url(self):
        return f"{self.scheme}://127.0.0.1:{self.server_port}/v1"

    def requestOf(self, prompt):
        """The request that ends with this message."""
        return awaitThat(lambda: self.find(prompt), f"a request with {prompt}")

    def find(self, prompt):
        return next((each for each in self.requests
                     if each[2]["messages"][-1]["content"] == prompt), None)

    def handle_error(self, *_):
        pass  # a client that goes, or that does not trust the certificate

    def close(self):
        self.shutdown()
        self.thread.join()
        self.server_close()
