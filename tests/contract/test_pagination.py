"""GET /threads?pagination=: pages and sorting, as CONTRACT 6 says."""
import oracle
import rows
from client import PREFIX, compact
from listed import Listed


class Pages(Listed):
    def test_the_defaults_are_page_1_and_20_rows(self):
        items, pagination = self.select(sort=[{"field": "id", "direction": "asc"}])
        self.assertEqual(len(items), 20)
        self.assertEqual((pagination["currentPage"], pagination["pageSize"]), (1, 20))
        self.assertEqual(pagination["totalItems"], len(rows.NAMES))
        self.assertEqual(pagination["totalPages"], 3)

    def test_the_pages_together_are_the_list(self):
        for size in (1, 7, 20, len(rows.NAMES), 1000):
            seen = []
            for page in range(1, len(rows.NAMES) // size + 3):
                items, pagination = self.select(page=page, pageSize=size)
                self.assertEqual(pagination["totalItems"], len(rows.NAMES))
                seen += items
            self.assertEqual(seen, self.all)

    def test_ties_do_not_disturb_the_pages(self):
        for direction in ("asc", "desc"):
            sort, seen = [{"field": "status", "direction": direction}], []
            for page in range(1, 14):
                seen += self.select(page=page, pageSize=4, sort=sort)[0]
            self.assertEqual(len({row["id"] for row in seen}), len(rows.NAMES))
            for left, right in zip(seen, seen[1:]):
                if left["status"] == right["status"]:
                    self.assertLess(left["id"], right["id"])

    def test_a_page_behind_the_last_is_empty(self):
        for page in (4, 1000, 2**31, 2**32, 2**53, 2**63 - 1):
            items, pagination = self.select(page=page)
            self.assertEqual((items, pagination["currentPage"]), ([], page))
            self.assertEqual(pagination["totalPages"], 3)
            items, _ = self.select(page=page, pageSize=1000)
            self.assertEqual(items, [])

    def test_no_rows_are_no_pages(self):
        items, pagination = self.select(filters={"name": "absent"})
        self.assertEqual((items, pagination["totalItems"], pagination["totalPages"]), ([], 0, 0))

    def test_the_metadata_show_what_was_asked(self):
        sort = [{"field": "name", "direction": "desc"}, {"field": "id", "direction": "asc"}]
        filters = {"search": "Ä", "status": {"operator": "in", "value": ["completed"]}}
        answer = self.client.list(page=2, pageSize=5, sort=sort, filters=filters)
        expected = {
            "currentPage": 2,
            "pageSize": 5,
            "totalItems": answer.json()["pagination"]["totalItems"],
            "totalPages": answer.json()["pagination"]["totalPages"],
            "sort": sort,
            "filters": filters,
        }
        pagination = self.checkOk(answer)["pagination"]
        self.checkNextCursor(pagination)
        self.assertEqual(pagination, expected)

    def test_unknown_keys_are_ignored(self):
        plain = self.select(page=2, pageSize=5)
        self.assertEqual(self.select(page=2, pageSize=5, colour="red", Page=9, limit=1), plain)

    def test_a_plus_in_the_query_is_a_space(self):
        text = compact({"filters": {"name": "two words"}}).replace(" ", "+")
        text = text.replace('"', "%22").replace("{", "%7B").replace("}", "%7D")
        connection, response = self.client.send("GET", f"{PREFIX}/threads?pagination={text}")
        self.assertIn(b'"name":"two words"', response.read())
        connection.close()


class Sorting(Listed):
    def test_every_field_sorts_both_ways(self):
        fields = oracle.TEXT_FIELDS + oracle.INTEGER_FIELDS + oracle.REAL_FIELDS
        for field in fields:
            for direction in ("asc", "desc"):
                with self.subTest(field=field, direction=direction):
                    sort = [{"field": field, "direction": direction}]
                    self.checkAgainstOracle({"pageSize": 1000, "sort": sort})

    def test_text_sorts_by_code_point(self):
        sort = [{"field": "name", "direction": "asc"}]
        names = [row["name"] for row in self.select(pageSize=1000, sort=sort)[0]]
        self.assertEqual(names, sorted(rows.NAMES))

    def test_any_number_of_fields(self):
        fields = ("status", "currentRound", "totalActions", "currentTask", "maxSteps", "name")
        sort = [{"field": field, "direction": "desc"} for field in fields]
        for count in range(1, len(sort) + 1):
            self.checkAgainstOracle({"pageSize": 1000, "sort": sort[:count]})

    def test_the_direction_may_be_left_out(self):
        """PaginationParams gives no default: it is asc, or the field is named in a 400."""
        answer = self.client.list(pageSize=1000, sort=[{"field": "name"}])
        if answer.status == 200:
            names = [row["name"] for row in answer.json()["items"]]
            self.assertEqual(names, sorted(rows.NAMES))
        else:
            self.assertIn("direction", self.checkError(answer, 400).detail)
