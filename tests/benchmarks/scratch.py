"""A database of its own for a benchmark, on a server that keeps its promises (fsync on)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import django


@contextmanager
def database(name: str = "bench") -> Iterator[None]:
    """Point Django's default database at a fresh, migrated one for the length of the block, and drop it after."""
    from tradingops import localpg

    localpg.ensure()
    # Databases are made, and filled past the rules, as the owner of the private server.
    os.environ.setdefault("DATABASE_URL", localpg.private().url)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tradingops.settings")
    django.setup()
    from django.core.management import call_command
    from django.db import connections

    scratch = f"{name}_{os.getpid()}"
    connection = connections["default"]
    home = connection.settings_dict["NAME"]
    with connection.cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{scratch}"')
    connection.close()
    connection.settings_dict["NAME"] = scratch
    try:
        call_command("migrate", verbosity=0)
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = home
        with connection.cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{scratch}" WITH (FORCE)')
        connection.close()


@contextmanager
def beside(name: str) -> Iterator[str]:
    """Make another fresh, migrated database for the length of the block; return what ``within`` calls it."""
    from django.db import connections

    home = connections["default"].settings_dict["NAME"]
    with database(name):
        other = connections["default"].settings_dict["NAME"]
        connections["default"].close()
        connections["default"].settings_dict["NAME"] = home
        try:
            yield other
        finally:
            connections["default"].close()


@contextmanager
def within(name: str) -> Iterator[None]:
    """Let everything in the block happen in one of the databases."""
    from django.db import connections

    connection = connections["default"]
    home = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = home


def empty() -> None:
    """Empty the wire's tables, and give the space back."""
    from tradingops import connections

    with connections.wire() as connection:
        connection.execute("SET tradingops.may_erase = 'on'")
        connection.execute(
            "TRUNCATE ad_strands, dm_strands, tr_strands, deliveries, module_messages, module_states, workers"
        )
        connection.execute("CHECKPOINT")


def forget_new() -> None:
    """Remove what a round left, and keep the old strands that it ran among."""
    from strands import ids
    from tests.toys import T0
    from tradingops import connections

    with connections.wire() as connection:
        connection.execute("SET tradingops.may_erase = 'on'")
        connection.execute("TRUNCATE deliveries, module_messages, module_states, workers")
        for table in ("ad_strands", "dm_strands", "tr_strands"):
            connection.execute(f"DELETE FROM {table} WHERE id >= %s", (ids.lower_bound(T0),))
            connection.execute(f"VACUUM {table}")
        connection.execute("CHECKPOINT")
