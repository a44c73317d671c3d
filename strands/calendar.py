"""Moments that PostgreSQL keeps and Python's calendar does not have: they compute like far ones and tell nothing."""

from __future__ import annotations

from datetime import UTC, datetime

from strands.json_values import UNREADABLE


class Beyond(datetime):
    """A moment that cannot be read: infinite, before the year 1 or after 9999.

    Put into words it is unreadable; compared and reckoned with it lies far off, on its own side of all others.
    """

    def __format__(self, spec: str) -> str:
        return UNREADABLE


#: They leave room on either side, for spans that are added to them and taken from them.
LATER = Beyond(9000, 1, 1, tzinfo=UTC)
EARLIER = Beyond(2, 1, 1, tzinfo=UTC)


def beyond(text: str) -> Beyond:
    """Return what stands for a moment, as PostgreSQL writes it, that Python cannot hold."""
    return EARLIER if text.startswith("-") or text.endswith("BC") else LATER
