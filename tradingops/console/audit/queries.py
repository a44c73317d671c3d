"""Audit records, newest first, filtered; each with what changed told in a line a column."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from strands.json_values import UNREADABLE
from tradingops.audit.models import AuditRecord
from tradingops.console.showing import sparing

PAGE = 50
#: A value is told up to so many letters on the page; the file holds it whole.
LONGEST = 120
HEADER = ("number", "at", "actor", "actor_id", "address", "path", "role", "action", "about", "key", "before", "after",
          "previous", "hash")  # fmt: skip


@dataclass(frozen=True)
class Wanted:
    """What the page was asked to show; ``since`` and ``until`` are days, both included."""

    actor: str = ""
    action: str = ""
    about: str = ""
    key: str = ""
    since: str = ""
    until: str = ""
    before: int | None = None

    @classmethod
    def of(cls, asked: Any) -> Wanted:
        """Read a query string; what is no day or number falls back to everything."""
        words = {name: asked.get(name, "").strip() for name in ("actor", "action", "about", "key")}
        days = {name: asked.get(name, "") for name in ("since", "until") if _day(asked.get(name, ""))}
        place = asked.get("before", "")
        return cls(**words, **days, before=int(place) if place.isdecimal() and len(place) < 19 else None)

    @property
    def parameters(self) -> dict[str, str]:
        """Return the filter as a query string takes it, without the place in the list."""
        names = ("actor", "action", "about", "key", "since", "until")
        return {name: value for name in names if (value := getattr(self, name))}


@dataclass(frozen=True)
class Change:
    """A column, with its value before and after; None where there was none."""

    column: str
    before: str | None
    after: str | None


def found(wanted: Wanted) -> QuerySet[AuditRecord]:
    """Return the records that a filter finds, newest first."""
    exact = {name: getattr(wanted, name) for name in ("actor", "action", "about", "key") if getattr(wanted, name)}
    rows = AuditRecord.objects.filter(**exact).order_by("-number")
    if since := _day(wanted.since):
        rows = rows.filter(at__gte=since)
    if until := _day(wanted.until):
        rows = rows.filter(at__lt=until + timedelta(days=1))
    return rows


def page(wanted: Wanted) -> tuple[list[tuple[AuditRecord, list[Change]]], int | None]:
    """Return one page of records with their changes, and after which number the next begins; None at the end."""
    rows = found(wanted)
    if wanted.before is not None:
        rows = rows.filter(number__lt=wanted.before)
    some = list(rows[: PAGE + 1])
    shown = some[:PAGE]
    return [(each, changes(each)) for each in shown], shown[-1].number if len(some) > PAGE else None


def changes(record: AuditRecord) -> list[Change]:
    """Return the columns of a record that differ, each with both values."""
    before, after = _columns(record.before), _columns(record.after)
    return [
        Change(name, _told(before, name), _told(after, name))
        for name in sorted(before.keys() | after.keys())
        if before.get(name) != after.get(name)
    ]


def names(column: str) -> list[str]:
    """Return the different values of a column, by a step along its index each."""
    some: list[str] = []
    while len(some) < PAGE:
        rows = AuditRecord.objects.filter(**({f"{column}__gt": some[-1]} if some else {})).order_by(column)
        least = rows.values_list(column, flat=True).first()
        if least is None:
            break
        some.append(least)
    return some


def lines(wanted: Wanted) -> Iterator[list[object]]:
    """Return what the file holds: each record that is found, whole, with its hashes."""
    return sparing.lines(found(wanted).iterator(chunk_size=1_000), _line)


def _line(record: AuditRecord) -> list[object]:
    return [_cell(getattr(record, name)) for name in HEADER]


def _cell(value: object) -> object:
    return json.dumps(value, ensure_ascii=False, sort_keys=True) if isinstance(value, dict | list) else value


def _columns(held: Any) -> Mapping[str, Any]:
    if held is None or isinstance(held, Mapping):
        return held or {}
    return {"all columns": UNREADABLE}


def _told(held: Mapping[str, Any], name: str) -> str | None:
    if held.get(name) is None:
        return None
    text = held[name] if isinstance(held[name], str) else json.dumps(held[name], ensure_ascii=False)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _day(given: str) -> datetime | None:
    try:
        return datetime.strptime(given, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        return None
