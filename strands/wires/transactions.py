"""A transaction in pipeline mode: a round trip only where an answer is read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

#: What begins a transaction; a connection that shares its sessions with others says more.
BEGIN = ("BEGIN",)
IDLE = psycopg.pq.TransactionStatus.IDLE


class Shared(psycopg.Connection[Any]):
    """A connection through a pooler in transaction mode: each transaction may be in another session of the server.

    So nothing is prepared, and ``begins`` says, with each transaction, what is wanted of its session.
    """

    begins: tuple[str, ...] = BEGIN


@contextmanager
def whole(connection: psycopg.Connection[Any]) -> Iterator[None]:
    """Send the block as one transaction; within somebody's transaction it is a part of that one."""
    if connection.info.transaction_status != IDLE:
        with connection.pipeline(), connection.transaction():
            yield
        return
    shared = isinstance(connection, Shared)
    try:
        with connection.pipeline():
            for statement in connection.begins if isinstance(connection, Shared) else BEGIN:
                connection.execute(statement)
            yield
            if not shared:
                connection.execute("COMMIT")
        if shared:
            # A pipeline ends with a request to flush. Behind a COMMIT the pooler would take a session for it and keep
            # it for this client, who has nothing to say, until the client's next transaction.
            connection.execute("COMMIT")
    except BaseException:
        if not connection.closed and connection.info.transaction_status != IDLE:
            connection.execute("ROLLBACK")
        raise
