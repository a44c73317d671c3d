"""Every app migrates back to nothing and forwards again, on a database with rows in it."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from strands import roots, tables
from tests.integration import test_validation_rules as rules

#: Apps that certainly have tables; others may join them.
OURS = ("strands", "strands_market", "curators", "curators_dsi", "portfolio", "portfolio_plans", "portfolio_execution")


def catalog() -> dict[str, Any]:
    """Return what the database's catalog says of our tables: columns, checks and keys, indexes, triggers, views."""
    asked = {
        "columns": "SELECT table_name, column_name, data_type, is_nullable, column_default "
        "FROM information_schema.columns "
        "WHERE table_schema = 'public'",
        "rules": "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE connamespace = 'public'::regnamespace",
        "indexes": "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
        "triggers": "SELECT tgrelid::regclass::text, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
        "views": "SELECT viewname, definition FROM pg_views WHERE schemaname = 'public'",
    }
    with connection.cursor() as cursor:
        found = {}
        for what, query in asked.items():
            cursor.execute(query)
            found[what] = sorted(map(str, cursor.fetchall()))
        return found


def populate() -> None:
    """Leave a row in every table that takes a plain one."""
    with connection.cursor() as cursor:
        for table in tables.BY_NAME:
            cursor.execute(f"INSERT INTO {table} (id, tags) VALUES ('S1', '[\"dm:halt\"]')")
        for table, row in rules.WHOLE.items():
            values = ["{}" if value == {} else value for value in row.values()]
            cursor.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join(['%s'] * len(row))})", values)


def migrate(*where: str) -> None:
    call_command("migrate", *where, verbosity=0, interactive=False)


def ours() -> list[str]:
    """Return the labels of our apps that have migrations."""
    loader = MigrationLoader(connection)
    return sorted(label for label in loader.migrated_apps if apps.get_app_config(label).name.partition(".")[0] in
                  {"strands", "curators", "portfolio", "tradingops"})  # fmt: skip


@pytest.mark.usefixtures("copied_database")
def test_every_app_goes_back_to_nothing_and_forwards_to_the_same() -> None:
    before = catalog()
    populate()
    labels = ours()
    assert set(OURS) <= set(labels)
    for label in labels:
        migrate(label, "zero")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_class WHERE relname = ANY (%s)", [[*tables.BY_NAME, *rules.WHOLE]])
        assert cursor.fetchone() == (0,)
    migrate()
    assert catalog() == before
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM modules")
        assert cursor.fetchone() == (len(roots.ROOTS),)


@pytest.mark.usefixtures("copied_database")
def test_the_wire_s_migrations_go_back_one_by_one_and_forwards_again_and_lose_no_row() -> None:
    before = catalog()
    populate()
    loader = MigrationLoader(connection)
    steps = sorted(name for label, name in loader.graph.nodes if label == "strands")
    assert len(steps) >= 3
    for step in reversed(steps[:-1]):
        migrate("strands", step)
    migrate()
    assert catalog() == before
    with connection.cursor() as cursor:
        for table in (*tables.BY_NAME, "module_messages"):
            cursor.execute(f"SELECT count(*) FROM {table}")
            assert (table, cursor.fetchone()) == (table, (1,))


@pytest.mark.usefixtures("copied_database")
def test_migrating_again_changes_nothing() -> None:
    before = catalog()
    migrate()
    assert catalog() == before
