"""What people are told where funding is not counted: of a perpetual that nobody tells a rate of."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connections

NOT_COUNTED = "funding not counted: no feed tells it"

#: Perpetuals whose newest bar tells no rate. Bars of a longer timeframe repeat none, so those of the shortest decide.
_UNTOLD = """
    SELECT symbol FROM instruments
     WHERE kind = 'perpetual' AND symbol = ANY(%s)
       AND NOT coalesce((SELECT bool_or(md_bar ? 'funding_rate')
                           FROM (SELECT md_bar FROM md_strands
                                  WHERE md_strands.symbol = instruments.symbol AND kind = 'bar'
                                  ORDER BY created_at DESC LIMIT %s) AS newest), false)
     ORDER BY symbol
"""
#: So many of the newest bars are asked: one of each timeframe that may close at a moment.
_ASKED = 12


def not_counted(symbols: Iterable[str], using: str = "default") -> list[str]:
    """Return which of these symbols are perpetuals of which no feed tells the funding rate."""
    wanted = sorted(filter(None, set(symbols)))
    if not wanted:
        return []
    with connections[using].cursor() as cursor:
        cursor.execute(_UNTOLD, [wanted, _ASKED])
        return [symbol for (symbol,) in cursor.fetchall()]
