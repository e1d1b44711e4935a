"""A tenant whose list is worth asking questions about."""
import oracle
import rows
from case import HostCase


class Listed(HostCase):
    """A tenant with one user and a row of each name."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        made = rows.workflowRows("books", "owner") + rows.workflowRows("else", "other", seed=2)
        cls.host.edit((rows.INSERT, made))

    def setUp(self):
        self.client = self.person(user="owner", mandate="books")
        self.all = self.client.listAll().json()["items"]

    def select(self, **params):
        answer = self.checkOk(self.client.list(**params))
        return answer["items"], answer["pagination"]

    def checkNextCursor(self, pagination):
        """It is there exactly where another page follows; taken out of the metadata."""
        isLast = pagination["currentPage"] >= pagination["totalPages"]
        self.assertEqual("nextCursor" in pagination, not isLast)
        return pagination.pop("nextCursor", None)

    def checkAgainstOracle(self, params):
        expected = oracle.select(self.all, params)
        answer = self.checkOk(self.client.list(**params))
        names = [row["name"] for row in expected["items"]]
        self.assertEqual([row["name"] for row in answer["items"]], names)
        self.checkNextCursor(answer["pagination"])
        self.assertEqual(answer, expected)
