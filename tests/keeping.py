"""What a play left in the database, so that the next test which begins with it need not play it again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import LiteralString

from psycopg import sql

from strands import triggers
from tests import emptying, sessions
from tradingops import connections


class Kept:
    """The rows of one play, kept by the first test that asks and put back for the others."""

    def __init__(self, play: Callable[[], None]) -> None:
        self._play = play
        self._rows: dict[str, bytes] = {}

    @contextmanager
    def session(self) -> Iterator[sessions.Session]:
        """A session that may change what nobody may, on the tables as the play left them; used-up numbers stay used."""
        if first := not self._rows:
            self._play()
        with connections.wire() as session, sessions.without_rules(session):
            session.execute("SET session_replication_role = replica")
            if first:
                tables = [each for each in emptying.held() if each not in emptying.FILLED]
                self._rows = {table: _read(session, table) for table in tables}
            else:
                self._put_back(session)
            yield session

    def _put_back(self, session: sessions.Session) -> None:
        tables = sql.SQL(", ").join(map(sql.Identifier, self._rows))
        session.execute(f"SET {triggers.MAY_ERASE} = 'on'")
        session.execute(sql.SQL("TRUNCATE {} CASCADE").format(tables))
        session.execute(f"RESET {triggers.MAY_ERASE}")
        for table, rows in self._rows.items():
            with session.cursor().copy(_copy(table, "FROM STDIN")) as copy:
                copy.write(rows)


def _read(session: sessions.Session, table: str) -> bytes:
    with session.cursor().copy(_copy(table, "TO STDOUT")) as copy:
        return b"".join(map(bytes, copy))


def _copy(table: str, way: LiteralString) -> sql.Composed:
    return sql.SQL("COPY {} " + way + " (FORMAT binary)").format(sql.Identifier(table))
