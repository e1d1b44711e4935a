"""Python's asyncio waits for streams by their descriptors: asyncio_test.py FOLDER LIBRARY.

Many streams of a responder that writes at its own pace are read in one thread, once by a descriptor
for each stream and once by a wait set's. A wake-up that is missed shows as a deadline.
"""

import asyncio
import ctypes
import json
import sys

STREAMS = 50
MESSAGES = 20
SECONDS = 60
OK, WOULD_BLOCK, END = 0, 1, 2
DELTAS = 1

Handle, Text, Size = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t
Descriptor = ctypes.c_ssize_t  # intptr_t


class Library:
    """The C functions, each with its parameters before `err`, which is NULL here."""

    SIGNATURES = {
        "options_set": [Handle, Text, Text, Size],
        "engine_open": [Handle, ctypes.POINTER(Handle)],
        "identity_new": [Text, Size, ctypes.POINTER(Handle)],
        "start": [Handle, Handle, Text, Size, Text, Size, ctypes.c_int32, Handle,
                  ctypes.POINTER(Handle)],
        "stream_read": [Handle, ctypes.c_int64, Text, Size, ctypes.POINTER(Size)],
        "stream_pollable": [Handle, ctypes.POINTER(Descriptor)],
        "waitset_new": [Handle, ctypes.POINTER(Handle)],
        "waitset_add": [Handle, Handle, ctypes.c_uint64],
        "waitset_wait": [Handle, ctypes.c_int64, ctypes.POINTER(ctypes.c_uint64), Size,
                         ctypes.POINTER(Size)],
        "waitset_pollable": [Handle, ctypes.POINTER(Descriptor)],
    }
    OTHERS = ["options_free", "engine_free", "identity_free", "stream_free", "waitset_free"]

    def __init__(self, path):
        library = ctypes.CDLL(path)
        for name, parameters in self.SIGNATURES.items():
            function = getattr(library, f"chatbot_{name}")
            function.argtypes = [*parameters, Handle]
            function.restype = ctypes.c_int32
            setattr(self, name, function)
        for name in self.OTHERS:
            function = getattr(library, f"chatbot_{name}")
            function.argtypes, function.restype = [Handle], None
            setattr(self, name, function)
        self.options_new = library.chatbot_options_new
        self.options_new.argtypes, self.options_new.restype = [], Handle
        self.waitset_remove = library.chatbot_waitset_remove
        self.waitset_remove.argtypes, self.waitset_remove.restype = [Handle, Handle], None

    def made(self, function, *arguments, kind=Handle):
        """What a function writes into its last parameter but one."""
        out = kind()
        status = function(*arguments, ctypes.byref(out), None)
        assert status == OK, (function.__name__, status)
        return out.value


class Reader:
    """Reads one stream, which its loop says is ready."""

    def __init__(self, library, stream):
        self.library, self.stream = library, stream
        self.buffer = ctypes.create_string_buffer(1000)
        self.received = b""
        self.over = asyncio.get_running_loop().create_future()

    def read(self):
        """One read a time, so that the rest is there to be told again."""
        written = Size()
        status = self.library.stream_read(self.stream, 0, self.buffer, len(self.buffer),
                                          ctypes.byref(written), None)
        self.received += self.buffer.raw[:written.value]
        # Readable means that a read does not wait.
        assert status in (OK, END), status
        if status == END:
            self.over.set_result(None)

    def items(self):
        """(place, item) of each frame that has an item."""
        for frame in self.received.decode("utf-8").split("\n\n"):
            fields = dict(line.split(": ", 1) for line in frame.splitlines() if ": " in line)
            if "id" in fields and "event" not in fields:
                yield int(fields["id"].split(".")[0]), json.loads(fields["data"])

    def text(self):
        """What the deltas say, which come in order and without gaps; a reader that is late reads
        the rest in the message."""
        text = ""
        for frame in self.received.decode("utf-8").split("\n\n"):
            if "\nevent: delta\n" in frame:
                delta = json.loads(frame.split("\ndata: ", 1)[1])
                assert delta["offset"] == len(text), frame
                text += delta["text"]
        return text

    def check(self):
        items = list(self.items())
        assert [place for place, _ in items] == list(range(1, len(items) + 1)), items
        messages = [item["item"] for _, item in items if item["type"] == "message"]
        assert len(messages) == MESSAGES + 2, len(messages)  # with the prompt and the answer
        assert messages[-1]["message"].startswith(self.text())
        assert self.received.endswith(b'event: end\ndata: {"status":"completed"}\n\n')


