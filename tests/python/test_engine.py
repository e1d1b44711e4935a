"""The package as its users call it, on a real database."""

import asyncio
import inspect
import http.server
import json
import subprocess
import sys
import tempfile
import threading
import typing
import unittest
from pathlib import Path

import chatbot.asgi
import chatbot.wsgi

ALICE = chatbot.Identity("alice", "acme", ["user"])
BOB = chatbot.Identity("bob", "globex", ["user"])


class EngineCase(unittest.TestCase):
    responder = "echo"

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.store = str(Path(folder.name) / "threads.sqlite")
        self.engine = chatbot.Engine(self.store, responder=self.responder)
        self.addCleanup(self.engine.close)

    def begin(self, prompt="Hello", **how):
        return self.engine.start(ALICE, prompt, **how)


class Conversations(EngineCase):
    def test_a_round_from_start_to_end(self):
        workflow, stream = self.begin()
        events = list(stream)
        self.assertEqual({event.kind for event in events}, {"item"})
        self.assertEqual(events[0].data["item"]["message"], "Hello")
        self.assertEqual(stream.end_reason, "completed")
        self.assertEqual(workflow["status"], "running")
        thread = self.engine.detail(ALICE, workflow["id"])
        self.assertEqual(thread["chatData"]["items"], [event.data for event in events])

    def test_a_conversation_is_listed_renamed_gone_on_with_and_deleted(self):
        workflow, stream = self.begin()
        list(stream)
        self.engine.rename(ALICE, workflow["id"], "Another name")
        list(self.begin("More", workflow_id=workflow["id"]).stream)
        page = self.engine.list(ALICE, {"pageSize": 5})
        self.assertEqual([row["name"] for row in page["items"]], ["Another name"])
        self.assertEqual(page["items"][0]["currentRound"], 2)
        self.engine.delete(ALICE, workflow["id"])
        self.assertEqual(len(self.engine.list(ALICE)["items"]), 0)

    def test_a_stream_is_taken_up_again(self):
        workflow, stream = self.begin()
        first = next(stream)
        place = stream.place
        rest = list(stream)
        again = self.engine.join(ALICE, workflow["id"], place)
        self.assertEqual(list(again), rest)
        self.assertEqual(list(self.engine.join(ALICE, workflow["id"])), [first, *rest])
        self.assertIsNone(self.engine.join(ALICE, workflow["id"], again.place))

    def test_the_same_key_is_one_round(self):
        first = self.begin(idempotency_key="k").workflow
        self.assertEqual(self.begin(idempotency_key="k").workflow["id"], first["id"])
        self.assertEqual(len(self.engine.list(ALICE)["items"]), 1)

    def test_the_endpoints(self):
        body = json.dumps({"prompt": "Hello"}).encode()
        headers = {"Content-Type": "application/json"}
        target = "/api/chatbot/start/stream"
        response = self.engine.serve(ALICE, "POST", target, headers, body)
        self.assertEqual(response.status, 200)
        self.assertIn(("Content-Type", "text/event-stream"), response.headers)
        frames = b"".join(response.stream.chunks())
        self.assertTrue(frames.startswith(b"id: 1\n"), frames[:80])
        listed = self.engine.serve(ALICE, "GET", "/api/chatbot/threads")
        self.assertEqual(len(json.loads(listed.body)["items"]), 1)
        self.assertIsNone(listed.stream)
        self.assertIn("paths", self.engine.openapi())


class Refusals(EngineCase):
    def test_another_tenant_finds_nothing(self):
        workflow = self.begin().workflow
        with self.assertRaises(chatbot.NotFound) as refused:
            self.engine.detail(BOB, workflow["id"])
        self.assertEqual(refused.exception.code, "CHATBOT_NOT_FOUND")
        self.assertEqual(refused.exception.http_status, 404)
        self.assertIn(workflow["id"], str(refused.exception))

    def test_what_does_not_fit_is_named(self):
        with self.assertRaisesRegex(chatbot.InvalidArgument, "noSuch"):
            chatbot.Engine(self.store, noSuch=1)
        with self.assertRaisesRegex(TypeError, "roles"):
            chatbot.Identity("alice", "acme", "user")
        with self.assertRaises(chatbot.InvalidArgument) as refused:
            self.engine.start(ALICE, {"prompt": 7})
        self.assertEqual(refused.exception.detail[0]["loc"], ["body", "prompt"])

    def test_a_closed_engine_is_unavailable(self):
        self.engine.close()
        with self.assertRaises(chatbot.Unavailable):
            self.engine.list(ALICE)

    def test_rules_decide(self):
        row = {"mandateId": "acme", "_createdBy": "alice"}
        self.assertTrue(self.engine.allows(ALICE, "ChatWorkflow", "read", row))
        self.engine.set_rules([{"role": "user", "table": "ChatWorkflow", "read": "n"}])
        self.assertFalse(self.engine.allows(ALICE, "ChatWorkflow", "read", row))
        self.assertEqual(self.engine.explain(ALICE, "ChatWorkflow", "read")["level"], "n")
        self.assertEqual(len(self.engine.rules()), 1)


