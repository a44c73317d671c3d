"""What the wire needs in a database beyond its tables: the first modules, the partitions of the months around now."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, connections, transaction

from strands import partitions, roots, triggers
from strands.models import Module

MONTHS_AHEAD = 2
IS_SET_ON = """
    SELECT EXISTS (SELECT FROM pg_db_role_setting JOIN pg_database ON pg_database.oid = setdatabase
                    WHERE datname = current_database() AND setrole = 0 AND %s = ANY (setconfig))
"""
GUARDS = "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE tgname ~ %s AND tgparentid = 0"
NOT_ALWAYS = f"{GUARDS} AND tgenabled <> 'A'"
OF_THEIR_CALLER = "SELECT oid::regproc::text FROM pg_proc WHERE proname ~ %s AND NOT prosecdef"


def after_migrate(*, using: str = "default", **_: Any) -> None:
    """Register the first generation, make this month's partitions and the next, set the observers' switch.

    A database that was migrated backwards past the partitions is left alone.
    """
    if not is_laid(using=using):
        return
    register_roots(using=using)
    today = datetime.now(UTC)
    make_months((today + timedelta(days=30 * ahead) for ahead in range(MONTHS_AHEAD + 1)), using=using)
    switch_observers(on=settings.OBSERVER_CHANNELS, using=using)
    hold_guards(using=using)


def hold_guards(*, using: str = "default") -> None:
    """Let the rules that refuse hold in every session, and those that write for their owner write as their owner."""
    with connections[using].cursor() as cursor:
        cursor.execute(NOT_ALWAYS, [named(triggers.GUARDS)])
        for table, name in cursor.fetchall():
            cursor.execute(f'ALTER TABLE {table} ENABLE ALWAYS TRIGGER "{name}"')
        cursor.execute(OF_THEIR_CALLER, [named(triggers.WRITES_FOR_ITS_OWNER)])
        for (name,) in cursor.fetchall():
            cursor.execute(f"ALTER FUNCTION {name}() SECURITY DEFINER SET search_path = public, pg_temp")


def named(rules: Iterable[str]) -> str:
    """Return the pattern of the names that rules of these names have in the database."""
    return f"^pgtrigger_({'|'.join(rules)})_"


def is_laid(*, using: str = "default") -> bool:
    """Return whether the wire's tables are there, partitioned."""
    with connections[using].cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_partitioned_table WHERE partrelid = to_regclass(%s)", [partitions.MESSAGES]
        )
        return bool(cursor.fetchone()[0])


def register_roots(*, using: str = "default") -> None:
    Module.objects.using(using).bulk_create(
        [
            Module(module_id=root.module_id, module_type=root.module_type, module_version="1", lifecycle_stage="active")
            for root in roots.ROOTS.values()
        ],
        ignore_conflicts=True,
    )


def make_months(moments: Iterable[datetime], *, using: str = "default") -> list[str]:
    """Make the partitions of the months that moments lie in; return the tables whose default already holds such rows.

    Those stay in the default partition, where everything works and retention deletes row by row.
    """
    months = sorted({(at.year, at.month) for at in moments})
    kept_in_default = []
    for table in (*partitions.STRAND_TABLES, partitions.MESSAGES):
        for year, month in months:
            try:
                with transaction.atomic(using=using), connections[using].cursor() as cursor:
                    cursor.execute(partitions.month(table, datetime(year, month, 1, tzinfo=UTC)))
            except IntegrityError:
                kept_in_default.append(table)
    return kept_in_default


def switch_observers(*, on: bool, using: str = "default") -> None:
    """Switch document 002's notifications, a channel a tag, on or off for every session of the database to come.

    PostgreSQL lets only a superuser, or a role that was granted it, change such a setting: nothing is asked of it when
    the database is set as wanted already, as every database is that was never switched on.
    """
    connection = connections[using]
    name = connection.ops.quote_name(connection.settings_dict["NAME"])
    with connection.cursor() as cursor:
        cursor.execute(IS_SET_ON, [f"{triggers.OBSERVER_CHANNELS}=on"])
        if cursor.fetchone()[0] != on:
            cursor.execute(f"ALTER DATABASE {name} SET {triggers.OBSERVER_CHANNELS} = '{'on' if on else 'off'}'")
