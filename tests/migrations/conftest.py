"""A database of its own for each test that migrates."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from django.db import connection, connections

from tradingops import connections as ours


@contextmanager
def _another_database(ending: str, *, template: str | None = None) -> Iterator[str]:
    """Let Django's connection lead to a new database for the length of the block; without a template it is empty."""
    settings = connection.settings_dict
    original, another = settings["NAME"], f"{settings['NAME']}_{ending}"
    connections.close_all()
    with psycopg.connect(**{**ours.parameters(), "dbname": "postgres"}, autocommit=True) as server:
        server.execute(f'DROP DATABASE IF EXISTS "{another}"')
        server.execute(f'CREATE DATABASE "{another}" TEMPLATE "{template or "template0"}"')
        try:
            settings["NAME"] = another
            yield another
        finally:
            connections.close_all()
            settings["NAME"] = original
            server.execute(f'DROP DATABASE IF EXISTS "{another}" WITH (FORCE)')


@pytest.fixture
def copied_database(transactional_db: None, django_db_blocker: Any) -> Iterator[str]:
    """Django's connection leads to a copy of the test database; returns the copy's name."""
    original = connection.settings_dict["NAME"]
    with django_db_blocker.unblock(), _another_database("migrated", template=original) as copy:
        yield copy


@pytest.fixture
def empty_database(transactional_db: None, django_db_blocker: Any) -> Iterator[str]:
    """Django's connection leads to a database without a table; returns its name."""
    with django_db_blocker.unblock(), _another_database("empty") as empty:
        yield empty