class Turns(EngineCase):
    responder = "host"

    def test_a_turn_is_answered(self):
        stream = self.begin("Question").stream
        with self.engine.take(10) as turn:
            self.assertEqual((turn.prompt, turn.history), ("Question", []))
            turn.log("thinking")
            turn.delta("An ")
            turn.delta("answer")
            turn.message(status="last")
        texts = [event.data["item"]["message"] for event in stream]
        self.assertEqual(texts, ["Question", "thinking", "An answer"])
        self.assertEqual(stream.end_reason, "completed")

    def test_a_turn_that_raises_fails_its_round(self):
        stream = self.begin().stream
        with self.assertRaises(ValueError), self.engine.take(10):
            raise ValueError
        self.assertEqual([event.data["type"] for event in stream], ["message", "log"])
        self.assertEqual(stream.end_reason, "error")

    def test_a_stopped_turn_knows(self):
        workflow, _ = self.begin()
        turn = self.engine.take(10)
        self.assertFalse(turn.cancelled)
        self.engine.stop(ALICE, workflow["id"])
        self.assertTrue(turn.cancelled)
        self.assertFalse(turn.message("too late"))
        self.assertFalse(turn.complete())

    def test_nothing_waits(self):
        self.assertIsNone(self.engine.take(0))


class OnAnEventLoop(EngineCase):
    responder = "host"

    def run_with_taker(self, body):
        async def answer():
            async for turn in self.engine.turns():
                async with turn:
                    for word in turn.prompt.split():
                        await turn.delta(word + " ")
                    await turn.message(status="last")

        async def main():
            takers = [asyncio.create_task(answer()) for _ in range(3)]
            result = await asyncio.wait_for(body(), 60)
            self.engine.close()
            await asyncio.wait_for(asyncio.gather(*takers), 60)
            return result

        return asyncio.run(main())

    def test_many_streams_wait_without_a_thread_for_each(self):
        async def read(number):
            caller = chatbot.Identity(f"user {number}", "acme", ["user"])
            stream = self.engine.start(caller, f"number {number}", deltas=True).stream
            return [event async for event in stream if event.kind == "item"]

        async def body():
            reading = asyncio.gather(*map(read, range(200)))
            await asyncio.sleep(0)
            before = threading.active_count()
            return await reading, before

        streams, threads = self.run_with_taker(body)
        texts = [[event.data["item"]["message"] for event in items] for items in streams]
        self.assertEqual(texts, [[f"number {n}", f"number {n} "] for n in range(200)])
        self.assertLess(threads, 64)  # those of the executor

    def test_frames_for_a_server(self):
        async def body():
            stream = self.begin().stream
            return b"".join([piece async for piece in stream.async_chunks()])

        frames = self.run_with_taker(body).split(b"\n\n")
        self.assertEqual([frame[:5] for frame in frames], [b"id: 1", b"id: 2", b""])

    def test_a_reader_that_is_cancelled_leaves_the_stream_usable(self):
        async def body():
            stream = self.begin("one").stream
            await stream.__anext__()
            waiting = asyncio.create_task(stream.__anext__())
            await asyncio.sleep(0)
            waiting.cancel()
            await asyncio.wait([waiting])
            return [event async for event in stream]

        self.assertLessEqual(len(self.run_with_taker(body)), 1)

    def test_a_second_reader_is_refused_and_the_first_one_goes_on(self):
        async def body():
            stream = self.begin("one").stream
            first, second = stream.__anext__(), stream.__anext__()
            await stream.__anext__()
            waiting = asyncio.create_task(first)
            await asyncio.sleep(0)
            with self.assertRaises(chatbot.ChatbotError) as refused:
                await second
            self.assertEqual(refused.exception.code, "CHATBOT_MISUSE")
            with self.engine.take(30) as turn:
                turn.message("answer")
            return await waiting

        event = asyncio.run(asyncio.wait_for(body(), 60))
        self.assertEqual(event.data["item"]["message"], "answer")

    def test_an_engine_that_is_closed_ends_a_stream_that_a_task_waits_for(self):
        async def body():
            stream = self.begin("one").stream
            await stream.__anext__()
            closing = threading.Thread(target=self.engine.close)
            asyncio.get_running_loop().call_soon(closing.start)
            rest = [event async for event in stream]
            closing.join()
            return rest, stream.end_reason

        found = asyncio.run(asyncio.wait_for(body(), 60))
        self.assertEqual(found, ([], "shutdown"))

    def test_a_stream_that_is_closed_ends_for_the_task_that_waits(self):
        async def body():
            stream = self.begin("one").stream
            await stream.__anext__()
            waiting = asyncio.create_task(stream.__anext__())
            await asyncio.sleep(0)
            stream.close()
            with self.assertRaises(StopAsyncIteration):
                await waiting
            return stream.place, stream.end_reason

        place, reason = asyncio.run(asyncio.wait_for(body(), 60))
        self.assertEqual((place.split(".")[0], reason), ("1", "cancelled"))

    def test_two_loops_at_once(self):
        async def read(user):
            stream = self.engine.start(chatbot.Identity(user, "acme", ["user"]), user).stream
            return [event.data["item"]["message"] async for event in stream]

        async def answer_two():
            answered = 0
            async for turn in self.engine.turns():
                async with turn:
                    await turn.message(turn.prompt, status="last")
                answered += 1
                if answered == 2:
                    return

        found = {}

        def run(name, work):
            found[name] = asyncio.run(asyncio.wait_for(work, 60))

        works = {"a": read("a"), "b": read("b"), "answers": answer_two()}
        threads = [threading.Thread(target=run, args=each) for each in works.items()]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual((found["a"], found["b"]), (["a", "a"], ["b", "b"]))


