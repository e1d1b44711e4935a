"""A client that asks for text as it is generated, and what it makes of a stream."""
import shapes
from case import HostCase
from client import script
from host import awaitThat

# Code points of one to four bytes in UTF-8, two of which are two units in UTF-16; and what JSON and
# event streams must escape.
TEXT = 'a\u00e9\u20ac\U0001f600e\u0301\u2028"\\\n\r\x00\U00010348 '
FAR = 100_000  # so many deltas that a draft stays open until it is ended from outside


def writing(**plan):
    """A prompt whose answer is written by deltas alone."""
    return script(**{"chunks": 0, "logs": 0, "deltas": 10, "deltaText": TEXT, **plan})


def start(client, prompt, **query):
    return client.stream("POST", "/start/stream", {"prompt": prompt}, deltas="true", **query)


def join(client, workflowId, after=None, **query):
    return client.join(workflowId, after, deltas="true", **query)


def isDelta(frame):
    return frame.kind == "delta"


def reaches(length):
    """Whether a frame's place is so many code points into a draft."""
    return lambda frame: (frame.offset or 0) >= length


def begin(client, **plan):
    """A workflow whose draft is open until it is ended from outside: its id, stream, transcript."""
    stream = start(client, writing(**{"deltas": FAR, "delayMs": 10, **plan}))
    transcript = Transcript().take(stream.until(isDelta))
    return transcript.workflowId, stream, transcript


def awaitStored(host, workflowId, length):
    """Waits until so many code points of the open draft are stored; returns how many are."""

    def stored():
        rows = host.rows("SELECT text FROM draft_piece WHERE workflowId = ?", (workflowId,))
        found = sum(len(text) for text, in rows)
        return found if found >= length else 0

    return awaitThat(stored, f"{length} code points of the draft are stored")


class Draft:
    """The text of one message, joined from deltas."""

    def __init__(self):
        self.pieces, self.length = [], 0  # in code points

    def add(self, text):
        self.pieces.append(text)
        self.length += len(text)

    @property
    def text(self):
        return "".join(self.pieces)


class Transcript:
    """What a client has joined from the frames that it was sent, however often it came back.

    Each frame must go on exactly where the client is: no item and no code point twice, and none
    left out.
    """

    def __init__(self):
        self.items = []  # of the places 1, 2, 3 …
        self.drafts = {}  # by message
        self.open = None  # the message that is being written
        self.last = None  # the id of the newest frame
        self.status = None  # that the end has told

    @property
    def workflowId(self):
        return self.items[0]["item"]["workflowId"]

    def take(self, frames):
        for frame in frames:
            getattr(self, "take" + frame.kind.capitalize())(frame)
            self.last = frame.id or self.last
        return self

    def takeDelta(self, frame):
        assert list(frame.json) == ["id", "offset", "text"], frame
        message, offset, text = frame.json.values()
        assert text, f"an empty delta: {frame}"
        assert message == self.open or message not in self.drafts, f"a draft reopened: {frame}"
        self.open = message
        draft = self.drafts.setdefault(message, Draft())
        assert offset == draft.length, f"{draft.length} code points are known, not {frame}"
        draft.add(text)
        assert (frame.place, frame.offset) == (len(self.items), draft.length), frame

    def takeItem(self, frame):
        assert frame.place == len(self.items) + 1, f"{len(self.items)} items are known, not {frame}"
        self.items.append(frame.json)
        if frame.item["id"] == self.open:
            self.open = None
        expected = None if self.open is None else self.drafts[self.open].length
        assert frame.offset == expected, f"{expected} code points are known, not {frame}"

    def forgetDraft(self):
        """The host has died: what it had not stored of an open draft is gone."""
        self.open = None

    def takeEnd(self, frame):
        self.status = frame.json["status"]

    def takeKeepalive(self, frame):
        pass

    def messages(self):
        """The finished messages, by id."""
        return {each["item"]["id"]: each["item"] for each in self.items if each["type"] == "message"}


class DeltaCase(HostCase):
    """Tests of what a client with deltas=true ends with."""

    def checkWhole(self, client, workflowId, transcript):
        """The client has what everybody sees, and what it was shown before was the same text."""
        thread = self.checkOk(client.detail(workflowId))
        self.assertEqual(transcript.items, thread["chatData"]["items"])
        if transcript.status is not None:
            self.assertEqual(transcript.status, thread["workflow"]["status"])
        messages = transcript.messages()
        for message, draft in transcript.drafts.items():
            self.assertIn(message, messages, "text that was shown is gone")
            kept = messages[message]["message"]
            self.assertTrue(kept.startswith(draft.text), f"{draft.length} shown, {len(kept)} kept")
        return thread

    def checkRecovered(self, client, workflowId, transcript):
        """After a kill: the client has what everybody sees, though of the text only what was stored."""
        thread = self.checkOk(client.detail(workflowId))
        self.assertEqual(transcript.items, thread["chatData"]["items"])
        self.assertEqual(transcript.status, thread["workflow"]["status"])
        messages = transcript.messages()
        for message, draft in transcript.drafts.items():
            kept = messages[message]["message"] if message in messages else ""
            self.assertTrue(kept.startswith(draft.text) or draft.text.startswith(kept))
        return thread

    def checkInterrupted(self, message, why="Interrupted"):
        """What is kept of a text that was not finished."""
        self.checkModel(shapes.MESSAGE, message)
        self.assertEqual((message["role"], message["status"]), ("assistant", "last"))
        self.assertFalse(message["success"])
        self.assertTrue(message["summary"].startswith(why), message["summary"])
