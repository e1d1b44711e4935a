"""Fan-out of one workflow's items to many event streams, beside nginx with nchan.

    python3 fanout_bench.py HOST SSE_LOAD [fanout] [idle] [--repeat N] [--idle-seconds S]

HOST is chatbot-epoll-host or chatbot-host. Both servers have the same client, the same size of
message and the same number of streams; each of HOST's messages is stored, none of nchan's is on a
disk. HOST's are made by its script responder, nchan's published by the client over HTTP.
"""
import argparse
import glob
import http.client
import json
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

MESSAGE_BYTES = 440  # an item of the script responder with a text of 64 bytes
CHUNK_BYTES = 64
PREFIX = "/api/chatbot"
IDENTITY = {"X-User-Id": "u0", "X-Mandate-Id": "bench", "X-Roles": "admin"}
NCHAN_MODULES = "/usr/lib/nginx/modules/ngx_nchan_module.so"

# name, streams, of them silent, messages, microseconds between them (0: as fast as they go; then
# the latency is that of a queue and says nothing)
FANOUT = (
    ("100 streams, paced", 100, 0, 2000, 1000),
    ("1000 streams, paced", 1000, 0, 300, 10000),
    ("100 streams, 10 silent, paced", 100, 10, 4000, 1000),
    ("100 streams, flood", 100, 0, 4000, 0),
    ("1000 streams, flood", 1000, 0, 1000, 0),
    ("100 streams, 10 silent, flood", 100, 10, 8000, 0),
)

COLUMNS = {"perSecond": "deliveries/s", "p50us": "p50 us", "p99us": "p99 us",
           "cpuPercent": "cpu %", "grownKib": "grown KiB", "missing": "missing",
           "repeated": "repeated"}  # fmt: skip
COMPARED = ("perSecond", "p50us", "p99us", "cpuPercent")


def awaitThat(condition, what, deadline=20.0):
    end = time.monotonic() + deadline
    while not (value := condition()):
        if time.monotonic() > end:
            raise RuntimeError(f"not within {deadline} s: {what}")
        time.sleep(0.02)
    return value


