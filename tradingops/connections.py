"""Connections of our own, beside Django's: the wire's, and the one that listens."""

from __future__ import annotations

from typing import Any

import psycopg
from django.conf import settings
from django.db import connections

#: What the hot path wants of its session: plans made once, index scans only, moments read back in UTC.
HOT_PATH = "-c timezone=UTC -c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c enable_bitmapscan=off"
LISTENING = "-c timezone=UTC"


def parameters(using: str = "default") -> dict[str, Any]:
    """Return what psycopg needs to reach a configured database."""
    given = connections[using].get_connection_params()
    known = ("host", "port", "user", "password", "dbname", "sslmode", "sslrootcert", "sslcert", "sslkey")
    return {name: given[name] for name in known if given.get(name)}


def wire(*, durable: bool = True) -> psycopg.Connection[Any]:
    """Open a connection for the hot path; without ``durable`` a crash of the server may lose the last commits, never
    half of one."""
    options = HOT_PATH if durable else f"{HOT_PATH} -c synchronous_commit=off"
    connection = psycopg.connect(**parameters(), autocommit=True, application_name="tradingops wire", options=options)
    connection.prepare_threshold = 0
    return connection


def listening() -> psycopg.Connection[Any]:
    """Open the connection that only listens: by DATABASE_LISTEN_URL where a pooler stands before the database."""
    if settings.DATABASE_LISTEN_URL:
        return psycopg.connect(settings.DATABASE_LISTEN_URL, autocommit=True, application_name="tradingops listen")
    return psycopg.connect(
        **parameters(), autocommit=True, application_name="tradingops listen", options=LISTENING
    )
