"""filters.search with searchIn: the text of messages, in many languages, as CONTRACT 6 says."""
from case import HostCase
from host import awaitThat

# A text, what finds it, and what does not.
TEXTS = (
    ("The Quick brown fox jumps.", ("quick BROWN", "fox ju", "the"), ("brown quick", "ox")),
    ("Die Straße führt nach Zürich", ("STRASSE", "führt NACH"), ("strassen",)),
    ("我今天去北京大学看朋友", ("北京", "北京大学", "京", "看朋友"), ("大北", "上海")),
    ("東京都庁でカタカナを書きます", ("東京", "京都", "カタカナ", "書きます"), ("京東", "ひらがな")),
    ("한국은행에서 만나요", ("은행", "한국은행"), ("행은",)),
    ("Привет, как дела?", ("ПРИВЕТ", "как де"), ("дела как",)),
    ("สวัสดีครับผม", ("สวัสดี", "ครับ"), ("ลาก่อน",)),
    ("مرحبا بالعالم", ("مرحبا",), ("وداعا",)),
)


def searched(text):
    return {"filters": {"search": text, "searchIn": "messages"}}


class SearchMessages(HostCase):
    def setUp(self):
        self.client = self.person()

    def found(self, client, text):
        answer = self.checkOk(client.list(**searched(text)))
        self.assertEqual(answer["pagination"]["totalItems"], len(answer["items"]))
        return {row["id"] for row in answer["items"]}

    def tell(self, client, text):
        """A thread with that message, and a name that has nothing of it."""
        workflowId, _ = client.run("A name of its own")
        client.proceed(workflowId, text).rest()
        return workflowId

    def awaitIndexed(self, ids):
        """A search does some of the indexing that waits, for its caller's newest messages."""
        marks = ", ".join("?" * len(ids))
        sql = f"SELECT count(*) FROM message_pending WHERE workflowId IN ({marks})"
        awaitThat(lambda: self.host.rows(sql, ids) == [(0,)], "the messages are indexed")

    def test_messages_are_found_in_many_languages(self):
        ids = {text: self.tell(self.client, text) for text, _, _ in TEXTS}
        self.awaitIndexed([*ids.values()])
        for text, words, others in TEXTS:
            for word in words:
                self.assertIn(ids[text], self.found(self.client, word), word)
            for word in others:
                self.assertNotIn(ids[text], self.found(self.client, word), word)

    def test_names_are_searched_too(self):
        workflowId, _ = self.client.run("Holidays in Spain")
        self.assertEqual(self.found(self.client, "OLIDAY"), {workflowId})

    def test_nobody_finds_what_he_may_not_see(self):
        workflowId = self.tell(self.client, "A secret word: xylophone")
        colleague = self.colleague(self.client)
        viewer = self.colleague(self.client, ("viewer",))
        elsewhere = self.person(user=self.client.user, roles=("admin",))
        self.assertEqual(self.found(self.client, "xylophone"), {workflowId})
        self.assertEqual(self.found(viewer, "xylophone"), {workflowId})
        self.assertIn(workflowId, self.found(self.allSeeing(), "xylophone"))
        for client in (colleague, elsewhere, self.colleague(self.client, ())):
            self.assertEqual(self.found(client, "xylophone"), set())

    def test_what_was_deleted_is_not_found(self):
        workflowId = self.tell(self.client, "Zanzibar")
        self.assertEqual(self.found(self.client, "zanzibar"), {workflowId})
        self.checkStatus(self.client.delete(workflowId), 200)
        self.assertEqual(self.found(self.client, "zanzibar"), set())

    def test_hostile_texts_are_but_texts(self):
        self.tell(self.client, "plain words")
        for text in ('"', "plain OR words", "plain*", "NEAR(plain words)", "^plain", "text:plain",
                     "-plain", "plain)", "'; DROP TABLE item; --", "\0", "%", "_", "{a b}", "+"):
            answer = self.client.list(**searched(text))
            self.checkStatus(answer, 200)
        self.assertEqual(len(self.found(self.client, "plain words")), 1)
        self.assertEqual(self.found(self.client, "plain OR words"), set())

    def test_what_does_not_fit_is_named(self):
        for filters in (
            {"searchIn": "messages"},
            {"search": "x", "searchIn": "names"},
            {"search": "x", "searchIn": 5},
            {"search": "x", "searchIn": ["messages"]},
        ):
            answer = self.checkError(self.client.list(filters=filters), 400)
            self.assertIn("searchIn", answer.detail)
        self.checkStatus(self.client.list(filters={"search": "x", "searchIn": None}), 200)

    def test_pages_by_cursor_go_through_what_was_found(self):
        self.awaitIndexed([self.tell(self.client, f"common {number}") for number in range(5)])
        params = {"pageSize": 2, **searched("common")}
        seen = []
        while True:
            page = self.checkOk(self.client.list(**params))
            seen += [row["id"] for row in page["items"]]
            self.assertEqual(page["pagination"]["totalItems"], 5)
            if "nextCursor" not in page["pagination"]:
                break
            params["cursor"] = page["pagination"]["nextCursor"]
        self.assertEqual(len(set(seen)), 5)
        self.assertEqual(len(seen), 5)
