"""What the risk manager keeps between turns, and how it is written."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from portfolio import ledger
from portfolio.limits import Level
from strands.wire import Kept, version_of
from tradingops.modules.risk import data_age, windows
from tradingops.modules.risk import equity as equities
from tradingops.modules.risk.data_age import DataAge
from tradingops.modules.risk.equity import Equity
from tradingops.modules.risk.venue_errors import Errors
from tradingops.modules.risk.windows import Window

VERSION = 4


class RiskState(NamedTuple):
    """The book, the last price of each symbol, and what is remembered of returns and equity; never changed in place.

    ``levels`` holds the level of each limit at the last risk update, ``said_at`` its moment. ``halted_for`` are the
    limits that have halted the desk, and the faults that have halted their scope, and are still reached. ``ages`` is
    what was heard of each symbol, ``errors`` when venues failed of late.
    """

    book: ledger.Book
    marks: Mapping[str, Decimal]
    windows: Mapping[str, Window]
    equity: Equity
    levels: Mapping[str, Level]
    said_at: datetime | None
    halted_for: frozenset[str] = frozenset()
    ages: DataAge = data_age.DataAge()
    errors: Errors = {}


def opening(cash: Decimal) -> RiskState:
    """Return the state of a book of cash alone, before the first bar."""
    return RiskState(
        book=ledger.opening(cash), marks={}, windows={}, equity=equities.opening(cash), levels={}, said_at=None
    )


def dump(state: RiskState) -> Kept:
    """Return a state as JSON; ``load`` undoes it."""
    return {
        "version": VERSION,
        "book": state.book.to_json(),
        "marks": {symbol: ledger.text(mark) for symbol, mark in state.marks.items()},
        "windows": {symbol: window.to_json() for symbol, window in state.windows.items()},
        "equity": state.equity.to_json(),
        "levels": {limit: level.value for limit, level in state.levels.items()},
        "said_at": None if state.said_at is None else state.said_at.isoformat(),
        "halted_for": sorted(state.halted_for),
        "ages": state.ages.to_json(),
        "errors": {venue: [each.isoformat() for each in moments] for venue, moments in state.errors.items()},
    }


def load(kept: Kept, *, module: str) -> RiskState:
    """Return the state that ``dump`` wrote, now or in an earlier version; raises NewerState.

    Version 0 held policies too; before version 2 no book knew of funding, before 3 nothing halted the desk,
    before 4 no age of data was known.
    """
    version_of(kept, module=module, newest=VERSION)
    said_at = kept["said_at"]
    return RiskState(
        book=ledger.book_from(kept["book"]),
        marks={symbol: Decimal(mark) for symbol, mark in kept["marks"].items()},
        windows={symbol: windows.window_from(each) for symbol, each in kept["windows"].items()},
        equity=equities.equity_from(kept["equity"]),
        levels={limit: Level(level) for limit, level in kept["levels"].items()},
        said_at=None if said_at is None else datetime.fromisoformat(said_at),
        halted_for=frozenset(kept.get("halted_for", ())),
        ages=data_age.ages_from(kept["ages"]) if "ages" in kept else data_age.DataAge(),
        errors={
            venue: tuple(map(datetime.fromisoformat, moments)) for venue, moments in kept.get("errors", {}).items()
        },
    )
