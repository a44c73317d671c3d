"""Strands and messages lie in the partition of their month, or in the default one; nobody need know."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.db import connection, connections

from strands import ids, partitions, roots, tables, triggers, upkeep
from strands.models import Module
from strands.wires.postgres import PostgresWire
from tests import sessions
from tests.toys import a_plan

TABLES = (*partitions.STRAND_TABLES, partitions.MESSAGES)
MAY = datetime(2031, 5, 17, 12, tzinfo=UTC)


def key(table: str, at: datetime) -> str:
    return str(ids.message_id(at, "x")) if table == partitions.MESSAGES else ids.strand_id(at, 0, "x")


def foreign_key_of(table: str) -> str:
    return str(uuid4()) if table == partitions.MESSAGES else "AD_1a2b3c4d5e6f"


def put(session: sessions.Session, table: str, identity: str) -> None:
    if table == partitions.MESSAGES:
        sessions.insert(session, table, message_id=identity, message_type="x", message_data={})
    else:
        sessions.insert(session, table, id=identity)


def lies_in(session: sessions.Session, table: str) -> list[str]:
    return [name for (name,) in sessions.rows(session, f"SELECT tableoid::regclass::text FROM {table}")]


def test_every_strand_table_is_partitioned() -> None:
    assert set(partitions.STRAND_TABLES) == tables.BY_NAME.keys()


@pytest.mark.parametrize("table", TABLES)
def test_a_row_lies_in_the_partition_of_its_month(session: sessions.Session, table: str) -> None:
    session.execute(partitions.month(table, MAY))
    edges = [datetime(2031, 5, 1, tzinfo=UTC), MAY, datetime(2031, 5, 31, 23, 59, 59, 999_000, tzinfo=UTC)]
    for at in edges:
        put(session, table, key(table, at))
    assert lies_in(session, table) == [f"{table}_2031_05"] * 3


@pytest.mark.parametrize("table", TABLES)
def test_the_months_around_it_are_others(session: sessions.Session, table: str) -> None:
    session.execute(partitions.month(table, MAY))
    put(session, table, key(table, datetime(2031, 4, 30, 23, 59, 59, 999_000, tzinfo=UTC)))
    put(session, table, key(table, datetime(2031, 6, 1, tzinfo=UTC)))
    assert lies_in(session, table) == [f"{table}_default"] * 2


@pytest.mark.parametrize("table", TABLES)
def test_a_key_of_another_make_lies_in_the_default_partition(session: sessions.Session, table: str) -> None:
    put(session, table, foreign_key_of(table))
    assert lies_in(session, table) == [f"{table}_default"]


@pytest.mark.parametrize("table", TABLES)
def test_december_ends_with_the_year(session: sessions.Session, table: str) -> None:
    session.execute(partitions.month(table, datetime(2031, 12, 5, tzinfo=UTC)))
    session.execute(partitions.month(table, datetime(2032, 1, 5, tzinfo=UTC)))
    put(session, table, key(table, datetime(2031, 12, 31, 23, 59, 59, tzinfo=UTC)))
    assert lies_in(session, table) == [f"{table}_2031_12"]


@pytest.mark.parametrize("table", TABLES)
def test_an_id_is_unique_over_all_partitions(session: sessions.Session, table: str) -> None:
    session.execute(partitions.month(table, MAY))
    for identity in (key(table, MAY), foreign_key_of(table)):
        put(session, table, identity)
        column = "message_id" if table == partitions.MESSAGES else "id"
        more = (", message_type, message_data", ", 'x', '{}'") if table == partitions.MESSAGES else ("", "")
        query = f"INSERT INTO {table} ({column}{more[0]}) VALUES (%s{more[1]})"
        assert sessions.refusal(session, query, identity).sqlstate == "23505"


def test_telling_a_strand_twice_is_once_in_any_partition(session: sessions.Session, wire: PostgresWire) -> None:
    session.execute(partitions.month("ad_strands", a_plan().at))
    assert (wire.publish([a_plan()]), wire.publish([a_plan()])) == (1, 0)


def test_the_rules_hold_in_a_new_partition(session: sessions.Session) -> None:
    session.execute(partitions.month("ad_strands", MAY))
    put(session, "ad_strands", identity := key("ad_strands", MAY))
    for table in ("ad_strands", "ad_strands_2031_05"):
        for change in (f"UPDATE {table} SET kind = 'x'", f"DELETE FROM {table}"):
            assert sessions.refusal(session, change).sqlstate == "23514"
    assert sessions.rows(session, "SELECT id FROM ad_strands") == [(identity,)]


# -- upkeep


@pytest.fixture
def upkept(db: None) -> str:
    """The alias of Django's own connection, in a transaction that is undone."""
    return "default"


