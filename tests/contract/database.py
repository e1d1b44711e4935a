"""The databases that hosts are started on, as another program sees them."""
import itertools
import os
import sqlite3
import subprocess
from pathlib import Path

import oracle


class SqliteFile:
    def __init__(self, path):
        self.path = Path(path)

    def __str__(self):
        return str(self.path)

    def edit(self, statements):
        connection = sqlite3.connect(self.path)
        with connection:
            for sql, rows in statements:
                connection.executemany(sql, rows)
        connection.close()

    def rows(self, sql, parameters=()):
        connection = sqlite3.connect(self.path)
        try:
            return connection.execute(sql, parameters).fetchall()
        finally:
            connection.close()

    def tables(self):
        return [name for (name,) in self.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]

    def faults(self):
        found = self.rows("PRAGMA integrity_check")
        return [] if found == [("ok",)] else found


class PostgresSchema:
    """A schema of its own on a server; psql speaks to it."""

    numbers = itertools.count(1)
    FOLDED = ("id", "mandateId", "name", "workflowMode", "createdBy")

    def __init__(self, server):
        self.name = f"contract_{os.getpid()}_{next(self.numbers)}"
        self.url = f"{server}&options=-csearch_path%3D{self.name}"
        self.psql(f"CREATE SCHEMA {self.name}")

    def __str__(self):
        return self.url

    def psql(self, script):
        command = ["psql", self.url, "-X", "-q", "-A", "-t", "-F", "\x1f", "-R", "\x1e",
                   "-v", "ON_ERROR_STOP=1"]
        done = subprocess.run(command, input=script, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise AssertionError(f"{done.stderr}\n{script[:500]}")
        return done.stdout

    @staticmethod
    def literal(value):
        if value is None:
            return "NULL"
        if isinstance(value, str):
            return f"decode('{value.encode().hex()}', 'hex')"
        return f"CAST('{value!r}' AS {'BIGINT' if isinstance(value, int) else 'FLOAT8'})"

    def filled(self, sql, values):
        parts = sql.split("?")
        marks = [self.literal(value) for value in values] + [""]
        return "".join(part + mark for part, mark in zip(parts, marks, strict=True)) + ";\n"

    def edit(self, statements):
        script = "".join(self.filled(sql, row) for sql, rows in statements for row in rows)
        self.psql(script)
        self.fold()

    def fold(self):
        """What the library stores beside a workflow's texts."""
        script = ""
        for column in self.FOLDED:
            for (text,) in self.rows(f"SELECT DISTINCT {column} FROM workflow"):
                folded = oracle.folded(text) if oracle.folded(text) != text else None
                script += self.filled(
                    f"UPDATE workflow SET {column}Folded = ? WHERE {column} = ?", (folded, text)
                )
        self.psql(script)

    @staticmethod
    def value(text):
        if text.startswith("\\x"):
            return bytes.fromhex(text[2:]).decode()
        try:
            return int(text)
        except ValueError:
            return text

    def rows(self, sql, parameters=()):
        out = self.psql(self.filled(sql, parameters)).removesuffix("\n")
        lines = out.split("\x1e") if out else []
        return [tuple(self.value(text) for text in line.split("\x1f")) for line in lines]

    def tables(self):
        sql = f"SELECT tablename FROM pg_tables WHERE schemaname = '{self.name}'"
        return [name for (name,) in self.rows(sql)]

    def faults(self):
        return []
