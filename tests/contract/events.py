"""A reader of server-sent events that looks at every byte."""
import http.client
import json
import re
import socket
import struct

TIMEOUT = 20.0

ITEM_FRAME = re.compile(rb"id: ([1-9][0-9]*)\ndata: (\{[^\n]*\})\n\n")
END_FRAME = re.compile(rb"event: end\ndata: (\{[^\n]*\})\n\n")
KEEPALIVE = b": keepalive\n\n"


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
            raise TimeoutError(f"nothing came in time after {self.frames[-1:]}") from None
        except (http.client.HTTPException, ConnectionError):
            self.cut = True
            return b""

    def finish(self):
        if self.buffer and not self.cut:
            raise AssertionError(f"the stream ended within a frame: {self.buffer!r}")
        self.close()
        return None

    def nextThatSays(self):
        """The next frame that is no keepalive, which is not awaited for ever."""
        for _ in range(2):
            frame = self.next()
            if frame is None or frame.kind != "keepalive":
                return frame
        raise TimeoutError(f"nothing but keepalives after {self.frames[-3:-2]}")

    def take(self, count):
        """The next `count` items."""
        items = []
        while len(items) < count:
            frame = self.nextThatSays()
            if frame is None or frame.kind != "item":
                raise AssertionError(f"{frame} after {len(items)} of {count} items")
            items.append(frame)
        return items

    def rest(self):
        """All frames to the end, keepalives left out."""
        return list(iter(self.nextThatSays, None))

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
