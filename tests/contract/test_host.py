"""The program itself: its options, its demo user, its page, and databases that it cannot use."""
import sqlite3
import subprocess
from pathlib import Path

from case import HostCase
from client import Client, script
from host import DEFAULTS, Host

TIMEOUT = 20


class DemoUser(HostCase):
    """Without --trust-identity-headers nobody can say who he is."""

    options = ("--rate-limit", "0")

    def test_identity_headers_count_for_nothing(self):
        plain = Client(self.host)
        mighty = Client(self.host, "root", "operators", ("sysadmin",))
        one, _ = plain.run()
        two, _ = mighty.run()
        workflows = self.checkOk(plain.listAll())["items"]
        self.assertEqual([each["id"] for each in workflows], [two, one])
        self.assertEqual(workflows[0]["_createdBy"], workflows[1]["_createdBy"])
        self.assertNotIn("root", [each["_createdBy"] for each in workflows])
        self.assertNotIn("operators", [each["mandateId"] for each in workflows])
        moved = [("elsewhere", one), ("operators", two)]
        self.host.edit(("UPDATE workflow SET mandateId = ? WHERE id = ?", moved))
        self.assertEqual(mighty.listAll().json()["items"], [])
        self.checkAbsent(mighty.detail(two), two)

    def test_the_page_is_one_file_that_needs_nothing_from_elsewhere(self):
        connection, response = Client(self.host).send("GET", "/")
        page = response.read().decode()
        connection.close()
        self.assertEqual(response.status, 200)
        self.assertTrue(response.headers["Content-Type"].startswith("text/html"))
        self.assertIn("<!doctype html>", page[:100].lower())
        for reference in ('src="http', 'href="http', "@import", "url(http", "//cdn"):
            self.assertNotIn(reference, page.lower())

    def test_an_unknown_path_is_404(self):
        for path in ("/favicon.icon", "/index.php", "/api", "/api/chatbotx/threads", "/../etc"):
            connection, response = Client(self.host).send("GET", path)
            response.read()
            connection.close()
            self.assertEqual(response.status, 404, path)


class Program(HostCase):
    def launch(self, *arguments):
        return subprocess.run(
            [Host.binary, *map(str, arguments)],
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            check=False,
        )

    def checkRefused(self, *arguments):
        """Ends by itself, with a code that says so and one line that says why."""
        result = self.launch("--listen", "127.0.0.1:0", *arguments)
        self.assertNotIn(result.returncode, (0, -6, -11), result)
        self.assertTrue(result.stderr.startswith("chatbot-host: "), result)
        self.assertNotIn("http://", result.stdout)
        return result.stderr

    def test_help_tells_the_options(self):
        result = self.launch("--help")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        for option in ("--listen", "--db", "--responder", "--set", *DEFAULTS[:2]):
            self.assertIn(option, result.stdout)

    def test_options_that_do_not_fit_are_refused(self):
        database = Path(self.host.folder) / "unused.sqlite"
        for arguments in (
            ["--unknown"],
            ["positional"],
            ["--db"],
            ["--responder", "nobody"],
            ["--rate-limit", "-1"],
            ["--rate-limit", "many"],
            ["--rate-limit", "99999999999999999999"],
            ["--set", "leaseMs"],
            ["--set", "leaseMs=soon"],
            ["--set", "unknown=1"],
            ["--listen", "127.0.0.1"],
            ["--listen", "127.0.0.1:65536"],
            ["--listen", "127.0.0.1:x"],
            ["--listen", ""],
        ):
            with self.subTest(arguments=arguments):
                self.checkRefused("--db", database, *arguments)

    def test_an_address_that_is_taken_is_refused(self):
        folder = Path(self.host.folder)
        options = ["--listen", f"127.0.0.1:{self.host.port}", "--db", folder / "second.sqlite"]
        self.checkRefused(*options)
        self.checkOk(self.person().listAll())

    def test_a_database_that_cannot_be_opened_is_refused(self):
        folder = Path(self.host.folder)
        self.checkRefused("--db", folder / "absent" / "chatbot.sqlite")
        self.checkRefused("--db", folder)

    def test_a_file_that_is_no_database_is_refused_and_left_as_it_is(self):
        path = Path(self.host.folder) / "text.sqlite"
        path.write_text("This is somebody's text, and no database. " * 200)
        before = path.read_bytes()
        self.checkRefused("--db", path)
        self.assertEqual(path.read_bytes(), before)

    def test_a_database_of_a_newer_version_is_refused_and_left_as_it_is(self):
        path = Path(self.host.folder) / "newer.sqlite"
        host = Host(self.host.folder, DEFAULTS, path)
        host.runs = 100
        host.start()
        workflowId, _ = Client(host, "u", "m", ("user",)).run(script(chunks=0))
        host.stop()
        self.change(path, "INSERT INTO schema_history VALUES (2, 'of a later version')")
        self.assertIn("version", self.checkRefused("--db", path))
        self.change(path, "DELETE FROM schema_history WHERE version = 2")
        host.start()
        self.checkOk(Client(host, "u", "m", ("user",)).detail(workflowId))
        host.close()

    def change(self, path, statement):
        connection = sqlite3.connect(path)
        with connection:
            connection.execute(statement)
        connection.close()
