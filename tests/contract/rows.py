"""Workflows for the database of a stopped host: lists that no client could make."""
import random

COLUMNS = (
    "id",
    "mandateId",
    "name",
    "status",
    "workflowMode",
    "currentRound",
    "currentTask",
    "currentAction",
    "totalTasks",
    "totalActions",
    "maxSteps",
    "startedAt",
    "lastActivity",
    "createdBy",
    "createdAt",
    "lastSeq",
)

INSERT = f"INSERT INTO workflow ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})"

NAMES = (
    "Alpha", "alpha", "ALPHA beta", "Äpfel", "äpfel", "A\u0308pfel", "Straße", "STRASSE",
    "strasse", "100%", "100 percent", "a_b", "axb", "a\\b", 'say "hi"', "", " ",
    "'; DROP TABLE workflow; --",
    "Ωmega", "ωMEGA", "Σίσυφος", "ΣΊΣΥΦΟΣ", "\U0001f600 smile", "\uff5e wave", "\ufffd", "zeta",
    "Zeta", "null", "NULL", "0", "10", "9", "*", "a*b", "a?b", "[ab]", "NEAR(a b)", "x" * 200,
    "two words", "two  words", "İstanbul", "istanbul", "ﬁne", "FINE",
)  # fmt: skip


def workflowRows(mandate, user, count=None, seed=1):
    """Rows of all kinds, each name once; many share a value of the other fields."""
    chance = random.Random(seed)
    names = (NAMES * (1 + (count or 0) // len(NAMES)))[: count or len(NAMES)]
    numbers = chance.sample(range(10**12), len(names))
    return [workflowRow(chance, *each, mandate, user) for each in zip(numbers, names)]


def workflowRow(chance, number, name, mandate, user):
    began = 1700000000 + chance.randrange(20) / 4
    return (
        f"01890000-0000-7000-8000-{number:012d}",
        mandate,
        name,
        chance.choice(("completed", "stopped", "error")),
        "Chatbot",
        chance.randrange(1, 5),
        chance.randrange(3),
        chance.randrange(3),
        chance.choice((0, 1, 2**53, 2**62, -1)),
        chance.randrange(3),
        chance.choice((5, 10, 20)),
        began,
        began + chance.randrange(10),
        user,
        began,
        0,
    )
