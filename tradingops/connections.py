"""Connections of our own, beside Django's: the wire's, and the one that listens."""

from __future__ import annotations

from typing import Any

import psycopg
from django.conf import settings
from django.db import connections

#: What the hot path wants of its session: plans made once, index scans only, moments read back in UTC.
HOT_PATH = "-c timezone=UTC -c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c enable_bitmapscan=off"
LISTENING = "-c timezone=UTC"

#: What Django adds for itself, and what each of our connections says in its own way.
NOT_THE_ADDRESS = ("cursor_factory", "context", "prepare_threshold", "application_name", "options")


def parameters(using: str = "default") -> dict[str, Any]:
    """Return what psycopg needs to reach a configured database: all that its URL says but the session's options."""
    given = connections[using].get_connection_params()
    return {name: value for name, value in given.items() if name not in NOT_THE_ADDRESS and value not in (None, "")}


def options(ours: str, using: str = "default") -> str:
    """Return the options of a session: those of the database's URL, then ours."""
    return f"{connections[using].get_connection_params().get('options', '')} {ours}".strip()


def wire(*, durable: bool = True) -> psycopg.Connection[Any]:
    """Open a connection for the hot path; without ``durable`` a crash of the server may lose the last commits, never
    half of one."""
    ours = options(HOT_PATH if durable else f"{HOT_PATH} -c synchronous_commit=off")
    connection = psycopg.connect(**parameters(), autocommit=True, application_name="tradingops wire", options=ours)
    connection.prepare_threshold = 0
    return connection


def listening() -> psycopg.Connection[Any]:
    """Open the connection that only listens: by DATABASE_LISTEN_URL where a pooler stands before the database."""
    if settings.DATABASE_LISTEN_URL:
        return psycopg.connect(settings.DATABASE_LISTEN_URL, autocommit=True, application_name="tradingops listen")
    return psycopg.connect(
        **parameters(), autocommit=True, application_name="tradingops listen", options=options(LISTENING)
    )
