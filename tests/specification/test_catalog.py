"""The database has what documents 000 to 003 ask for, and what it has beyond them is written down."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection

from tests.specification import catalog

pytestmark = pytest.mark.django_db

Tables = dict[str, catalog.Table]


@pytest.fixture
def both(db: None) -> Iterator[tuple[Tables, Tables]]:
    """The tables that the documents ask for under their own names, and the tables that there are."""
    with connection.cursor() as cursor, catalog.laid(cursor):
        yield catalog.tables(cursor, catalog.SCHEMA), catalog.tables(cursor, "public")


def physical(name: str) -> str:
    return catalog.PHYSICAL.get(name, name)


def test_every_table_of_the_documents_is_there(both: tuple[Tables, Tables]) -> None:
    asked, found = both
    assert len(asked) == 28
    assert {physical(name) for name in asked} <= found.keys()


def test_every_column_has_the_type_that_the_documents_give_it(both: tuple[Tables, Tables]) -> None:
    asked, found = both
    wanted = {
        (table, name): catalog.TYPES.get((table, name), (column.type, ""))[0]
        for table, described in asked.items()
        for name, column in described.columns.items()
    }
    assert {(table, name): found[physical(table)].columns[name].type for table, name in wanted} == wanted


def test_every_column_has_the_default_that_the_documents_give_it(both: tuple[Tables, Tables]) -> None:
    asked, found = both
    wanted = {
        (table, name): catalog.DEFAULTS.get((table, name), (column.default, ""))[0]
        for table, described in asked.items()
        for name, column in described.columns.items()
    }
    assert {(table, name): found[physical(table)].columns[name].default for table, name in wanted} == wanted


def test_a_column_is_required_where_the_documents_say_so_and_nowhere_else(both: tuple[Tables, Tables]) -> None:
    asked, found = both
    wanted = {
        (table, name): column.required or name in catalog.REQUIRED.get(table, ())
        for table, described in asked.items()
        for name, column in described.columns.items()
    }
    assert {(table, name): found[physical(table)].columns[name].required for table, name in wanted} == wanted


def test_every_column_beyond_the_documents_is_written_down_with_what_it_is_for(both: tuple[Tables, Tables]) -> None:
    asked, found = both
    wanted: dict[str, set[str]] = {}
    for table, described in asked.items():
        wanted.setdefault(physical(table), set()).update(described.columns)
    beyond = {table: found[table].columns.keys() - names for table, names in wanted.items()}
    written = {table: catalog.ADDED.get(table, {}).keys() - wanted[table] for table in wanted}
    assert beyond == written


def test_primary_keys_are_the_documents(both: tuple[Tables, Tables]) -> None:
    asked, found = both
    wanted = {table: described.primary_key for table, described in asked.items()}
    assert {table: found[physical(table)].primary_key for table in wanted} == wanted


def test_foreign_keys_are_the_documents(both: tuple[Tables, Tables]) -> None:
    asked, found = both
    wanted = {table: described.foreign_keys for table, described in asked.items()}
    assert sum(map(len, wanted.values())) == 15
    assert {table: found[physical(table)].foreign_keys for table in wanted} == wanted


def test_evidence_is_one_to_one_with_its_plan(both: tuple[Tables, Tables]) -> None:
    _, found = both
    assert ("plan_id",) in found["dsi_evidence"].unique


def test_every_index_of_the_documents_is_there_under_its_name(both: tuple[Tables, Tables]) -> None:
    asked, found = both
    wanted = {
        (physical(table), catalog.SAME_INDEX.get(name, name)): definition
        for table, described in asked.items()
        for name, definition in described.indexes.items()
        if not name.endswith("_pkey")
    }
    assert len(wanted) == 33
    assert {(table, name): found[table].indexes.get(name) for table, name in wanted} == wanted


@pytest.mark.parametrize("view", sorted(catalog.PHYSICAL))
def test_a_singular_name_is_an_updatable_view_of_all_columns(view: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, array_agg(column_name::text ORDER BY ordinal_position) FROM information_schema.columns "
            "WHERE table_name = ANY (%s) GROUP BY table_name",
            [[view, catalog.PHYSICAL[view]]],
        )
        columns = dict(cursor.fetchall())
        cursor.execute(
            "SELECT is_updatable, is_insertable_into FROM information_schema.views WHERE table_name = %s", [view]
        )
        assert cursor.fetchone() == ("YES", "YES")
    assert columns[view] == columns[catalog.PHYSICAL[view]]


def test_strands_and_messages_are_partitioned_by_their_keys() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT partrelid::regclass::text, pg_get_partkeydef(partrelid) FROM pg_partitioned_table")
        assert dict(cursor.fetchall()) == {
            "module_messages": "RANGE (message_id)",
            **{f"{two}_strands": "RANGE (id)" for two in ("ad", "dm", "tr", "rm", "md", "vn", "op", "co")},
        }
