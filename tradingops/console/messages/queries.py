"""Deliveries and finished turns read as one list: what waits, what was tried, what was set aside, what is done."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from strands import ids, models, tables, tags
from strands.telling import Part
from tradingops.console.records import keyset
from tradingops.console.showing import strands
from tradingops.people import recovery

PAGE = 50
#: A symbol is looked for among so many finished turns, the newest: their record keeps it where no index reaches.
LOOKED_THROUGH = 100_000


class Tab(StrEnum):
    """A state of a message, in the order of what a person must look at."""

    FAILED = "failed"
    RETRYING = "retrying"
    WAITING = "waiting"
    EXPIRED = "expired"
    DELIVERED = "delivered"

    @property
    def is_waiting(self) -> bool:
        """Whether its rows are deliveries; the others are records of turns."""
        return self in (Tab.WAITING, Tab.RETRYING)

    @property
    def action(self) -> str | None:
        """What a person can do to its rows."""
        if self.is_waiting:
            return "skip"
        return "requeue" if self in (Tab.FAILED, Tab.EXPIRED) else None


@dataclass(frozen=True)
class Wanted:
    """What the page was asked to show."""

    tab: Tab = Tab.FAILED
    listener: str = ""
    word: str = ""
    every: bool = False
    after: str = ""

    @classmethod
    def of(cls, asked: Any) -> Wanted:
        """Read a query string; words that are not known fall back to showing everything."""
        tab = asked.get("tab", "")
        listener = asked.get("listener", "")
        return cls(
            tab=Tab(tab) if tab in Tab.__members__.values() else Tab.FAILED,
            listener=listener if listener in tags.LISTENERS else "",
            word=asked.get("q", "").strip(),
            every=asked.get("every") == "1",
            after=asked.get("after", ""),
        )

    @property
    def parameters(self) -> dict[str, str]:
        """Return the filter as a query string takes it, without the place in the list."""
        given = {"tab": str(self.tab), "listener": self.listener, "q": self.word, "every": "1" if self.every else ""}
        return {name: value for name, value in given.items() if value}


@dataclass(frozen=True)
class Row:
    """One message: the same facts whether it waits or is done."""

    key: str
    listener: str
    tag: str
    partition: str
    status: str
    attempts: int
    error: str
    strand_table: str
    strand_id: str
    at: datetime | None
    next_try: datetime | None = None
    expires_at: datetime | None = None
    kind: str = ""
    symbol: str = ""
    lifecycle_id: str = ""
    line: tuple[Part, ...] = ()


def found(wanted: Wanted) -> QuerySet[Any]:
    """Return the deliveries or the records that a filter means, in the order they are listed."""
    rows: QuerySet[Any]
    if wanted.tab.is_waiting:
        tried = Q(attempts__gt=0) if wanted.tab is Tab.RETRYING else Q(attempts=0)
        rows = models.Delivery.objects.filter(tried).order_by("seq")
    else:
        unsettled = wanted.tab is Tab.FAILED and not wanted.every
        rows = recovery.open_failures() if unsettled else models.Message.objects.filter(status=str(wanted.tab))
        rows = rows.order_by("-message_id")
    if wanted.listener:
        rows = rows.filter(listener=wanted.listener)
    if wanted.word and wanted.tab in (Tab.EXPIRED, Tab.DELIVERED):
        rows = keyset.newest(rows, among=LOOKED_THROUGH)
    return _about(rows, wanted.word) if wanted.word else rows


def _about(rows: QuerySet[Any], word: str) -> QuerySet[Any]:
    """Keep what concerns one strand, or one symbol; a listener of the whole desk keeps the symbol in its record."""
    if ids.moment(word.upper()) is not None:
        return rows.filter(strand_id=word.upper())
    symbol = word.upper()
    if rows.model is models.Message:
        return rows.filter(Q(partition=symbol) | Q(message_data__symbol=symbol) | Q(strand_id=word))
    about = Q(partition=symbol) | Q(strand_id=word)
    for model in models.STRANDS.values():
        of_table = models.Delivery.objects.filter(strand_table=model._meta.db_table).values("strand_id")
        about |= Q(strand_id__in=model._default_manager.filter(id__in=of_table, symbol=symbol).values("id"))
    return rows.filter(about)


def page(wanted: Wanted, *, symbols: Iterable[str] | None) -> tuple[list[Row], str]:
    """Return one page of rows about some symbols, and where the next begins; an empty place says that there is none."""
    rows = recovery.within(found(wanted), symbols)
    after = _place(wanted.tab, wanted.after)
    if after is not None:
        rows = rows.filter(**{"pk__gt" if wanted.tab.is_waiting else "pk__lt": after})
    read = [_row(each) for each in rows[: PAGE + 1]]
    more = read[PAGE - 1].key if len(read) > PAGE else ""
    return _with_strands(read[:PAGE]), more


def one(wanted: Wanted, key: str) -> QuerySet[Any]:
    """Return the single delivery or record of a key."""
    rows: QuerySet[Any] = (models.Delivery if wanted.tab.is_waiting else models.Message)._default_manager.all()
    place = _place(wanted.tab, key)
    return rows.filter(pk=place) if place is not None else rows.none()


def _place(tab: Tab, text: str) -> int | UUID | None:
    """Return the key that a text names in a tab's table, None for one that can be no key of it."""
    try:
        return int(text) if tab.is_waiting else UUID(text)
    except ValueError:
        return None


