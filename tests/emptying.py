"""How the tables are emptied after a test with real commits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.apps import apps
from django.core.management.commands import flush
from django.db import connection
from django.db.backends.postgresql.operations import DatabaseOperations

from strands import triggers, upkeep
from tradingops.company.first_data import filling

#: What Django, the roles and first data fill by a migration, which takes many times as long as emptying the rest: what
#: tells one row from another, identities left out.
FILLED = {
    "django_content_type": "app_label || '.' || model",
    "auth_permission": "content_type_id || '.' || codename",
    "auth_group": "name",
    "auth_group_permissions": "group_id || '.' || permission_id",
    **{table: f"{table}::text" for table in filling.TABLES},
}


@contextmanager
def quick() -> Iterator[None]:
    """Leave what the migrations filled as it is, unless a test has changed it: then all is emptied and filled again."""
    filled = _filled()
    empty, fill = DatabaseOperations.execute_sql_flush, flush.emit_post_migrate_signal
    state = {"untouched": False}

    def only_what_holds_rows(self: DatabaseOperations, style: Any, names: list[str], **_: Any) -> list[str]:
        state["untouched"] = _filled() == filled
        left = FILLED if state["untouched"] else {}
        held = [each for each in _held() if each not in left]
        return [f"TRUNCATE {', '.join(map(self.quote_name, held))} CASCADE"] if held else []

    def empty_nevertheless(self: DatabaseOperations, statements: list[str]) -> None:
        empty(self, [f"SET {triggers.MAY_ERASE} = 'on'", *statements, f"RESET {triggers.MAY_ERASE}"])

    def fill_what_was_emptied(*given: Any, **named: Any) -> None:
        if state["untouched"]:
            upkeep.after_migrate()
        else:
            fill(*given, **named)
            filling.fill(apps)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "sql_flush", only_what_holds_rows)
        patch.setattr(DatabaseOperations, "execute_sql_flush", empty_nevertheless)
        patch.setattr(flush, "emit_post_migrate_signal", fill_what_was_emptied)
        yield


def _held() -> list[str]:
    """The tables (months by themselves) in whose files there is anything, but for that of migrations."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
            " AND pg_relation_size(oid) > 0 AND relname <> 'django_migrations'"
        )
        return [name for (name,) in cursor.fetchall()]


def _filled() -> list[str | None]:
    """What stands in the filled tables, a digest a table."""
    digests = []
    with connection.cursor() as cursor:
        for table, word in FILLED.items():
            cursor.execute(f"SELECT md5(string_agg({word}, ',' ORDER BY {word})) FROM {table}")
            digests.append(cursor.fetchone()[0])
    return digests


def end_other_sessions() -> None:
    """End what threads and consoles of tests left open on this database, which is dropped next."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
