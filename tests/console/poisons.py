"""Rows that a person, a slip or an older version may have left in any table: made from its columns, written by SQL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import DatabaseError, connection, transaction
from django.db.models import Model

from strands.models import STRANDS

DEEP = "[" * 1_500 + "]" * 1_500
LONG = f'{{"number": 1{"0" * 5_000}, "score": 1{"0" * 5_000}, "reason": 1{"0" * 5_000}}}'
WORDS = '{"peak_value": "a lot", "score": {}, "fills": 3, "entry_price": {"a": 1}, "rows": "x", "at": [], "person": -1}'
_SHAPES = (WORDS, DEEP, "[1, null, [2]]", LONG, '"figment"', "null", "-1", '[{"a": NaN}]'.replace("NaN", '"NaN"'))
_TEXT = ("figment", "", "nan", "x" * 2_000, "<b>%s</b>{0}", "2026-13-45T99:00", "-1")
_WHOLE = (-1, 2**31 - 1, -(2**31), 0, 32_767, -32_768, 2**63 - 1)
_DECIMAL = ("NaN", "-1", "Infinity", "1e90", "-Infinity", "1e-90", "0")
_MOMENTS = ("infinity", "4000-01-01 BC", "20000-01-01", "-infinity", "1970-01-01", "9999-12-31 23:59:59.999999")
_LISTS = ("{}", "{NULL}", "{figment,NULL,-1}", "{{a},{b}}", '{""}')
_PLAIN: Mapping[str, tuple[Any, ...]] = {
    "text": _TEXT,
    "varchar": _TEXT,
    "int2": _WHOLE,
    "int4": _WHOLE,
    "int8": _WHOLE,
    "numeric": _DECIMAL,
    "float8": ("NaN", "-1", "Infinity", "1e300", "-Infinity", "0"),
    "timestamptz": _MOMENTS,
    "timestamp": _MOMENTS,
    "date": _MOMENTS,
    "bool": (False, True),
    "jsonb": _SHAPES,
    "uuid": (UUID(int=0), UUID(int=2**128 - 1)),
    "inet": ("::", "255.255.255.255/0"),
    "interval": ("-1 day", "1000000 years"),
}
#: Of these nobody can say what they are: no numbers, no moments of the calendar, nested too deep for any reader.
UNREADABLE = {"NaN", "Infinity", "-Infinity", DEEP, "infinity", "-infinity", "4000-01-01 BC", "20000-01-01"}
NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
_SOUND: Mapping[str, Any] = {
    "text": "sound",
    "varchar": "sound",
    "int2": 1,
    "int4": 1,
    "int8": 1,
    "numeric": "0.5",
    "float8": 0.5,
    "timestamptz": NOON,
    "timestamp": NOON,
    "date": NOON,
    "bool": True,
    "jsonb": "{}",
    "uuid": UUID(int=1),
    "inet": "127.0.0.1",
    "interval": "1 minute",
}
_COLUMNS = """
SELECT a.attname, coalesce(t.typname, ''), NOT a.attnotnull, a.attidentity <> '' OR a.attgenerated <> ''
FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
"""


def tables() -> list[type[Model]]:
    """Every table of the desk but those of the strands, whose rows are poisoned by their kinds."""
    return [each for each in apps.get_models(include_auto_created=True) if each not in STRANDS.values()]


class Column:
    """One column: its name, its type, whether the database makes its values, and what else it may hold."""

    def __init__(self, name: str, type: str, nullable: bool, made: bool) -> None:
        self.name, self.made, self.type = name, made, type
        self.list = type.startswith("_")
        plain = _LISTS if self.list else _PLAIN.get(type, ())
        self.poisons: tuple[Any, ...] = ((None, *plain) if nullable else plain) or (None,)

    def nth(self, place: int) -> Any:
        return self.poisons[place % len(self.poisons)]

    @property
    def sound(self) -> Any:
        return "{sound}" if self.list else _SOUND.get(self.type)


@cache
def columns(table: str) -> list[Column]:
    with connection.cursor() as cursor:
        cursor.execute(_COLUMNS, [f'"{table}"'])
        return [Column(*row) for row in cursor.fetchall()]


def sound(model: type[Model]) -> dict[str, Any]:
    """Return a row that says nothing odd: a first choice where there are some, plain words and numbers elsewhere."""
    choices = {each.column: each.flatchoices[0][0] for each in model._meta.concrete_fields if each.flatchoices}
    found = {each.name: each.sound for each in columns(model._meta.db_table)}
    links = {each.column: sound(each.related_model)[each.target_field.column] for each in _links(model)}
    return {**found, **choices, **links, **SOUND.get(model._meta.db_table, {})}


def _links(model: type[Model]) -> list[Any]:
    return [each for each in model._meta.concrete_fields if each.remote_field and each.related_model is not model]


#: What rules of the database ask of some columns.
SOUND: Mapping[str, Mapping[str, Any]] = {
    "modules": {"lifecycle_stage": "active", "status": "active"},
    "lessons": {"level": 2},
    "module_intelligence_sharing": {"sharing_scope": "private"},
    "module_replications": {"replication_status": "completed", "trigger_type": "regime_change"},
    "module_replication_triggers": {"status": "active", "trigger_type": "regime_change"},
    "countersigns": {"state": "asked"},
    "mandates": {"person_id": None},
    "whatif_shadow_decisions": {"differs": "stricter"},
    "ops_agent_relationships": {"agent_a": "a", "agent_b": "b"},
    "policy_versions": {
        "policy": "dm",
        "symbol": "",
        "state": "published",
        "ends": None,
        "withdrawn": None,
        "urgent": False,
    },
    "dm_reviews": {"outcome": None, "ended_at": None},
    "whatif_jobs": {"state": "done"},
    "second_person": {"id": 2},
    "audit_records": {"number": 1_000_001},
    "audit_head": {"id": 2},
    "auth_group_permissions": {"id": 1_000_001},
    "auth_group": {"id": 1_000_001},
    "auth_user": {"id": 1_000_001},
    "django_content_type": {"id": 1_000_001},
    "auth_permission": {"id": 1_000_001},
}


@dataclass(frozen=True)
class Bad:
    """A row that was let in: its key as text, and what its poisoned columns hold."""

    key: str
    held: Mapping[str, Any]

    @property
    def unreadable(self) -> set[str]:
        """The columns of which nobody could say what they hold."""
        return {name for name, value in self.held.items() if isinstance(value, str) and value in UNREADABLE}


def laid(model: type[Model]) -> list[Bad]:
    """Write bad rows into a table, as many as its columns have poisons, and one a column beside them.

    Where a row is poisoned whole, each column has another of its poisons than in the row before. Keys into other tables
    are left as they are: the database holds them.
    """
    held = {each.column for each in _links(model)}
    its = [each for each in columns(model._meta.db_table) if each.name not in held and not each.made]
    most = max((len(each.poisons) for each in its), default=0)
    whole = [{each.name: each.nth(place + nth) for place, each in enumerate(its)} for nth in range(most)]
    alone = [{each.name: each.nth(place)} for place, each in enumerate(its)]
    return [found for row in (*whole, *alone) if (found := _let_in(model, row)) is not None]


def _let_in(model: type[Model], row: Mapping[str, Any]) -> Bad | None:
    """Insert a row; what the rules of the database refuse of it is sound instead. None where it lets no such row in."""
    good = sound(model)
    for each in columns(model._meta.db_table):
        if each.made:
            del good[each.name]
    if (key := inserted(model, {**good, **row})) is not None:
        return Bad(key, row)
    kept: dict[str, Any] = {}
    for name, value in row.items():
        if _may_hold(model, {**good, **kept, name: value}):
            kept[name] = value
    key = inserted(model, {**good, **kept}) if kept else None
    return None if key is None else Bad(key, kept)


def _may_hold(model: type[Model], row: Mapping[str, Any]) -> bool:
    """Whether the database takes a row, which is not kept."""
    try:
        with transaction.atomic():
            if inserted(model, row) is None:
                return False
            raise _Undone
    except _Undone:
        return True


class _Undone(Exception):
    """Takes back what was only tried."""


def inserted(model: type[Model], row: Mapping[str, Any]) -> str | None:
    """Insert a row and return its key as text, None where a rule of the table refuses it."""
    names, key = ", ".join(f'"{each}"' for each in row), model._meta.pk.column
    places = ", ".join(["%s"] * len(row))
    statement = f'INSERT INTO "{model._meta.db_table}" ({names}) VALUES ({places}) RETURNING "{key}"::text'
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, list(row.values()))
            return str(cursor.fetchone()[0])
    except DatabaseError:
        return None