def told(message: models.Delivery | models.Message) -> tuple[Row, dict[str, Any]]:
    """Return one row with its strand, and what the strand says."""
    row = _row(message)
    strand = _strands(row.strand_table, [row.strand_id]).first() if row.strand_table in tables.BY_NAME else None
    return (_about_strand(row, strand), strands.payload(strand)) if strand else (row, {})


def _row(message: models.Delivery | models.Message) -> Row:
    if isinstance(message, models.Delivery):
        return Row(
            key=str(message.seq),
            listener=message.listener,
            tag=message.tag,
            partition=message.partition,
            status="retrying" if message.attempts else "waiting",
            attempts=message.attempts,
            error=message.last_error or "",
            strand_table=message.strand_table,
            strand_id=message.strand_id,
            at=message.created_at,
            next_try=message.not_before,
            expires_at=message.expires_at,
        )
    return Row(
        key=str(message.message_id),
        listener=message.listener or "",
        tag=message.tag or message.message_type,
        partition=message.partition or "",
        status="skipped" if "skipped_by" in (message.message_data or {}) else message.status or "",
        attempts=message.delivery_attempts or 0,
        error=message.error_message or "",
        strand_table=message.strand_table or "",
        strand_id=message.strand_id or "",
        at=message.last_delivery_attempt or message.timestamp,
    )


def _strands(table: str, wanted: Sequence[str]) -> QuerySet[Any]:
    model = next(model for model in models.STRANDS.values() if model._meta.db_table == table)
    return model._default_manager.filter(id__in=wanted)


def _with_strands(rows: list[Row]) -> list[Row]:
    """Add what each row's strand is about: one query a table."""
    by_table: dict[str, list[str]] = {}
    for row in rows:
        if row.strand_table in tables.BY_NAME:
            by_table.setdefault(row.strand_table, []).append(row.strand_id)
    found = {strand.id: strand for table, wanted in by_table.items() for strand in _strands(table, wanted)}
    return [_about_strand(row, found[row.strand_id]) if row.strand_id in found else row for row in rows]


def _about_strand(row: Row, strand: models.Strand) -> Row:
    return replace(
        row,
        kind=strand.kind or "",
        symbol=strand.symbol or "",
        lifecycle_id=strand.lifecycle_id or "",
        line=tuple(strands.parts(strand)),
    )
