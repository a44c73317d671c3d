"""The market's present, which is not the clock's: a replayed day's strands are as old as the day."""

from __future__ import annotations

from datetime import datetime

from django.db import connections

NEWEST = """
    SELECT max(at) FROM ((SELECT at FROM md_strands ORDER BY id DESC LIMIT 1)
               UNION ALL (SELECT at FROM rm_strands ORDER BY id DESC LIMIT 1)
               UNION ALL (SELECT at FROM dm_strands ORDER BY id DESC LIMIT 1)) AS newest
"""


#: How much market time the newest bars span, and in how much of the clock's they were written, in seconds.
PACE = """
    SELECT extract(epoch FROM max(at) - min(at))::float8, extract(epoch FROM max(created_at) - min(created_at))::float8
      FROM (SELECT at, created_at FROM md_strands ORDER BY id DESC LIMIT 300) AS newest
"""
#: A market this close to the clock's pace is a live one.
LIVE_PACE = (0.5, 2.0)


def newest_and_speed(using: str = "default") -> tuple[datetime | None, str]:
    """Return the moment of the newest strand, None before the first, and how fast the market is played, in words.

    There are no words where it keeps the clock's pace.
    """
    with connections[using].cursor() as cursor:
        cursor.execute(f"SELECT ({NEWEST}), pace.* FROM ({PACE}) AS pace")
        newest, market, clock = cursor.fetchone()
    return newest, _speed(market, clock)


def _speed(market: float | None, clock: float | None) -> str:
    if not market:
        return ""
    if not clock:
        return "as fast as it can"
    times = market / clock
    return "" if LIVE_PACE[0] <= times <= LIVE_PACE[1] else f"{times:,.3g} × the clock"


def newest_moment(using: str = "default") -> datetime | None:
    """Return the moment of the newest strand, None before the first."""
    with connections[using].cursor() as cursor:
        cursor.execute(NEWEST)
        return cursor.fetchone()[0]  # type: ignore[no-any-return]