def partitions_of(month: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r' AND relname LIKE %s", [f"%{month}"]
        )
        return sorted(name for (name,) in cursor.fetchall())


def test_making_a_month_makes_it_for_every_table(upkept: str) -> None:
    assert upkeep.make_months([MAY], using=upkept) == []
    assert partitions_of("_2031_05") == sorted(f"{table}_2031_05" for table in TABLES)


def test_making_a_month_twice_is_fine(upkept: str) -> None:
    assert upkeep.make_months([MAY, MAY], using=upkept) == []
    assert upkeep.make_months([MAY], using=upkept) == []


def test_a_month_whose_rows_lie_in_the_default_partition_is_reported_and_works_on(upkept: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO ad_strands (id) VALUES (%s)", [key("ad_strands", MAY)])
        assert upkeep.make_months([MAY], using=upkept) == ["ad_strands"]
        cursor.execute("INSERT INTO ad_strands (id) VALUES (%s)", [ids.strand_id(MAY, 0, "y")])
        cursor.execute("SELECT DISTINCT tableoid::regclass::text FROM ad_strands")
        assert cursor.fetchall() == [("ad_strands_default",)]
    assert f"rm_strands_2031_05" in partitions_of("_2031_05")  # noqa: F541


def test_a_fault_that_is_not_the_default_partition_s_is_not_hidden(upkept: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE nobody_special; SET LOCAL ROLE nobody_special")
        with pytest.raises(Exception, match=r"must be owner|permission denied"):
            upkeep.make_months([MAY], using=upkept)
        cursor.execute("RESET ROLE")


def test_migrating_makes_this_month_s_partitions_and_the_next_two(upkept: str) -> None:
    today = datetime.now(UTC)
    ahead = [(today.year + (today.month - 1 + n) // 12, (today.month - 1 + n) % 12 + 1) for n in range(3)]
    for year, month in ahead[:2]:
        assert partitions_of(f"_{year}_{month:02}") == sorted(f"{table}_{year}_{month:02}" for table in TABLES)


def test_the_first_modules_are_registered_once(upkept: str) -> None:
    before = Module.objects.count()
    upkeep.register_roots(using=upkept)
    assert Module.objects.count() == before == len(roots.ROOTS)
    assert set(Module.objects.values_list("module_id", flat=True)) == {root.module_id for root in roots.ROOTS.values()}


def test_an_owner_who_is_no_superuser_can_keep_a_database_up(upkept: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE an_owner NOSUPERUSER")
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(f'ALTER TABLE "{table}" OWNER TO an_owner')
        cursor.execute("GRANT ALL ON SCHEMA public TO an_owner; SET LOCAL ROLE an_owner")
        upkeep.after_migrate(using=upkept)
        cursor.execute("RESET ROLE")


@pytest.mark.django_db(transaction=True)
def test_the_observers_switch_reaches_every_session_to_come() -> None:
    def switched() -> str | None:
        with sessions.connections.wire() as session:
            return sessions.rows(session, f"SELECT current_setting('{triggers.OBSERVER_CHANNELS}', true)")[0][0]

    try:
        upkeep.switch_observers(on=True)
        assert switched() == "on"
    finally:
        upkeep.switch_observers(on=False)
    assert switched() in (None, "", "off")
    assert connections["default"].is_usable()
