"""Connections of our own, beside Django's: the wire's, and the one that listens."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import psycopg
from django.conf import settings
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from strands import calendar
from strands.wires.transactions import BEGIN, Shared

#: What the hot path wants of its session: plans made once, index scans only, moments read back in UTC.
HOT_PATH = {
    "timezone": "UTC",
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "enable_bitmapscan": "off",
}
#: Beside it, where a crash of the server may lose the last commits, never half of one.
NOT_DURABLE = {"synchronous_commit": "off"}
LISTENING = "-c timezone=UTC"

ON_THE_WIRE = "tradingops wire"
#: What Django adds for itself, and what each of our connections says in its own way.
NOT_THE_ADDRESS = ("cursor_factory", "context", "prepare_threshold", "application_name", "options")


def parameters(using: str = "default") -> dict[str, Any]:
    """Return what psycopg needs to reach a configured database: all that its URL says but the session's options."""
    given = connections[using].get_connection_params()
    return {name: value for name, value in given.items() if name not in NOT_THE_ADDRESS and value not in (None, "")}


@contextmanager
def as_owner(using: str = "default") -> Iterator[None]:
    """Let this thread's connections be the owner's for the length of the block, where owner and application are apart.

    The owner lays tables, keeps retention and makes projections again; everything else is the application's. Raises
    RuntimeError inside a transaction.
    """
    owner, connection = settings.DATABASE_OWNER, connections[using]
    if owner is None or connection.settings_dict["USER"] == owner["USER"]:
        yield
        return
    if connection.in_atomic_block:
        raise RuntimeError(f"{using}: a transaction is under way; the owner cannot take over within it")
    theirs = connection.settings_dict
    connection.close()
    connection.settings_dict = {**theirs, **owner}
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict = theirs


def read_every_moment(*, connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Have a new connection read moments that Python's calendar does not have: one odd row takes no page with it."""
    adapters = connection.connection.adapters
    known = adapters.get_loader(_MOMENT, psycopg.pq.Format.TEXT)

    class EveryMoment(known):  # type: ignore[valid-type, misc]
        def load(self, data: Any) -> Any:
            try:
                return super().load(data)
            except psycopg.DataError:
                return calendar.beyond(bytes(data).decode())

    adapters.register_loader(_MOMENT, EveryMoment)


#: PostgreSQL's number of the type TIMESTAMPTZ.
_MOMENT = psycopg.postgres.types["timestamptz"].oid


def options(ours: str, using: str = "default") -> str:
    """Return the options of a session: those of the database's URL, then ours."""
    return f"{connections[using].get_connection_params().get('options', '')} {ours}".strip()


def as_options(wanted: Mapping[str, str]) -> str:
    """Return settings of a session as the options of its connection."""
    return " ".join(f"-c {name}={value}" for name, value in wanted.items())


def wire(*, durable: bool = True) -> psycopg.Connection[Any]:
    """Open a connection for the hot path; without ``durable`` a crash of the server may lose the last commits, never
    half of one."""
    wanted = HOT_PATH if durable else {**HOT_PATH, **NOT_DURABLE}
    if settings.DATABASE_LISTEN_URL:
        return _pooled(wanted)
    ours = options(as_options(wanted))
    connection = psycopg.connect(**parameters(), autocommit=True, application_name=ON_THE_WIRE, options=ours)
    connection.prepare_threshold = 0
    return connection


def _pooled(wanted: Mapping[str, str]) -> Shared:
    theirs: dict[str, Any] = {"options": options("")} if options("") else {}
    connection = Shared.connect(**parameters(), **theirs, autocommit=True, application_name=ON_THE_WIRE)
    connection.prepare_threshold = None
    said = ", ".join(f"set_config('{name}', '{value}', true)" for name, value in wanted.items())
    connection.begins = (*BEGIN, f"SELECT {said}")
    # Of a session's settings poolers carry this one from server to server.
    connection.execute("SET timezone TO 'UTC'")
    return connection


def listening() -> psycopg.Connection[Any]:
    """Open the connection that only listens: by DATABASE_LISTEN_URL where a pooler stands before the database."""
    if settings.DATABASE_LISTEN_URL:
        return psycopg.connect(settings.DATABASE_LISTEN_URL, autocommit=True, application_name="tradingops listen")
    return psycopg.connect(
        **parameters(), autocommit=True, application_name="tradingops listen", options=options(LISTENING)
    )
