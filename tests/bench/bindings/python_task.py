"""The task by the Python package: python_task.py FOLDER."""

import asyncio
import sys
import time

import chatbot

LIST_TARGET = "/api/chatbot/threads?pagination=%7B%22page%22%3A1%2C%22pageSize%22%3A20%7D"
LIST_REQUESTS = 3000
THREAD_READS = 5
STREAM_WORKFLOWS = 10
STREAMS = 1000
CALLER = chatbot.Identity("u0", "m0", ["user"])


def engine_of(name):
    options = {"responder": "host", "rateLimit": 0, "maxStreamsPerUser": STREAMS}
    return chatbot.Engine(f"{sys.argv[1]}/{name}.sqlite", **options)


def ask_for_lists():
    with engine_of("list") as engine:
        begin = time.perf_counter()
        for _ in range(LIST_REQUESTS):
            if engine.serve(CALLER, "GET", LIST_TARGET).status != 200:
                raise SystemExit("not served")
        print(f"list {(time.perf_counter() - begin) * 1e6 / LIST_REQUESTS:.2f}")


def read_items():
    with engine_of("thread") as engine:
        thread = engine.list(CALLER)["items"][0]["id"]
        items = 0
        begin = time.perf_counter()
        for _ in range(THREAD_READS):
            items += sum(1 for _ in engine.join(CALLER, thread))
        print(f"item {(time.perf_counter() - begin) * 1e6 / items:.3f}")


def status_of(field):
    with open("/proc/self/status") as status:
        return float(next(line for line in status if line.startswith(field)).split()[1])


async def wait_for_many():
    engine = engine_of("streams")
    threads = [engine.start(CALLER, "wait").workflow["id"] for _ in range(STREAM_WORKFLOWS)]
    before = status_of("VmRSS")

    async def read(number):
        async for _ in engine.join(CALLER, threads[number % STREAM_WORKFLOWS]):
            pass

    reading = asyncio.gather(*map(read, range(STREAMS)))
    await asyncio.sleep(0.2)
    print(f"threads {status_of('Threads'):.0f}")
    print(f"KiB {(status_of('VmRSS') - before) / STREAMS:.2f}")
    engine.close()
    await reading


ask_for_lists()
read_items()
asyncio.run(wait_for_many())