class Waiting(EngineCase):
    responder = "host"

    def test_a_call_that_waits_holds_up_nobody(self):
        stream = self.begin().stream
        next(stream)
        read = []
        thread = threading.Thread(target=lambda: read.extend(stream))
        thread.start()
        with self.engine.take(30) as turn:  # were the GIL held, no further line would run
            turn.message("answer")
        thread.join(30)
        self.assertEqual([event.data["item"]["message"] for event in read], ["answer"])

    def test_a_signal_interrupts_a_call_that_waits(self):
        program = f"""
import chatbot, os, signal, threading
engine = chatbot.Engine({self.store + "2"!r}, responder="host")
threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT)).start()
try:
    engine.take()
except KeyboardInterrupt:
    print("interrupted")
"""
        command = [sys.executable, "-B", "-c", program]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
        self.assertEqual(done.stdout, "interrupted\n")

    def test_close_ends_a_read_of_another_thread(self):
        stream = self.begin().stream
        next(stream)
        ended = []
        thread = threading.Thread(target=lambda: ended.extend([*stream, "ended"]))
        thread.start()
        stream.close()
        thread.join(30)
        self.assertEqual(ended, ["ended"])

    def test_what_was_let_go_of_answers(self):
        _, stream = self.begin()
        turn = self.engine.take(30)
        stream.close()
        stream.close()
        stream.cancel()
        self.assertEqual((list(stream), stream.read(0)), ([], b""))
        self.assertEqual(stream.next(0), ("end", {"reason": "cancelled"}))
        with turn:
            pass
        self.assertRaises(chatbot.InvalidArgument, turn.message, "too late")
        self.assertIn(turn.cancelled, (True, False))

    def test_nothing_within_the_timeout(self):
        stream = self.begin().stream
        next(stream)
        self.assertIsNone(stream.next(0))
        self.assertIsNone(stream.next(0.01))
        self.assertIsNone(stream.next(0.3))


