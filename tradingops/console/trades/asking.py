"""What the page of trades is asked for: which of them, in which order, added up by what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

#: What trades may be added up by, in the order of the page.
BY = ("symbol", "day", "regime", "hour", "direction", "reason", "curator")
#: How a list may be ordered: the name in the address, and the columns.
ORDERS = {
    "closed": ("closed_at", "id"),
    "symbol": ("symbol", "closed_at", "id"),
    "pnl": ("pnl", "id"),
    "fees": ("fees", "id"),
    "r": ("r_multiple", "id"),
    "opened": ("opened_at", "id"),
}
NEWEST = "-closed"
REASONS = ("stop_loss", "take_profit", "expiry", "signal", "manual")
DIRECTIONS = ("long", "short")
#: As far as anybody turns pages; beyond it, a filter finds more.
MOST_PAGES = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A filter of trades, as the address names it; an empty field lets all pass.

    ``within`` are the symbols that the mandates of who asks leave, None for all.
    """

    day: date | None = None
    symbol: str = ""
    direction: str = ""
    reason: str = ""
    sort: str = NEWEST
    by: str = BY[0]
    page: int = 1
    within: frozenset[str] | None = None

    @property
    def filter(self) -> dict[str, Any]:
        """The conditions on the columns of a trade; a day is one of UTC."""
        found: dict[str, Any] = {"symbol": self.symbol, "direction": self.direction, "close_reason": self.reason}
        found = {name: value for name, value in found.items() if value}
        if self.within is not None:
            found["symbol__in"] = sorted(self.within)
        if self.day is not None:
            begins = datetime.combine(self.day, datetime.min.time(), tzinfo=UTC)
            found |= {"closed_at__gte": begins, "closed_at__lt": begins + timedelta(days=1)}
        return found

    @property
    def order(self) -> list[str]:
        """The columns to order by, the direction spelled as Django does."""
        sign = "-" if self.sort.startswith("-") else ""
        return [sign + column for column in ORDERS[self.sort.lstrip("-")]]

    def address(self, **changed: Any) -> str:
        """Return the query of the page with some of it changed, an empty one for the plain page."""
        told = {
            "day": self.day,
            "symbol": self.symbol,
            "direction": self.direction,
            "reason": self.reason,
            "sort": self.sort if self.sort != NEWEST else "",
            "by": self.by if self.by != BY[0] else "",
            **changed,
        }
        return "?" + urlencode({name: value for name, value in told.items() if value})

    def turned(self, column: str) -> str:
        """Return the query that orders by a column: the largest first, the other way when asked for again."""
        return self.address(sort=column if self.sort == f"-{column}" else f"-{column}")


class Misasked(ValueError):
    """A filter that means nothing: the message names the field, the value, the rule and the way out."""


def read(given: Mapping[str, str], *, within: frozenset[str] | None = None) -> Asked:
    """Return what an address asks for; raises Misasked for a value that is none of its field's."""
    by, sort = given.get("by") or BY[0], given.get("sort") or NEWEST
    direction, reason = given.get("direction", ""), given.get("reason", "")
    _one_of("by", by, BY)
    _one_of("sort", sort.removeprefix("-"), ORDERS)
    _one_of("direction", direction, ("", *DIRECTIONS))
    _one_of("reason", reason, ("", *REASONS))
    return Asked(
        day=_day(given.get("day", "")),
        symbol=given.get("symbol", "").strip(),
        direction=direction,
        reason=reason,
        sort=sort,
        by=by,
        page=_page(given.get("page") or "1"),
        within=within,
    )


def _one_of(field: str, value: str, known: Any) -> None:
    if value not in known:
        raise Misasked(f"{field}: {value!r} is none; it is one of {', '.join(filter(None, known))}")


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Misasked(f"day: {text!r} is no day; write it as 2026-01-31") from None


def _page(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= MOST_PAGES):
        raise Misasked(f"page: {text!r} is none; pages go from 1 to {MOST_PAGES}, a filter finds what lies beyond")
    return int(text)
