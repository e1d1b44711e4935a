"""A reader of server-sent events that looks at every byte."""
import http.client
import json
import re
import socket
import struct

TIMEOUT = 20.0

PLACE = rb"id: ([1-9][0-9]*)"
OFFSET = rb"\.(0|[1-9][0-9]*)"

ITEM_FRAME = re.compile(PLACE + rb"(?:" + OFFSET + rb")?\ndata: (\{[^\n]*\})\n\n")
DELTA_FRAME = re.compile(PLACE + OFFSET + rb"\nevent: delta\ndata: (\{[^\n]*\})\n\n")
END_FRAME = re.compile(rb"event: end\ndata: (\{[^\n]*\})\n\n")
KEEPALIVE = b": keepalive\n\n"


class Frame:
    """One frame of an event stream: an item, a delta, the end, or a keepalive."""

    def __init__(self, raw):
        self.raw = raw
        self.place = self.offset = None
        item, delta = ITEM_FRAME.fullmatch(raw), DELTA_FRAME.fullmatch(raw)
        end = END_FRAME.fullmatch(raw)
        if item or delta:
            self.kind = "item" if item else "delta"
            place, offset, self.data = (item or delta).groups()
            self.place, self.offset = int(place), None if offset is None else int(offset)
        elif end:
            self.kind, self.data = "end", end.group(1)
        elif raw == KEEPALIVE:
            self.kind, self.data = "keepalive", b"{}"
        else:
            raise AssertionError(f"not a frame of the contract: {raw!r}")
        self.json = json.loads(self.data)

    @property
    def id(self):
        """What a client says to go on after this frame; None where the frame has none."""
        if self.offset is None:
            return None if self.place is None else str(self.place)
        return f"{self.place}.{self.offset}"

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
        self.allowed = None  # so many bytes come before it breaks

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

    def cutAfter(self, count):
        """Lets the connection break after so many bytes, wherever that is."""
        self.allowed = count

    def receive(self):
        if self.allowed is None:
            return self.receiveSome(65536)
        data = self.receiveSome(self.allowed) if self.allowed else b""
        self.allowed -= len(data)
        self.cut = self.cut or self.allowed == 0
        return data

    def receiveSome(self, size):
        try:
            return self.response.read1(size)
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

    def until(self, isReached):
        """The next frames up to the first of which `isReached` is true."""
        frames = []
        while not frames or not isReached(frames[-1]):
            frame = self.nextThatSays()
            if frame is None:
                raise AssertionError(f"the stream has ended after {self.frames[-1:]}")
            frames.append(frame)
        return frames

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
