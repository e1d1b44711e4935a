#!/usr/bin/env python3
"""PostgreSQL, three chatbot hosts and nginx in front of them, on this machine:

    cluster.py HOST [--port PORT] [--demo]

HOST is the program chatbot-host. Ctrl-C ends all. --demo kills a host in the middle of a stream,
shows how the stream goes on at another, and ends.
"""
import argparse
import contextlib
import glob
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
HOSTS = 3


def program(name):
    """One that may stand where only administrators look."""
    places = os.pathsep.join([os.environ["PATH"], "/usr/sbin",
                              *sorted(glob.glob("/usr/lib/postgresql/*/bin"), reverse=True)])
    found = shutil.which(name, path=places)
    if not found:
        sys.exit(f"{name} is needed; Debian's packages are nginx and postgresql")
    return found


def freePort():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Postgres:
    """A server whose data is gone with it, on a socket in its own folder."""

    def __init__(self, folder, whole):
        self.folder = folder
        self.url = f"postgres://postgres@/postgres?host={folder}"
        self.account = []
        if os.geteuid() == 0:  # as which PostgreSQL refuses to run
            self.account = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
            shutil.chown(folder, "postgres")
        self.run("initdb", "--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-locale")
        whole.callback(self.close)
        self.control("start", "-o", f"-c listen_addresses='' -c unix_socket_directories={folder}",
                     "-l", str(folder / "log"))

    def run(self, name, *arguments):
        command = [*self.account, program(name), "-D", str(self.folder / "data"), *arguments]
        # Not of this group: Ctrl-C is for this program, which ends the others.
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/",
                       start_new_session=True)

    def control(self, action, *arguments):
        self.run("pg_ctl", "--wait", action, *arguments)

    def close(self):
        if (self.folder / "data/postmaster.pid").exists():
            self.control("stop", "-m", "fast")


class Child:
    """A program that is ended with this one."""

    def __init__(self, *command, log):
        with open(log, "ab") as output:
            self.process = subprocess.Popen(command, stdout=output, stderr=output,
                                            start_new_session=True)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def close(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()


def answers(port):
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5).close()
        return True
    except OSError:
        return False


def awaitPort(port):
    end = time.monotonic() + 30
    while not answers(port):
        if time.monotonic() > end:
            sys.exit(f"nothing answers on port {port}")
        time.sleep(0.05)


class Cluster:
    """What is started is ended in the other order, as far as it has come."""

    def __init__(self, host, port, responder, whole):
        program("nginx")
        self.folder = Path(tempfile.mkdtemp(prefix="chatbot-cluster-", dir="/tmp"))
        whole.callback(shutil.rmtree, self.folder)
        self.whole = whole
        self.folder.chmod(0o755)
        database = self.folder / "postgres"
        database.mkdir()
        self.postgres = Postgres(database, whole)
        self.ports = [freePort() for _ in range(HOSTS)]
        self.hosts = [self.startHost(host, each, responder) for each in self.ports]
        self.port = port or freePort()
        for each in self.ports:
            awaitPort(each)
        self.startNginx()
        awaitPort(self.port)

    def child(self, *command, name):
        made = Child(*command, log=self.folder / name)
        self.whole.callback(made.close)
        return made

    def startHost(self, host, port, responder):
        return self.child(host, "--listen", f"127.0.0.1:{port}", "--db", self.postgres.url,
                          *responder, name=f"host-{port}.log")

    def startNginx(self):
        upstreams = "\n".join(f"    server 127.0.0.1:{port} max_fails=1 fail_timeout=1s;"
                              for port in self.ports)
        text = (HERE / "nginx.conf").read_text()
        conf = self.folder / "nginx.conf"
        conf.write_text(text.format(folder=self.folder, port=self.port, upstreams=upstreams))
        self.child(program("nginx"), "-c", str(conf), "-e", str(self.folder / "nginx.log"),
                   name="nginx.log")

    def hostAt(self, address):
        """By the address that nginx has told: the host's number, from 1."""
        return 1 + self.ports.index(int(address.rsplit(":", 1)[1]))


class Reader:
    """Reads a workflow's stream as an EventSource does: where it breaks, it comes back."""

    def __init__(self, cluster):
        self.cluster, self.place, self.ended = cluster, 0, False
        self.base = f"http://127.0.0.1:{cluster.port}/api/chatbot"

    def start(self, prompt):
        request = urllib.request.Request(f"{self.base}/start/stream",
                                         json.dumps({"prompt": prompt}).encode(),
                                         {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            first = next(line for line in answer if line.startswith(b"data: "))
        self.workflowId = json.loads(first[6:])["item"]["workflowId"]

    def open(self):
        headers = {"Last-Event-ID": str(self.place)} if self.place else {}
        request = urllib.request.Request(f"{self.base}/{self.workflowId}/stream", headers=headers)
        answer = urllib.request.urlopen(request, timeout=30)
        self.host = self.cluster.hostAt(answer.headers["X-Served-By"].split(", ")[-1])
        return answer

    def places(self, answer):
        """Of each item, until the stream ends or breaks."""
        try:
            for line in answer:
                if line.startswith(b"id: "):
                    yield int(line[4:])
                if line.startswith(b"event: end"):
                    self.ended = True
                    return
        except OSError:
            return


def demo(cluster):
    reader = Reader(cluster)
    reader.start('#bench {"chunks": 60, "delayMs": 50, "logs": 0}')
    seen = []
    while not reader.ended:
        before = len(seen)
        for reader.place in reader.places(reader.open()):
            seen.append(reader.place)
            if len(seen) == 20:
                print(f"Host {reader.host} has sent items 1 to 20, and is killed.", flush=True)
                cluster.hosts[reader.host - 1].kill()
        print(f"Host {reader.host} has sent items {before + 1} to {len(seen)}.", flush=True)
    if len(seen) < 60 or seen != list(range(1, len(seen) + 1)):
        sys.exit(f"not each item once, in order: {seen}")
    print("Each item came once, in order.")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("host")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--demo", action="store_true")
    options = parser.parse_args()
    responder = ["--responder", "script"] if options.demo else []
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with contextlib.ExitStack() as whole:
            cluster = Cluster(str(Path(options.host).resolve()), options.port, responder, whole)
            if options.demo:
                demo(cluster)
                return
            print(f"http://127.0.0.1:{cluster.port}/, served by hosts on the ports {cluster.ports}; "
                  "Ctrl-C ends all", flush=True)
            signal.pause()
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
