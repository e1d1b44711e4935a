"""GET /threads?pagination={"cursor": …}: pages that follow each other, as CONTRACT 6 says."""
from case import HostCase
from listed import Listed


class Cursors(Listed):
    def walk(self, **params):
        """The pages from the first one on, each by the cursor of the one before it."""
        pages = []
        while True:
            items, pagination = self.select(**params)
            cursor = self.checkNextCursor(pagination)
            pages.append((items, pagination))
            if cursor is None:
                return pages
            params["cursor"] = cursor

    def test_a_walk_is_the_pages_by_number(self):
        questions = (
            {},
            {"sort": [{"field": "name", "direction": "desc"}]},
            {"sort": [{"field": "status", "direction": "asc"}], "filters": {"search": "a"}},
            {"filters": {"status": ["completed", "stopped"]}},
        )
        for question in questions:
            with self.subTest(question=question):
                for number, page in enumerate(self.walk(pageSize=4, **question), 1):
                    items, pagination = self.select(pageSize=4, page=number, **question)
                    self.checkNextCursor(pagination)
                    self.assertEqual(page, (items, pagination))

    def test_a_cursor_goes_on_after_rows_that_were_deleted(self):
        client = self.person()
        for name in range(6):
            client.run(str(name))
        client.listAll()
        params = {"pageSize": 2, "sort": [{"field": "name", "direction": "asc"}]}
        first = client.list(**params).json()
        for row in client.listAll().json()["items"]:
            if row["name"] in "12":
                self.checkStatus(client.delete(row["id"]), 200)
        rest = client.list(cursor=first["pagination"]["nextCursor"], **params).json()
        self.assertEqual([row["name"] for row in rest["items"]], ["3", "4"])
        self.assertEqual(rest["pagination"]["totalItems"], 4)

    def test_a_cursor_survives_a_restart(self):
        cursor = self.select(pageSize=3)[1]["nextCursor"]
        expected = self.select(pageSize=3, cursor=cursor)
        self.host.stop()
        self.host.start()
        self.assertEqual(self.select(pageSize=3, cursor=cursor), expected)


class WrongCursors(HostCase):
    FOREIGN = (
        "Invalid pagination parameter: cursor: it was not made for this caller, sort and filters"
    )

    def setUp(self):
        self.client = self.person()
        for name in ("a", "b", "c"):
            self.client.run(name)
        self.cursor = self.client.list(pageSize=1).json()["pagination"]["nextCursor"]

    def test_another_caller_sort_or_filter_is_refused(self):
        for client in (
            self.person(),
            self.person(user=self.client.user),
            self.colleague(self.client),
            self.colleague(self.client, ("admin",)),
            self.allSeeing(),
        ):
            self.checkError(client.list(cursor=self.cursor), 400, self.FOREIGN)
        for params in (
            {"sort": [{"field": "name", "direction": "asc"}]},
            {"filters": {"status": "completed"}},
        ):
            self.checkError(self.client.list(cursor=self.cursor, **params), 400, self.FOREIGN)

    def test_a_cursor_that_was_not_given_is_refused(self):
        for cursor in ("x", "AAAA", self.cursor[:-1], self.cursor + "A", "é", "\0", " "):
            self.checkError(self.client.list(cursor=cursor), 400, self.FOREIGN)
        for place in range(0, len(self.cursor), 7):
            letter = "A" if self.cursor[place] != "A" else "B"
            changed = self.cursor[:place] + letter + self.cursor[place + 1 :]
            self.checkError(self.client.list(cursor=changed), 400, self.FOREIGN)

    def test_a_cursor_of_the_wrong_type_is_named(self):
        for cursor in (1, True, [], {}, "", "x" * 70000):
            answer = self.client.list(cursor=cursor)
            if answer.status == 431 or answer.status == 414:
                continue  # the host's own limit on a request's line
            self.assertIn("cursor", self.checkError(answer, 400).detail)
        answer = self.client.list(cursor=self.cursor, page=2)
        self.assertIn("page and cursor", self.checkError(answer, 400).detail)
        self.checkStatus(self.client.list(cursor=None, page=2), 200)
