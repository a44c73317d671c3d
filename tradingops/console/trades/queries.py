"""The questions of the page of trades to the database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django.db import connections
from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import ExtractHour, TruncDate

from portfolio.trades.models import Trade
from strands import figures
from tradingops.console.trades.asking import Asked

#: Rows of one page.
PAGE = 50
_GROUPS: dict[str, Any] = {
    "symbol": "symbol",
    "day": TruncDate("closed_at", tzinfo=UTC),
    "regime": "regime",
    "hour": ExtractHour("opened_at", tzinfo=UTC),
    "direction": "direction",
    "reason": "close_reason",
}
_SUMS: dict[str, Any] = {
    "trades": Count("*"),
    "wins": Count("id", filter=Q(outcome="win")),
    **{name: Sum(name) for name in ("pnl", "gross_pnl", "fees", "funding")},
    "r_sum": Sum("r_multiple"),
    "r_count": Count("r_multiple"),
}
#: The curators that were for a trade, each with all that its trades came to.
_BY_CURATOR = """
    SELECT curator, count(*), count(*) FILTER (WHERE outcome = 'win'), sum(pnl), sum(gross_pnl), sum(fees),
           sum(funding), sum(r_multiple), count(r_multiple)
      FROM ({kept}) AS kept
     CROSS JOIN LATERAL jsonb_array_elements_text(kept.approved_by) AS curator
     GROUP BY curator
"""
#: How well the entries of positions that are held were done, by lifecycle: the newest report on each.
_ENTERED = """
    SELECT DISTINCT ON (lifecycle_id) lifecycle_id, tr_slippage ->> 'predicted_bps', tr_slippage ->> 'slip_real_bps'
      FROM tr_strands
     WHERE lifecycle_id = ANY(%s) AND kind = 'execution' AND exec_metrics ->> 'intent' = 'entry'
     ORDER BY lifecycle_id, id DESC
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


def closed(asked: Asked) -> QuerySet[Trade]:
    """Return the trades that a filter lets pass, in its order."""
    return Trade.objects.filter(**asked.filter).order_by(*asked.order)


def page(asked: Asked) -> tuple[list[Trade], bool]:
    """Return the trades of one page, and whether there are more."""
    first = (asked.page - 1) * PAGE
    found = list(closed(asked)[first : first + PAGE + 1])
    return found[:PAGE], len(found) > PAGE


def sums(asked: Asked) -> tuple[Sums, list[Sums]]:
    """Return what all trades of a filter came to, and the same of each group, the newest day or the best first.

    Trades that several curators were for count with each of them, so that those groups sum to more than all.
    """
    if asked.by == "curator":
        return _whole(asked), sorted(_by_curator(asked), key=lambda each: -each.pnl)
    grouped = closed(asked).order_by().annotate(name=_named(asked.by)).values("name").annotate(**_SUMS)
    groups = [_sums(row) for row in grouped.values("name", *_SUMS)]
    newest = asked.by == "day"
    groups.sort(key=lambda each: each.name if newest else each.pnl, reverse=True)
    return _together(groups), sorted(groups, key=lambda each: each.name) if asked.by == "hour" else groups


def days(month: date, asked: Asked) -> dict[date, Sums]:
    """Return what each day of a month came to, of the trades that a filter lets pass whichever its day."""
    begins = datetime(month.year, month.month, 1, tzinfo=UTC)
    ends = datetime(month.year + month.month // 12, month.month % 12 + 1, 1, tzinfo=UTC)
    kept = {name: value for name, value in asked.filter.items() if not name.startswith("closed_at")}
    found = Trade.objects.filter(**kept, closed_at__gte=begins, closed_at__lt=ends)
    rows = found.annotate(name=_GROUPS["day"]).values("name").annotate(**_SUMS).values("name", *_SUMS)
    return {row["name"]: _sums(row) for row in rows}


def newest() -> datetime | None:
    """Return when the last trade was closed, None before the first."""
    return Trade.objects.order_by("-closed_at", "-id").values_list("closed_at", flat=True).first()


def entered(lifecycles: Sequence[str], using: str = "default") -> dict[str, tuple[float | None, float | None]]:
    """Return the slippage of entries, predicted and real in basis points, by lifecycle."""
    if not lifecycles:
        return {}
    with connections[using].cursor() as cursor:
        cursor.execute(_ENTERED, [list(lifecycles)])
        return {lifecycle: (_float(told), _float(real)) for lifecycle, told, real in cursor.fetchall()}


def _named(by: str) -> Any:
    group = _GROUPS[by]
    return F(group) if isinstance(group, str) else group


def _whole(asked: Asked) -> Sums:
    return _sums({"name": "", **closed(asked).order_by().aggregate(**_SUMS)})


def _by_curator(asked: Asked) -> Iterable[Sums]:
    query, values = closed(asked).order_by().query.sql_with_params()
    with connections["default"].cursor() as cursor:
        cursor.execute(_BY_CURATOR.format(kept=query), values)
        for row in cursor.fetchall():
            yield _sums(dict(zip(("name", *_SUMS), row, strict=True)))


def _sums(row: Mapping[str, Any]) -> Sums:
    told: dict[str, Any] = {name: value if name == "name" else value or 0 for name, value in row.items()}
    return Sums(**told)


def _together(groups: Sequence[Sums]) -> Sums:
    names = [name for name in _SUMS if groups]
    summed: dict[str, Any] = {name: sum(getattr(each, name) for each in groups) for name in names}
    return Sums(**summed)


def _float(text: str | None) -> float | None:
    number = figures.decimal(text)
    return None if number is None else float(number)
