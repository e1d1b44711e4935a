"""Requests per second of the endpoints mounted in FastAPI, beside FastAPI and sqlite3 alone.

    python3 fastapi_bench.py BUILD [--seconds S] [--runs N] [--clients N]

BUILD is a build folder of the preset `release`; this Python has FastAPI and uvicorn. Both have the same rows, 10,000 workflows of 10 users,
one uvicorn process each, and the same client: a process with some connections that are kept, each
asking again as soon as it is answered. Runs alternate between the two, each on a fresh server and
a fresh copy of its database; processor time is the server's, of all its threads.
"""

import argparse
import json
import multiprocessing
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from pathlib import Path

HERE = Path(__file__).resolve().parent
PACKAGE = HERE.parents[2] / "capi/python"
SERVERS = ("mounted", "pure")
USER, MANDATE = "u0", "m0"
PREFIX = "/api/chatbot"


def request(method, target, body=b""):
    head = (f"{method} {PREFIX}{target} HTTP/1.1\r\nHost: localhost\r\nX-User-Id: {USER}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n")  # fmt: skip
    return head.encode() + body


def pageAt(page):
    wanted = urllib.parse.quote(json.dumps({"page": page, "pageSize": 20}))
    return request("GET", f"/threads?pagination={wanted}")


def requestsFor(thread):
    return {
        "first page of 20 of 1,000": pageAt(1),
        "page 25": pageAt(25),
        "a thread of 10 items": request("GET", f"/threads?workflowId={thread}"),
        "a round, start to end": request("POST", "/start/stream", b'{"prompt": "Hello"}'),
    }


class Answers:
    """Reads answers from one connection."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, given):
        """The body of the answer, as it came."""
        self.socket.sendall(given)
        data = b""
        while b"\r\n\r\n" not in data:
            data += self.more()
        head, _, body = data.partition(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(data.decode())
        fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
        return self.rest(body, int(fields.get(b"content-length", -1)))

    def rest(self, body, length):
        while len(body) < length or (length < 0 and not body.endswith(b"0\r\n\r\n")):
            body += self.more()
        return body

    def more(self):
        data = self.socket.recv(65536)
        if not data:
            raise RuntimeError("the server has closed the connection")
        return data


def askOn(port, given, until, counts):
    answers, count = Answers(port), 0
    while time.monotonic() < until:
        answers.ask(given)
        count += 1
    counts.append(count)


def client(port, given, seconds, clients, result):
    counts, until = [], time.monotonic() + seconds
    arguments = (port, given, until, counts)
    threads = [threading.Thread(target=askOn, args=arguments) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if len(counts) != clients:
        raise RuntimeError("a connection has failed")
    result.send(sum(counts))


class Server:
    def __init__(self, name, folder):
        self.name, self.folder = name, folder

    def __enter__(self):
        for file in Path(self.folder).glob(f"{self.name}.sqlite*"):
            file.unlink()
        shutil.copy(f"{self.folder}/{self.name}.whole", f"{self.folder}/{self.name}.sqlite")
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        command = [sys.executable, "-B", "-m", "uvicorn", f"{self.name}:app", "--port",
                   str(self.port), "--no-access-log", "--log-level", "warning"]  # fmt: skip
        environment = {**os.environ, "PYTHONPATH": str(PACKAGE)}
        self.process = subprocess.Popen(command, cwd=HERE, env=environment)
        end = time.monotonic() + 30
        while time.monotonic() < end:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return self
            time.sleep(0.05)
        raise RuntimeError("the server does not listen")

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(10)

    def cpuSeconds(self):
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def measure(self, given, options):
        """Requests per second, and the server's milliseconds of processor time for each."""
        Answers(self.port).ask(given)
        here, there = multiprocessing.Pipe(False)
        arguments = (self.port, given, options.seconds, options.clients, there)
        process = multiprocessing.Process(target=client, args=arguments)
        cpu, begin = self.cpuSeconds(), time.monotonic()
        process.start()
        there.close()
        count = here.recv()
        seconds = time.monotonic() - begin
        process.join()
        return count / seconds, 1000 * (self.cpuSeconds() - cpu) / count


def copyRows(source, folder):
    """The library's rows, as the other server has them; the id of a thread of the user's."""
    os.environ["BENCH_FOLDER"] = folder  # for `pure`, and for the servers
    sys.path[:0] = [str(HERE), str(PACKAGE)]
    import pure

    import chatbot

    database = pure.database
    database.executescript(pure.SCHEMA)
    everybody = chatbot.Identity(USER, MANDATE, ["admin"])
    with chatbot.Engine(source) as engine, database:
        rows = engine.list(everybody)["items"]
        for row in rows:
            database.execute(pure.INSERT, [row[name] for name in pure.WORKFLOW])
            items = engine.detail(everybody, row["id"])["chatData"]["items"]
            for place, each in enumerate(items, 1):
                values = (row["id"], place, each["type"], each["createdAt"])
                document = json.dumps(each["item"])
                database.execute("INSERT INTO item VALUES (?, ?, ?, ?, ?)", (*values, document))
    database.close()
    return next(row["id"] for row in rows if row["_createdBy"] == USER)


def prepare(build, folder):
    os.environ["CHATBOT_LIBRARY"] = str(build / "capi/libchatbot.so")
    source, fill = f"{folder}/mounted.whole", build / "tests/bench/fill"
    shape = ["--workflows", "10000", "--users", "10", "--items", "10"]
    subprocess.run([fill, "--db", source, *shape], check=True)
    thread = copyRows(source, folder)
    shutil.move(f"{folder}/pure.sqlite", f"{folder}/pure.whole")
    return thread


def compareBodies(folder, cases):
    """Both answer the same rows, or the comparison says nothing."""
    found = []
    for name in SERVERS:
        with Server(name, folder) as server:
            answers = [Answers(server.port).ask(each) for each in list(cases.values())[:3]]
            shown = [json.loads(answer) for answer in answers]
            found.append([shown[0]["items"], shown[1]["items"], shown[2]])
            frames = Answers(server.port).ask(cases["a round, start to end"]).count(b"data: ")
            found[-1].append(frames)
    if found[0] != found[1]:
        raise RuntimeError("the two servers do not answer the same")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", type=lambda given: Path(given).resolve())
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--clients", type=int, default=8)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="chatbot-bench-") as folder:
        cases = requestsFor(prepare(options.build, folder))
        compareBodies(folder, cases)
        figures = {(case, name): [] for case in cases for name in SERVERS}
        for _ in range(options.runs):
            for case, given in cases.items():
                for name in SERVERS:
                    with Server(name, folder) as server:
                        figures[case, name].append(server.measure(given, options))
    printFigures(cases, figures)


def printFigures(cases, figures):
    print(f"{'median of the runs':28}{'mounted/s':>11}{'pure/s':>9}{'ratio':>7}{'least':>7}"
          f"{'most':>7}{'mounted ms':>12}{'pure ms':>9}")  # fmt: skip
    for case in cases:
        runs = [figures[case, name] for name in SERVERS]
        rates = [statistics.median(rate for rate, _ in each) for each in runs]
        cpu = [statistics.median(time for _, time in each) for each in runs]
        ratios = [one[0] / other[0] for one, other in zip(*runs)]
        print(f"{case:28}{rates[0]:11.0f}{rates[1]:9.0f}{statistics.median(ratios):7.2f}"
              f"{min(ratios):7.2f}{max(ratios):7.2f}{cpu[0]:12.2f}{cpu[1]:9.2f}")  # fmt: skip


if __name__ == "__main__":
    main()