class Ends(EngineCase):
    responder = "host"

    def run_program(self, program):
        forks = "ignore:This process:DeprecationWarning"  # of newer Pythons: it has threads
        command = [sys.executable, "-B", "-W", "error", "-W", forks, "-c", program]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout

    def test_an_interpreter_that_ends_while_threads_wait(self):
        printed = self.run_program(f"""
import chatbot, threading
engine = chatbot.Engine({self.store + "2"!r}, responder="host", log=lambda *line: None)
stream = engine.start(chatbot.Identity("alice", "acme", ["user"]), "Hello").stream
next(stream)
turn = engine.take(30)
for wait in (engine.take, stream.next):
    threading.Thread(target=wait, daemon=True).start()
print("ends")
""")
        self.assertEqual(printed, "ends\n")

    def test_a_child_process_is_refused_and_its_parent_goes_on(self):
        printed = self.run_program(f"""
import chatbot, os, sys
engine = chatbot.Engine({self.store + "2"!r}, responder="host")
alice = chatbot.Identity("alice", "acme", ["user"])
stream = engine.start(alice, "Hello").stream
child = os.fork()
if child == 0:
    try:
        stream.next(0)
    except chatbot.Unavailable:
        del stream
        sys.exit(7)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), next(stream).data["item"]["message"])
""")
        self.assertEqual(printed, "7 Hello\n")

    def test_a_log_function_may_be_the_last_to_let_go_of_a_turn(self):
        printed = self.run_program(f"""
import chatbot, sqlite3
turns = []
options = {{"responder": "host", "busyTimeoutMs": 1}}
engine = chatbot.Engine({self.store + "2"!r}, log=lambda *line: turns.clear(), **options)
alice = chatbot.Identity("alice", "acme", ["user"])
workflow, stream = engine.start(alice, "Hello")
turns.append(engine.take(30))
other = sqlite3.connect({self.store + "2"!r}, isolation_level=None)
other.execute("BEGIN IMMEDIATE")
try:
    engine.rename(alice, workflow["id"], "Another name")
except chatbot.Unavailable:
    print("refused")
other.close()
print([event.data["type"] for event in stream], stream.end_reason)
""")
        self.assertEqual(printed, "refused\n['message', 'log'] error\n")

    def test_a_turn_outlives_its_engine_and_so_do_the_functions_that_it_calls(self):
        printed = self.run_program(f"""
import chatbot, gc
engine = chatbot.Engine({self.store + "2"!r}, responder="host", log=lambda *line: None)
stream = engine.start(chatbot.Identity("alice", "acme", ["user"]), "Hello").stream
turn = engine.take(30)
del engine, stream
gc.collect()
print(len(chatbot._callbacks._functions), turn.message("answer"))
with turn:
    pass
del turn
gc.collect()
print(len(chatbot._callbacks._functions))
""")
        self.assertEqual(printed, "1 True\n0\n")


class PublicNames(unittest.TestCase):
    MODULES = (chatbot, chatbot.asgi, chatbot.wsgi)

    def members(self):
        """Every public name, with what it stands for."""
        for module in self.MODULES:
            yield module.__name__, module
            for name in getattr(module, "__all__", ["App"]):
                value = getattr(module, name)
                yield name, value
                for member, inner in vars(value).items() if isinstance(value, type) else ():
                    fields = getattr(value, "_fields", ())
                    if not member.startswith("_") and member not in fields:
                        yield f"{name}.{member}", inner

    def test_each_function_has_types(self):
        bare = []
        for name, value in self.members():
            inner = getattr(value, "fget", getattr(value, "__func__", value))
            if inspect.isfunction(inner):
                parameters = inspect.signature(inner).parameters.keys() - {"self"}
                if not parameters | {"return"} <= typing.get_type_hints(inner).keys():
                    bare.append(name)
        self.assertEqual(bare, [])


class Model(http.server.BaseHTTPRequestHandler):
    """Answers "Read", and keeps what it was asked."""

    def do_POST(self):
        self.server.asked.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        for choice in ({"delta": {"content": "Read"}}, {"delta": {}, "finish_reason": "stop"}):
            self.wfile.write(b"data: %s\n\n" % json.dumps({"choices": [{"index": 0, **choice}]}).encode())
        self.wfile.write(b"data: [DONE]\n\n")

    def log_message(self, *_):
        pass


class Documents(unittest.TestCase):
    def serve(self):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Model)
        server.asked = []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return server

    def test_documents_of_the_host(self):
        server, requests = self.serve(), []

        def load(request):
            requests.append(request)
            if request["fileId"] == "known":
                return chatbot.Document("notes.txt", b"what it says", "text/plain")
            return None

        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        settings = {
            "responder": "openai",
            "openaiBaseUrl": f"http://127.0.0.1:{server.server_port}/v1",
            "openaiModel": "m",
        }
        store = str(Path(folder.name) / "threads.sqlite")
        with chatbot.Engine(store, load_document=load, **settings) as engine:
            files = {"prompt": "Read this", "listFileId": ["known", "unknown"]}
            stream = engine.start(ALICE, files).stream
            texts = [event.data["item"].get("message") for event in stream]
        self.assertIn("Read", texts)
        self.assertEqual([each["fileId"] for each in requests], ["known", "unknown"])
        self.assertEqual((requests[0]["userId"], requests[0]["mandateId"]), ("alice", "acme"))
        self.assertIn("what it says", server.asked[0])


class Rows(unittest.TestCase):
    def test_rows_of_the_hosts_own(self):
        rows = [{"id": str(n), "size": n} for n in range(5)]
        params = {"pageSize": 2, "sort": [{"field": "size", "direction": "desc"}]}
        page = chatbot.select(rows, params, {"id": "text", "size": "integer"})
        self.assertEqual([row["size"] for row in page["items"]], [4, 3])
        self.assertEqual(page["pagination"]["totalItems"], 5)


if __name__ == "__main__":
    unittest.main()
