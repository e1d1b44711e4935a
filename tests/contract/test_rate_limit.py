"""429: so many requests in any 60 s of one caller to one operation."""
import re
import time

from case import HostCase, together
from client import PREFIX

WINDOW = 60


def parameters(header):
    """The name and the parameters of an item of the draft's list: "name";q=5;w=60."""
    match = re.fullmatch(r'"([^"]+)"((?:\s*;\s*[a-z]+=[0-9]+)*)', header)
    pairs = re.findall(r"([a-z]+)=([0-9]+)", match[2])
    return match[1], {name: int(value) for name, value in pairs}


class RateLimit(HostCase):
    options = ("--trust-identity-headers", "--rate-limit", "5")

    def exhaust(self, client):
        for _ in range(5):
            self.checkOk(client.listAll())

    def checkRefused(self, answer, limit=5):
        self.checkError(answer, 429)
        self.assertRegex(answer.headers["Retry-After"], r"^[1-9][0-9]*$")
        wait = int(answer.headers["Retry-After"])
        self.assertLessEqual(wait, WINDOW)
        policy, about = parameters(answer.headers["RateLimit-Policy"])
        self.assertEqual((about["q"], about["w"]), (limit, WINDOW))
        name, state = parameters(answer.headers["RateLimit"])
        self.assertEqual((name, state["r"]), (policy, 0))
        self.assertLessEqual(abs(state["t"] - wait), 1)
        return wait

    def test_the_next_request_is_refused_and_told_when_to_come_back(self):
        client = self.person()
        self.exhaust(client)
        self.assertGreaterEqual(self.checkRefused(client.listAll()), WINDOW - 15)

    def test_each_caller_has_a_limit_of_its_own(self):
        client = self.person()
        self.exhaust(client)
        self.exhaust(self.colleague(client))
        self.exhaust(self.person(user=client.user))
        self.exhaust(self.person(mandate=client.mandate))
        self.checkRefused(client.listAll())

    def test_other_roles_do_not_make_another_caller(self):
        client = self.person()
        self.exhaust(client)
        self.checkRefused(self.colleague(client, ("admin", "viewer"), client.user).listAll())

    def test_each_operation_has_a_limit_of_its_own(self):
        client = self.person()
        workflowId, _ = client.run()
        self.exhaust(client)
        self.checkRefused(client.listAll())
        self.checkOk(client.rename(workflowId, "name"))
        self.checkOk(client.stop(workflowId))
        client.join(workflowId).rest()
        self.checkOk(client.delete(workflowId))

    def test_another_address_does_not_make_another_operation(self):
        client = self.person()
        for number in range(5):
            absent = f"01890000-0000-7000-8000-0000000000{number:02d}"
            self.checkAbsent(client.stop(absent), absent)
        self.checkRefused(client.stop("01890000-0000-7000-8000-000000000099"))
        for number in range(1, 6):
            self.checkOk(client.list(page=number))
        self.checkRefused(client.call("GET", "/threads", unknown="x", pagination='{"page":9}'))
        connection, response = client.send("GET", PREFIX + "/%74hreads")
        self.assertEqual(response.status, 429, response.read())
        connection.close()

    def test_a_request_that_is_refused_changes_nothing(self):
        client = self.person()
        for _ in range(5):
            client.run()
        before = self.everything()
        self.checkRefused(client.call("POST", "/start/stream", {"prompt": "one more"}))
        self.assertEqual(self.everything(), before)

    def test_requests_at_the_same_time_do_not_slip_through(self):
        client = self.person()
        statuses = [answer.status for answer in together(*[client.listAll] * 20)]
        self.assertEqual((statuses.count(200), statuses.count(429)), (5, 15))

    def allSeeing(self):
        """Looks from a new name each time, so as not to meet the limit."""
        return self.colleague(self.person(), ("sysadmin",))


class Defaults(HostCase):
    options = ("--trust-identity-headers",)

    def test_the_default_is_120_a_minute(self):
        client = self.person()
        for _ in range(120):
            self.checkStatus(client.listAll(), 200)
        answer = self.checkError(client.listAll(), 429)
        self.assertEqual(parameters(answer.headers["RateLimit-Policy"])[1], {"q": 120, "w": 60})


class SwitchedOff(HostCase):
    options = ("--trust-identity-headers", "--rate-limit", "0")

    def test_0_is_no_limit(self):
        client = self.person()
        for _ in range(200):
            self.checkStatus(client.listAll(), 200)


class SlidingWindow(HostCase):
    """A request is let in when the oldest of the last 60 s is gone, and not before."""

    options = ("--trust-identity-headers", "--rate-limit", "3")
    slow = True

    def awaitAdmission(self, client, begun):
        """Asks until it is let in; the seconds since then."""
        while time.monotonic() - begun < WINDOW + 10:
            if client.listAll().status == 200:
                return time.monotonic() - begun
            time.sleep(0.2)
        raise AssertionError("not let in again")

    def test_a_minutes_edge_does_not_allow_a_burst(self):
        client = self.person()
        begun = time.monotonic()
        self.checkOk(client.listAll())
        time.sleep(8)  # not to be right: two requests that are older than the others
        for _ in range(2):
            self.checkOk(client.listAll())
        wait = int(client.listAll().headers["Retry-After"])
        self.assertTrue(WINDOW - 10 <= wait <= WINDOW - 7, wait)
        self.assertGreaterEqual(self.awaitAdmission(client, begun), WINDOW - 0.5)
        answer = self.checkError(client.listAll(), 429)
        self.assertTrue(1 <= int(answer.headers["Retry-After"]) <= 10, answer.headers.items())
