"""Runs the contract tests:  python3 main.py PATH_TO_chatbot-host [part of a test's name ...]

With CHATBOT_TEST_LONG set, tests that wait for the clock too, and what chance may find more often.
"""
import argparse
import importlib
import sys
import time
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from case import LONG, HostCase
from host import Host

PARALLEL = 4  # the tests wait more than they compute


class Result(unittest.TestResult):
    """The outcome of one test class, by the names of its tests."""

    def __init__(self):
        super().__init__()
        self.passed, self.broken, self.started = [], {}, {}

    def startTest(self, test):
        super().startTest(test)
        self.started[test.id()] = time.monotonic()

    def stopTest(self, test):
        super().stopTest(test)
        word = "FAILED" if test.id() in self.broken else "ok"
        duration = time.monotonic() - self.started[test.id()]
        print(f"{word:6} {duration:6.2f} s  {test.id()}", flush=True)

    def addSuccess(self, test):
        self.passed.append(test.id())

    def addFailure(self, test, error):
        self.note(test, error)

    def addError(self, test, error):
        self.note(test, error)

    def addSubTest(self, test, subtest, error):
        if error is not None:
            self.note(test, error, subtest)

    def addUnexpectedSuccess(self, test):
        self.broken.setdefault(test.id(), []).append("passed, which was not expected")

    def note(self, test, error, subtest=None):
        text = self._exc_info_to_string(error, test)
        if subtest is not None:
            text = f"{subtest._subDescription()}\n{text}"
        self.broken.setdefault(test.id(), []).append(text)


def testClasses():
    for path in sorted(Path(__file__).parent.glob("test_*.py")):
        module = importlib.import_module(path.stem)
        for value in vars(module).values():
            if isinstance(value, type) and issubclass(value, HostCase) and value is not HostCase:
                if value.__module__ == path.stem:
                    yield value


def isWanted(test, names, without):
    if any(name in test.id() for name in without):
        return False
    return not names or any(name in test.id() for name in names)


def suiteOf(testClass, names, without):
    suite = unittest.defaultTestLoader.loadTestsFromTestCase(testClass)
    return unittest.TestSuite(test for test in suite if isWanted(test, names, without))


def runSuite(suite):
    result = Result()
    suite.run(result)
    return result


def report(results):
    passed = sum(len(result.passed) for result in results)
    skipped = sum(len(result.skipped) for result in results)
    failed = sum(len(result.broken) for result in results)
    for result in results:
        for test, reason in result.skipped:
            print(f"skipped  {test.id()}: {reason}")
        for name, texts in result.broken.items():
            print(f"\n==== {name}\n" + "\n".join(texts))
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("host")
    parser.add_argument("names", nargs="*")
    parser.add_argument("--patience", type=float, default=1.0, help="for hosts that are slow")
    parser.add_argument("--server", default="", help="a PostgreSQL server's URL")
    parser.add_argument("--without", action="append", default=[], help="part of a test's name")
    options = parser.parse_args()
    Host.patience = options.patience
    Host.server = options.server
    Host.binary = str(Path(options.host).resolve())
    if not Path(Host.binary).is_file():
        parser.error(f"there is no {Host.binary}")
    classes = [each for each in testClasses() if LONG or not each.slow]
    classes.sort(key=lambda each: not each.slow)  # what waits is begun first
    suites = [suiteOf(each, options.names, options.without) for each in classes]
    suites = [suite for suite in suites if suite.countTestCases()]
    if not suites:
        parser.error("no test has such a name")
    with ThreadPoolExecutor(PARALLEL) as pool:
        results = list(pool.map(runSuite, suites))
    return report(results)


if __name__ == "__main__":
    sys.exit(main())