class Server:
    """A server as a child process, in a folder of its own."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="chatbot-bench-")
        self.output = Path(self.folder.name) / "output"

    def __enter__(self):
        with open(self.output, "wb") as output:
            self.process = subprocess.Popen(self.command(), stdout=output, stderr=output)
        try:
            self.await_()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *exception):
        self.process.terminate()
        try:
            self.process.wait(10)
        finally:
            self.process.kill()
            self.process.wait()
            self.folder.cleanup()


class Host(Server):
    name = "host"

    def __init__(self, program):
        super().__init__()
        self.program = program

    def command(self):
        database = str(Path(self.folder.name) / "chatbot.sqlite")
        return [self.program, "--listen", "127.0.0.1:0", "--db", database, "--responder",
                "script", "--rate-limit", "0", "--trust-identity-headers"]  # fmt: skip

    def await_(self):
        line = re.compile(r"http://127\.0\.0\.1:(\d+)/")
        found = awaitThat(lambda: line.search(self.output.read_text()), "the host listens")
        self.port = int(found.group(1))
        self.pids = [self.process.pid]

    def begin(self, **plan):
        """Starts a round; its workflow's id."""
        body = json.dumps({"prompt": "#bench " + json.dumps({"logs": 0, **plan})})
        headers = {**IDENTITY, "Content-Type": "application/json"}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request("POST", f"{PREFIX}/start/stream", body, headers)
        response = connection.getresponse()
        while not (line := response.readline()).startswith(b"data: "):
            pass
        connection.close()
        return json.loads(line[6:])["item"]["workflowId"]

    def subscription(self, workflowId):
        headers = {**IDENTITY, "X-User-Id": "u{i}"}
        options = ["--target", f"{PREFIX}/{workflowId}/stream"]
        for name, value in headers.items():
            options += ["--header", f"{name}: {value}"]
        return options

    def fanout(self, streams, messages, everyUs):
        """Options for the load; the messages come by themselves when the streams are open."""
        workflowId = self.begin(startDelayMs=2500 + 2 * streams, chunks=messages - 1,
                                chunkBytes=CHUNK_BYTES, delayMs=everyUs // 1000)  # fmt: skip
        return self.subscription(workflowId)

    def idle(self):
        return self.subscription(self.begin(startDelayMs=3_000_000))


class Nchan(Server):
    name = "nchan"

    def command(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        configuration = Path(self.folder.name) / "nginx.conf"
        template = (Path(__file__).parent / "nchan.conf").read_text()
        configuration.write_text(template.replace("@PORT@", str(self.port)))
        return ["nginx", "-g", f"load_module {NCHAN_MODULES};", "-p", self.folder.name, "-c",
                str(configuration), "-e", "stderr"]  # fmt: skip

    def await_(self):
        awaitThat(self.listens, "nginx listens")
        children = f"/proc/{self.process.pid}/task/{self.process.pid}/children"
        worker = awaitThat(lambda: Path(children).read_text().split(), "nginx has a worker")
        self.pids = [int(worker[0])]

    def listens(self):
        if self.process.poll() is not None:
            raise RuntimeError(self.output.read_text())
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def fanout(self, streams, messages, everyUs):
        return ["--target", "/sub?c=a", "--publish", "/pub?c=a", "--every-us", str(everyUs),
                "--bytes", str(MESSAGE_BYTES)]  # fmt: skip

    def idle(self):
        return ["--target", "/sub?c=a"]


def load(program, server, *options):
    command = [program, "--port", str(server.port), *map(str, options)]
    for pid in server.pids:
        command += ["--pid", str(pid)]
    result = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(result.stdout.splitlines()[-1])


def measureFanout(program, server, streams, silent, messages, everyUs):
    options = server.fanout(streams, messages, everyUs)
    return load(program, server, *options, "--streams", streams, "--silent", silent,
                "--events", messages, "--seconds", 60)  # fmt: skip


def median(results, key):
    return statistics.median(each[key] for each in results)


def ratio(one, other):
    return f"{one / other:8.2f}" if other else "       -"


def printRuns(runs, keys):
    print(f"{'':8}" + "".join(f"{COLUMNS[key]:>14}" for key in keys))
    for server, results in runs.items():
        print(f"{server:8}" + "".join(f"{median(results, key):14.0f}" for key in keys))
    if len(runs) == 2:
        one, other = runs.values()
        ratios = [ratio(median(one, key), median(other, key)) for key in keys if key in COMPARED]
        print(f"{'ratio':8}" + "".join(f"{each:>14}" for each in ratios), flush=True)


def compareFanout(options, servers):
    print("\nFan-out: median of the runs; a ratio is host / nchan")
    for name, streams, silent, messages, everyUs in FANOUT:
        runs = {make.name: [] for make in servers}
        for _ in range(options.repeat):
            for make in servers:
                with make() as server:
                    result = measureFanout(options.load, server, streams, silent, messages, everyUs)
                runs[make.name].append(result)
        print(f"\n{name}, {messages} messages")
        printRuns(runs, [key for key in COLUMNS if everyUs > 0 or key not in ("p50us", "p99us")])


def compareIdle(options, servers):
    print("\nIdle streams, with keepalives each 15 s")
    for streams, seconds in ((1000, 20), (10000, options.idle_seconds)):
        for make in servers:
            with make() as server:
                result = load(options.load, server, *server.idle(), "--streams", streams,
                              "--seconds", seconds)  # fmt: skip
            print(f"{make.name:8} {result['answered']} of {streams} streams: "
                  f"{result['kibPerStream']:.2f} KiB each, {result['cpuPercent']:.2f} % of a core "
                  f"over {result['seconds']:.0f} s, {result['keepalives']} keepalives",
                  flush=True)  # fmt: skip


def nchanIsThere():
    return shutil.which("nginx") is not None and glob.glob(NCHAN_MODULES) != []


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("host")
    parser.add_argument("load")
    parser.add_argument("what", nargs="*", default=["fanout", "idle"])
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--idle-seconds", type=float, default=60)
    options = parser.parse_args()

    def makeHost():
        return Host(options.host)

    makeHost.name = Host.name
    servers = [makeHost, Nchan]
    if not nchanIsThere():
        print("Skipped: nginx with nchan (Debian: nginx libnginx-mod-nchan) is not installed")
        servers.remove(Nchan)
    if "fanout" in options.what:
        compareFanout(options, servers)
    if "idle" in options.what:
        compareIdle(options, servers)
    return 0


if __name__ == "__main__":
    sys.exit(main())
