"""Puts the audit's triggers on the tables that are audited; their functions come with the migrations."""

from __future__ import annotations

from typing import Any

from django.db import connections, transaction
from django.db.backends.utils import CursorWrapper

from tradingops.audit import audited

TRIGGER = "audited"
#: Our function may be gone, and a table may not be there yet, in a database that was migrated backwards.
IS_THERE = "SELECT to_regclass(%s) IS NOT NULL AND to_regproc('tradingops_audit') IS NOT NULL"
#: PostgreSQL tells a definition in words of its own, so ours is kept as the trigger's comment.
AS_IT_IS = """
    SELECT obj_description(oid, 'pg_trigger'), tgenabled FROM pg_trigger
     WHERE tgrelid = to_regclass(%s) AND tgname = %s
"""


def attach(*, using: str = "default", **_: Any) -> None:
    """Put the trigger on every audited table that is there and lacks it; what is as it should be stays."""
    wanted = {each.table: _trigger(each) for each in audited.AUDITED}
    wanted[audited.ACTS_TABLE] = _trigger_of_acts()
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        for table, definition in wanted.items():
            _keep(cursor, table, definition)


def _keep(cursor: CursorWrapper, table: str, definition: str) -> None:
    cursor.execute(IS_THERE, [table])
    if not cursor.fetchone()[0]:
        return
    cursor.execute(AS_IT_IS, [table, TRIGGER])
    if cursor.fetchone() == (definition, "A"):
        return
    cursor.execute(f"DROP TRIGGER IF EXISTS {TRIGGER} ON {table}")
    cursor.execute(definition)
    cursor.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {TRIGGER}")
    cursor.execute(f"COMMENT ON TRIGGER {TRIGGER} ON {table} IS %s", [definition])


def _trigger(each: audited.Audited) -> str:
    told = ", ".join(f"'{word}'" for word in (each.table, each.key, ",".join(each.secret), ",".join(each.quiet)))
    when = "WHEN (pg_trigger_depth() = 0) " if each.by_hand else ""
    return (
        f"CREATE TRIGGER {TRIGGER} AFTER INSERT OR UPDATE OR DELETE ON {each.table} "
        f"FOR EACH ROW {when}EXECUTE FUNCTION tradingops_audit({told})"
    )


def _trigger_of_acts() -> str:
    kinds = ", ".join(f"'{kind}'" for kind in audited.ACTS)
    return (
        f"CREATE TRIGGER {TRIGGER} AFTER INSERT ON {audited.ACTS_TABLE} "
        f"FOR EACH ROW WHEN (NEW.kind IN ({kinds})) EXECUTE FUNCTION tradingops_audit_act()"
    )
