"""Rulings as a PostgreSQL wire knows them: read after every claim, from the last one known on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg

from strands import tables
from strands.rulings import ruling
from strands.rulings.fold import Check, Rulings
from strands.wires import rows, statements


class KnownRulings:
    """The fold of the rulings that were committed, as far as one connection has read them."""

    def __init__(self, *, check: Check | None) -> None:
        self._check = check
        self.forget()

    def forget(self) -> None:
        """Begin again: what is known belongs to a connection that is gone."""
        self.rulings = Rulings(check=self._check)
        #: Where in the order of strands the last ruling known stands.
        self._last = 0

    def ask(self, execute: Callable[..., psycopg.Cursor[Any]]) -> psycopg.Cursor[Any]:
        """Send the question for newer rulings; what it finds is to be counted."""
        return execute(statements.RULINGS, {"after": self._last, "kinds": list(ruling.COLUMNS)})

    def count(self, found: psycopg.Cursor[Any]) -> None:
        """Let the rulings that a question found count."""
        for said, identity, text in found.fetchall():
            count(self.rulings, identity, text)
            self._last = said


def count(rulings: Rulings, identity: str, text: str) -> None:
    """Let the ruling in one row's JSON count; one that cannot be read is known as refused."""
    try:
        rulings.add(rows.strand(tables.TABLES["op"], text))
    except (ValueError, TypeError, KeyError, RecursionError) as fault:
        rulings.add_unread(identity, f"{type(fault).__name__}: {fault}")