class Bench:
    """An engine, its caller, and streams of rounds that have just been started."""

    def __init__(self, folder, path):
        self.library = Library(path)
        options = self.library.options_new()
        for name, value in {"store": f"{folder}/asyncio.sqlite", "responder": "script",
                            "rateLimit": "0", "keepaliveMs": "10"}.items():
            status = self.library.options_set(options, name.encode(), value.encode(),
                                              len(value.encode()), None)
            assert status == OK, name
        self.engine = self.library.made(self.library.engine_open, options)
        self.library.options_free(options)
        caller = b'{"userId": "ada", "mandateId": "acme", "roles": ["user"]}'
        self.caller = self.library.made(self.library.identity_new, caller, len(caller))

    def reader(self):
        plan = {"chunks": MESSAGES, "delayMs": 3, "deltas": 10, "deltaText": "Grüße 😀 "}
        body = json.dumps({"prompt": f"#bench {json.dumps(plan)}"}).encode()
        stream = self.library.made(self.library.start, self.engine, self.caller, body, len(body),
                                   None, 0, DELTAS, None)
        return Reader(self.library, stream)

    def close(self):
        self.library.identity_free(self.caller)
        self.library.engine_free(self.engine)


async def readEach(bench, readers):
    """A descriptor for each stream."""
    loop = asyncio.get_running_loop()
    for reader in readers:
        descriptor = bench.library.made(bench.library.stream_pollable, reader.stream,
                                        kind=Descriptor)
        loop.add_reader(descriptor, reader.read)
        reader.over.add_done_callback(lambda _, it=descriptor: loop.remove_reader(it))
    await asyncio.gather(*(reader.over for reader in readers))


async def readSet(bench, readers):
    """One descriptor for all: a wait set's, which has more ready streams than one wait answers."""
    library, loop = bench.library, asyncio.get_running_loop()
    waiting = library.made(library.waitset_new, bench.engine)
    for token, reader in enumerate(readers, 1):
        assert library.waitset_add(waiting, reader.stream, token, None) == OK
    tokens, count = (ctypes.c_uint64 * 8)(), Size()

    def answer():
        status = library.waitset_wait(waiting, 0, tokens, len(tokens), ctypes.byref(count), None)
        assert status == OK, status
        for token in tokens[:count.value]:
            reader = readers[token - 1]
            reader.read()
            if reader.over.done():
                library.waitset_remove(waiting, reader.stream)

    descriptor = library.made(library.waitset_pollable, waiting, kind=Descriptor)
    loop.add_reader(descriptor, answer)
    await asyncio.gather(*(reader.over for reader in readers))
    loop.remove_reader(descriptor)
    assert library.waitset_wait(waiting, 0, tokens, len(tokens), ctypes.byref(count),
                                None) == WOULD_BLOCK
    library.waitset_free(waiting)


def failAtOnce(loop, context):
    """A fault in a callback would only be printed."""
    loop.default_exception_handler(context)
    sys.exit(1)


async def main(folder, path):
    asyncio.get_running_loop().set_exception_handler(failAtOnce)
    bench = Bench(folder, path)
    for read in (readEach, readSet):
        readers = [bench.reader() for _ in range(STREAMS)]
        await asyncio.wait_for(read(bench, readers), SECONDS)
        for reader in readers:
            reader.check()
        assert any(reader.text() for reader in readers), "no deltas"
        for reader in readers:
            bench.library.stream_free(reader.stream)
        print(f"{read.__name__}: {sum(len(reader.received) for reader in readers)} bytes")
    bench.close()


asyncio.run(main(*sys.argv[1:]))
