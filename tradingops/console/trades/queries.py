"""The questions of the page of trades to the database."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connections
from django.db.models import QuerySet

from portfolio.trades.models import Trade
from strands import figures
from tradingops.console.trades.asking import Asked

#: Rows of one page.
PAGE = 50
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


def page(asked: Asked) -> tuple[list[Trade], bool]:
    """Return the trades of one page, and whether there are more."""
    first = (asked.page - 1) * PAGE
    found = list(closed(asked)[first : first + PAGE + 1])
    return found[:PAGE], len(found) > PAGE


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
