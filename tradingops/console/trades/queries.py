"""The questions of the page of trades to the database."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connections
from django.db.models import QuerySet
from django.db.models.expressions import OrderBy
from django.db.models.functions import Coalesce

from portfolio.trades.models import Trade
from strands import figures
from tradingops.console.trades.asking import Asked

#: Rows of one page.
PAGE = 50
#: Up to so many rows are quicker sorted than looked for in the order of all.
FEW = 40_000
#: How well the entries of positions that are held were done, by lifecycle: the newest report on each.
_ENTERED = """
    SELECT DISTINCT ON (lifecycle_id) lifecycle_id, tr_slippage ->> 'predicted_bps', tr_slippage ->> 'slip_real_bps'
      FROM tr_strands
     WHERE lifecycle_id = ANY(%s) AND kind = 'execution' AND exec_metrics ->> 'intent' = 'entry'
     ORDER BY lifecycle_id, id DESC
"""


def closed(asked: Asked) -> QuerySet[Trade]:
    """Return the trades that a filter lets pass, in its order."""
    return Trade.objects.filter(**asked.filter).order_by(*asked.order)


def page(asked: Asked, *, of: int) -> tuple[list[Trade], bool]:
    """Return the trades of one page, and whether there are more; ``of`` is how many the filter lets pass."""
    if not of:
        return [], False
    found = closed(asked)
    if of <= FEW and asked.sort.lstrip("-") not in ("closed", "symbol"):
        found = found.order_by(*map(_sorted, asked.order))
    first = (asked.page - 1) * PAGE
    rows = list(found[first : first + PAGE + 1])
    return rows[:PAGE], len(rows) > PAGE


def _sorted(column: str) -> OrderBy:
    """Return an order that no index has: the few are found by the filter, not among all in their order."""
    name = column.lstrip("-")
    return OrderBy(Coalesce(name, name), descending=column.startswith("-"))


def entered(lifecycles: Sequence[str], using: str = "default") -> dict[str, tuple[float | None, float | None]]:
    """Return the slippage of entries, predicted and real in basis points, by lifecycle."""
    if not lifecycles:
        return {}
    with connections[using].cursor() as cursor:
        cursor.execute(_ENTERED, [list(lifecycles)])
        return {lifecycle: (_float(told), _float(real)) for lifecycle, told, real in cursor.fetchall()}


def _float(text: str | None) -> float | None:
    number = figures.decimal(text)
    return None if number is None else float(number)
