"""What the integration tests may ask for."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest

from strands.retry import RetryPolicy
from strands.wires.postgres import PostgresWire
from tests import sessions
from tradingops import connections

#: Three tries, one right after the other.
AT_ONCE = RetryPolicy(attempts=3, first_seconds=0.0)


@pytest.fixture
def session(db: None) -> Iterator[sessions.Session]:
    """A session of the test database whose every change is undone: quick, for what needs no second connection."""
    with sessions.undone() as opened:
        yield opened


@pytest.fixture
def wire(session: sessions.Session) -> PostgresWire:
    """A wire inside the session that is undone."""
    return PostgresWire(lambda: session, retry=AT_ONCE)


@pytest.fixture
def real_wire(transactional_db: None) -> Iterator[PostgresWire]:
    """A wire that commits."""
    wire = PostgresWire(partial(connections.wire, durable=False), retry=AT_ONCE)
    yield wire
    wire.close()


@pytest.fixture
def rival(transactional_db: None) -> Iterator[PostgresWire]:
    """Another worker's wire."""
    wire = PostgresWire(partial(connections.wire, durable=False), retry=AT_ONCE)
    yield wire
    wire.close()
