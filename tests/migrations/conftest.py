"""A database of its own for each test that migrates."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import connection, connections

from tradingops import connections as ours


@pytest.fixture
def copied_database(transactional_db: None, django_db_blocker: Any) -> Iterator[str]:
    """Django's connection leads to a copy of the test database; returns the copy's name."""
    settings = connection.settings_dict
    original, copy = settings["NAME"], f"{settings['NAME']}_migrated"
    with django_db_blocker.unblock():
        connections.close_all()
        with psycopg.connect(**{**ours.parameters(), "dbname": "postgres"}, autocommit=True) as server:
            server.execute(f'DROP DATABASE IF EXISTS "{copy}"')
            server.execute(f'CREATE DATABASE "{copy}" TEMPLATE "{original}"')
            try:
                settings["NAME"] = copy
                yield copy
            finally:
                connections.close_all()
                settings["NAME"] = original
                server.execute(f'DROP DATABASE IF EXISTS "{copy}" WITH (FORCE)')
