"""One task through each language's interface: bindings_bench.py BUILD [RUNS].

BUILD is a build folder of the preset `release`. Of each figure the median of the runs, and what it
is of that in C++:

    list      microseconds for a request of a page of 20 among 1,000 conversations
    item      microseconds for an item of a stream that reads a thread of 20,000
    threads   in the process while 1,000 streams wait
    KiB       of memory for each of them
"""

import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
BUILD = Path(sys.argv[1]).resolve()
RUNS = int(sys.argv[2]) if len(sys.argv) > 2 else 5
LIBRARY = BUILD / "capi"
ENVIRONMENT = {
    **os.environ,
    "LD_LIBRARY_PATH": str(LIBRARY),
    "PYTHONPATH": str(ROOT / "capi/python"),
    "CHATBOT_LIBRARY": str(LIBRARY / "libchatbot.so"),
}


def fill(folder, name, *arguments):
    command = [BUILD / "tests/bench/fill", "--db", f"{folder}/{name}.sqlite", *arguments]
    subprocess.run(command, check=True)


def goProgram(folder):
    """None where there is no Go."""
    install = ["sh", ROOT / "tests/go/install.sh", BUILD]
    build = ["sh", ROOT / "tests/go/run.sh", BUILD, HERE / "go", "build", "-o", f"{folder}/task", "."]
    subprocess.run(install, check=True)
    return None if subprocess.run(build, check=False).returncode == 77 else f"{folder}/task"


def programs(folder):
    go = goProgram(folder)
    return {
        "C++": [BUILD / "tests/bench/cpp_task"],
        "C": [BUILD / "tests/bench/c_task"],
        "Python": [sys.executable, "-B", HERE / "python_task.py"],
        **({"Go": [go]} if go else {}),
    }


def figuresOf(command, folder):
    for old in Path(folder).glob("streams.sqlite*"):
        old.unlink()
    done = subprocess.run([*command, folder], env=ENVIRONMENT, capture_output=True, text=True, check=True)
    return {name: float(value) for name, value in map(str.split, done.stdout.splitlines())}


def main():
    with tempfile.TemporaryDirectory() as folder:
        fill(folder, "list", "--workflows", "1000")
        fill(folder, "thread", "--workflows", "1", "--items", "20000")
        commands = programs(folder)
        found = {language: [] for language in commands}
        for _ in range(RUNS):
            for language, command in commands.items():
                found[language].append(figuresOf(command, folder))
    names = list(found["C++"][0])
    print(f"{'':8}" + "".join(f"{name:>18}" for name in names))
    for language, runs in found.items():
        line = f"{language:8}"
        for name in names:
            value = statistics.median(run[name] for run in runs)
            base = statistics.median(run[name] for run in found["C++"])
            line += f"{value:10.2f} ({value / base:4.1f})"
        print(line)


main()
