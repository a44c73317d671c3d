"""What trades came to: read from the sums that the database keeps, or added up where one day is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, timedelta
from decimal import Decimal
from typing import Any

from django.db import connections
from django.db.models import Count, F, Q, QuerySet, Sum, TextField, Value
from django.db.models.functions import Concat, ExtractHour, TruncDate

from portfolio.trades.models import Trade, TradeSum
from tradingops.console.trades.asking import Asked

#: Days that are told one by one; what was closed before them is one group.
MOST_DAYS = 60
EARLIER = "earlier"
_GROUPS: dict[str, Any] = {
    "symbol": F("symbol"),
    "day": TruncDate("closed_at", tzinfo=UTC),
    "regime": F("regime"),
    "hour": ExtractHour("opened_at", tzinfo=UTC),
    "direction": F("direction"),
    "reason": F("close_reason"),
}
_COUNTED: dict[str, Any] = {
    "trades": Count("*"),
    "wins": Count("id", filter=Q(outcome="win")),
    **{name: Sum(name) for name in ("pnl", "gross_pnl", "fees", "funding")},
    "r_sum": Sum("r_multiple"),
    "r_count": Count("r_multiple"),
}
#: The same of sums that are kept, under names of their own: a column stands for itself in a condition.
_KEPT = {f"all_{name}": Sum(name) for name in _COUNTED}
#: What sums are kept by themselves; the others are columns of every sum.
_NAMED: dict[str, Callable[[str], Any]] = {
    "day": date.fromisoformat,
    "hour": int,
    "regime": lambda name: name or None,
    "curator": lambda name: name,
}
#: The curators that were for a trade, each with all that its trades came to.
_BY_CURATOR = """
    SELECT curator, count(*), count(*) FILTER (WHERE outcome = 'win'), sum(pnl), sum(gross_pnl), sum(fees),
           sum(funding), sum(r_multiple), count(r_multiple)
      FROM ({kept}) AS kept
     CROSS JOIN LATERAL jsonb_array_elements_text(kept.approved_by) AS curator
     GROUP BY curator
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """What some trades came to: money with its signs, fees and funding as costs."""

    name: Any = ""
    trades: int = 0
    wins: int = 0
    pnl: Decimal = Decimal(0)
    gross_pnl: Decimal = Decimal(0)
    fees: Decimal = Decimal(0)
    funding: Decimal = Decimal(0)
    r_sum: float = 0.0
    r_count: int = 0

    @property
    def win_rate(self) -> float | None:
        """The share of trades that won something after costs."""
        return self.wins / self.trades if self.trades else None

    @property
    def mean_r(self) -> float | None:
        return self.r_sum / self.r_count if self.r_count else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """All that a filter's trades came to, by groups and by days of ``month``: None where there is no trade."""

    total: Sums
    groups: list[Sums]
    month: date | None
    days: dict[date, Sums]


def of(asked: Asked) -> Told:
    """Return what all trades of a filter came to, and the same of each group, the newest day or the best first.

    Trades that several curators were for count with each of them, so that those groups sum to more than all. Of days
    the newest ``MOST_DAYS`` are told, and all before them as one. The month is that of the day asked for, else
    that of the newest trade.
    """
    if asked.day is not None:
        total, groups = _of_a_day(asked)
        told = Told(total=total, groups=groups, month=asked.day, days=days(asked.day, asked))
    else:
        told = _of_all(asked)
    if asked.by not in ("day", "hour"):
        told.groups.sort(key=lambda each: -each.pnl)
    return told


def days(month: date, asked: Asked) -> dict[date, Sums]:
    """Return what each day of a month came to, of the trades that a filter lets pass whichever its day."""
    begins = month.replace(day=1)
    ends = (begins + timedelta(days=31)).replace(day=1)
    found = _kept(asked).filter(by="day", name__gte=f"{begins}", name__lt=f"{ends}")
    return {each.name: each for each in _grouped(found, "name", named=date.fromisoformat)}


