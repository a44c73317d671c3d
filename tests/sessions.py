"""Sessions of the test database, beside Django's own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from strands import triggers, upkeep
from tradingops import connections

Session = psycopg.Connection[Any]


@contextmanager
def undone() -> Iterator[Session]:
    """A session as the wire opens its own, whose every change is undone at the end."""
    with connections.wire() as session, session.transaction(force_rollback=True):
        yield session


@contextmanager
def listening(*channels: str) -> Iterator[Session]:
    """A session that hears what is said on some channels from now on."""
    with connections.listening() as session:
        for channel in channels:
            session.execute(f'LISTEN "{channel}"')
        yield session


def heard(session: Session) -> list[tuple[str, str]]:
    """Return the channel and payload of each notification that has arrived."""
    session.execute("SELECT 1")
    return [(each.channel, each.payload) for each in session.notifies(timeout=0)]


@contextmanager
def without_rules(session: Session) -> Iterator[None]:
    """Let a session of the owner change what nobody may, for the length of the block."""
    guards = rows(session, upkeep.GUARDS, upkeep.named(triggers.GUARDS))
    for table, guard in guards:
        session.execute(f'ALTER TABLE {table} DISABLE TRIGGER "{guard}"')
    try:
        yield
    finally:
        for table, guard in guards:
            session.execute(f'ALTER TABLE {table} ENABLE ALWAYS TRIGGER "{guard}"')


def insert(session: Session, table: str, **columns: Any) -> None:
    """Insert one row as any client may; dictionaries and lists go in as JSON."""
    names = ", ".join(columns)
    places = ", ".join(["%s"] * len(columns))
    values = [json.dumps(value) if isinstance(value, dict | list) else value for value in columns.values()]
    session.execute(f"INSERT INTO {table} ({names}) VALUES ({places})", values)


def rows(session: Session, query: str, *values: Any) -> list[tuple[Any, ...]]:
    return session.execute(query, values).fetchall()


def refusal(session: Session, query: str, *values: Any) -> psycopg.Error:
    """Return the error that a statement is refused with, and leave the session as it was."""
    try:
        with session.transaction():
            session.execute(query, values)
    except psycopg.Error as refused:
        return refused
    raise AssertionError(f"not refused: {query}")


def words(refused: psycopg.Error) -> str:
    """Return what a person reads of an error: its message, its hint, the constraint's name."""
    told = refused.diag
    return " / ".join(filter(None, (told.message_primary, told.message_hint, told.constraint_name)))
