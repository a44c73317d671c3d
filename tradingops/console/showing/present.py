"""The market's present, which is not the clock's: a replayed day's strands are as old as the day."""

from __future__ import annotations

from datetime import datetime

from django.db import connections

NEWEST = """
    SELECT max(at) FROM ((SELECT at FROM md_strands ORDER BY id DESC LIMIT 1)
               UNION ALL (SELECT at FROM rm_strands ORDER BY id DESC LIMIT 1)
               UNION ALL (SELECT at FROM dm_strands ORDER BY id DESC LIMIT 1)) AS newest
"""


def newest_moment(using: str = "default") -> datetime | None:
    """Return the moment of the newest strand, None before the first."""
    with connections[using].cursor() as cursor:
        cursor.execute(NEWEST)
        return cursor.fetchone()[0]  # type: ignore[no-any-return]