def _kept(asked: Asked) -> QuerySet[TradeSum]:
    return TradeSum.objects.filter(
        **{name: it for name, it in asked.filter.items() if not name.startswith("closed_at")}
    )


def _of_all(asked: Asked) -> Told:
    # No month has more days than are told, so that the newest of them hold the newest month whole.
    newest = list(_grouped(_kept(asked).filter(by="day"), "name", named=date.fromisoformat, most=MOST_DAYS))
    month = newest[0].name if newest else None
    total, groups = _by_name(asked) if asked.by in _NAMED else _by_column(asked)
    return Told(
        total=total,
        groups=[*newest, *_earlier(total, newest)] if asked.by == "day" else groups,
        month=month,
        days={each.name: each for each in newest if month and each.name >= month.replace(day=1)},
    )


def _by_column(asked: Asked) -> tuple[Sums, list[Sums]]:
    groups = list(_grouped(_kept(asked).filter(by="all"), _GROUPS[asked.by].name))
    return _together(groups), groups


def _by_name(asked: Asked) -> tuple[Sums, list[Sums]]:
    """Return a total and its groups by one question: the total has a name that no group has."""
    wanted = ("all",) if asked.by == "day" else ("all", asked.by)
    rows = _kept(asked).filter(by__in=wanted).annotate(group=Concat("by", Value(" "), "name", output_field=TextField()))
    found = {each.name.partition(" ")[::2]: each for each in _grouped(rows, "group")}
    total = replace(found.pop(("all", ""), Sums()), name="")
    return total, [replace(each, name=_NAMED[by](name)) for (by, name), each in sorted(found.items())]


def _grouped(
    sums: QuerySet[TradeSum], column: str, *, named: Any = lambda name: name, most: int | None = None
) -> Iterable[Sums]:
    """Yield the groups in which there is any trade, the last name first, and no more than ``most``."""
    rows = sums.values(column).annotate(**_KEPT).filter(all_trades__gt=0).order_by(f"-{column}")
    for row in rows.values_list(column, *_KEPT)[:most]:
        yield _sums(dict(zip(("name", *_COUNTED), (named(row[0]), *row[1:]), strict=True)))


def _earlier(total: Sums, told: Sequence[Sums]) -> list[Sums]:
    """Return what is left of a total beside what is told, where anything is."""
    shown = _together(told)
    if total.trades == shown.trades:
        return []
    return [Sums(name=EARLIER, **{name: getattr(total, name) - getattr(shown, name) for name in _COUNTED})]


def _of_a_day(asked: Asked) -> tuple[Sums, list[Sums]]:
    trades = Trade.objects.filter(**asked.filter)
    if asked.by == "curator":
        return _sums(trades.aggregate(**_COUNTED)), list(_by_curator(trades))
    grouped = trades.annotate(name=_GROUPS[asked.by]).values("name").annotate(**_COUNTED).order_by("name")
    groups = [_sums(row) for row in grouped.values("name", *_COUNTED)]
    return _together(groups), groups


def _by_curator(trades: QuerySet[Trade]) -> Iterable[Sums]:
    query, values = trades.query.sql_with_params()
    with connections["default"].cursor() as cursor:
        cursor.execute(_BY_CURATOR.format(kept=query), values)
        for row in cursor.fetchall():
            yield _sums(dict(zip(("name", *_COUNTED), row, strict=True)))


def _sums(row: Mapping[str, Any]) -> Sums:
    told: dict[str, Any] = {name: value if name == "name" else value or 0 for name, value in row.items()}
    return Sums(**{**told, "r_sum": float(told["r_sum"])})


def _together(groups: Sequence[Sums]) -> Sums:
    names = [name for name in _COUNTED if groups]
    summed: dict[str, Any] = {name: sum(getattr(each, name) for each in groups) for name in names}
    return Sums(**summed)
