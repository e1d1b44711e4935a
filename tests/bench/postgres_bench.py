"""The store on PostgreSQL beside pgbench with the same statements, and hosts side by side:

postgres_bench.py BUILD [--bin FOLDER] [--seconds N] [--runs N] [--only TEXT]

BUILD is a build folder of the preset `release`; FOLDER has initdb. A server with its default settings is made for
it. pgbench and the store have as many clients, each of which does one thing at a time. Prints the median of the runs,
with the least and the most.
"""
import argparse
import glob
import re
import statistics
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "postgres"))

from cluster import Server  # noqa: E402
from database import PostgresSchema  # noqa: E402

COLUMNS = """id, mandateId, name, status, workflowMode, currentRound, currentTask, currentAction,
  totalTasks, totalActions, maxSteps, startedAt, lastActivity, createdBy, createdAt, lastSeq"""
OWNER = "mandateId = 'm0' AND createdBy = 'u0'"
ITEM = "convert_to(repeat('x', 400), 'UTF8')"  # as long as one of the store's

# What the store runs for each.
SCRIPTS = {
    "append": f"""
BEGIN;
UPDATE workflow SET lastSeq = lastSeq + 1 WHERE id = decode(lpad(:client_id::text, 8, '0'), 'hex')
  AND currentRound = 1 AND status = 'running' AND lastActivity > 0 RETURNING lastSeq \\gset
INSERT INTO item (workflowId, seq, type, round, json) SELECT id, :lastseq, 'message', 1, {ITEM}
  FROM workflow WHERE id = decode(lpad(:client_id::text, 8, '0'), 'hex');
COMMIT;
""",
    "start": f"""
SELECT gen_random_uuid() AS id \\gset
BEGIN;
WITH made ({COLUMNS}) AS (VALUES (convert_to(:id::text, 'UTF8'), 'm0'::bytea, 'a thread'::bytea,
  'running'::bytea, 'Chatbot'::bytea, 1, 0, 0, 0, 0, CAST(NULL AS BIGINT), 1.0, 2.0, 'u0'::bytea,
  1.0, 1))
  INSERT INTO workflow ({COLUMNS}, instance) SELECT {COLUMNS}, 1 FROM made RETURNING id;
INSERT INTO item (workflowId, seq, type, round, json) SELECT id, 1, 'message', 1, {ITEM}
  FROM workflow WHERE id = convert_to(:id::text, 'UTF8');
COMMIT;
""",
    "list": f"""
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
SELECT count(*) FROM workflow WHERE workflowMode = 'Chatbot' AND {OWNER};
SELECT {COLUMNS} FROM workflow WHERE workflowMode = 'Chatbot' AND {OWNER}
  ORDER BY lastActivity DESC, id LIMIT 20 OFFSET 0;
COMMIT;
""",
    "thread": f"""
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
SELECT {COLUMNS} FROM workflow WHERE id = THREAD AND {OWNER};
SELECT seq, round, json FROM item WHERE workflowId =
  (SELECT id FROM workflow WHERE id = THREAD AND {OWNER}) AND seq > 0 ORDER BY seq LIMIT 1000000000;
COMMIT;
""",
}


class Bench:
    def __init__(self, options):
        self.load = Path(options.build) / "tests/bench/postgres_load"
        self.seconds, self.runs = options.seconds, options.runs
        Server.bin = options.bin
        self.server = Server()
        self.server.query("ALTER SYSTEM SET fsync = on")
        self.server.query("ALTER SYSTEM SET full_page_writes = on")
        self.server.act("fast")
        self.server.act("restart")

    def run(self, *command):
        done = subprocess.run([str(each) for each in command], capture_output=True, text=True,
                              check=True)
        return done.stdout

    def rate(self, what, url, clients):
        return int(self.run(self.load, what, url, clients, self.seconds))

    def hosts(self, count):
        """Items a second of so many hosts together, eight workflows each."""
        url = PostgresSchema(self.server.url).url
        with ThreadPoolExecutor(count) as pool:
            return sum(pool.map(lambda _: self.rate("append", url, 8), range(count)))

    def schema(self, what):
        """With what is read, or is appended to."""
        schema = PostgresSchema(self.server.url)
        self.run(self.load, "fill", schema.url, "list" if what == "list" else "thread")
        schema.psql(f"""
            INSERT INTO workflow ({COLUMNS})
            SELECT decode(lpad(n::text, 8, '0'), 'hex'), 'm9', 'a thread', 'running', 'Chatbot',
              1, 0, 0, 0, 0, NULL, 1, 2, 'u9', 1, 0 FROM generate_series(0, 99) AS n;
            VACUUM ANALYZE workflow; VACUUM ANALYZE item;""")
        return schema

    def ours(self, what, clients):
        return self.rate(what, self.schema(what).url, clients)

    def pgbench(self, what, clients):
        schema = self.schema(what)
        thread = schema.rows("SELECT id FROM workflow WHERE mandateId = 'm0' LIMIT 1")[0][0]
        with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
            script.write(SCRIPTS[what].replace("THREAD", schema.literal(thread)))
            script.flush()
            out = self.run("pgbench", "-n", "-M", "prepared", "-c", clients, "-j", min(clients, 2),
                           "-T", self.seconds, "-f", script.name, schema.url)
        return float(re.search(r"tps = ([0-9.]+)", out).group(1))

    def times(self, what, count):
        """Median, 99 % and the most, in us."""
        url = PostgresSchema(self.server.url).url
        return [float(each) for each in self.run(self.load, what, url, count).split()]

    def inTurn(self, *measures):
        """What measures find that are taken in turn, so that all meet the same machine."""
        found = [[] for _ in measures]
        for _ in range(self.runs):
            for figures, measure in zip(found, measures, strict=True):
                figures.append(measure())
        return found


def shown(figures):
    return f"{statistics.median(figures):8.0f} ({min(figures):.0f} to {max(figures):.0f})"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    bins = sorted(glob.glob("/usr/lib/postgresql/*/bin"))
    parser.add_argument("--bin", default=bins[-1] if bins else "/usr/bin")
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", default="", help="part of what is measured beside pgbench")
    options = parser.parse_args()
    bench = Bench(options)
    try:
        print("a second               the store                 pgbench                   ratio")
        for what, clients in product((each for each in SCRIPTS if options.only in each), (1, 8, 32)):
            ours, theirs = bench.inTurn(lambda w=what, n=clients: bench.ours(w, n),
                                        lambda w=what, n=clients: bench.pgbench(w, n))
            ratio = statistics.median(ours) / statistics.median(theirs)
            print(f"{what:6} {clients:2} clients  {shown(ours):28}{shown(theirs):28}{ratio:.2f}",
                  flush=True)
        if options.only:
            return
        for count, figures in zip((1, 2, 3), bench.inTurn(*[lambda n=n: bench.hosts(n)
                                                             for n in (1, 2, 3)]), strict=True):
            print(f"{count} hosts, 8 workflows each  {shown(figures)}", flush=True)
        for name, what, count in (("append at one host to a stream at another", "latency", 1000),
                                  ("text at one host to a stream at another", "deltas", 500)):
            times = bench.inTurn(lambda what=what, count=count: bench.times(what, count))[0]
            columns = [shown(list(column)) for column in zip(*times, strict=True)]
            print("{}, us: median {}, 99 % {}, most {}".format(name, *columns), flush=True)
    finally:
        bench.server.act("stop")


if __name__ == "__main__":
    main()
