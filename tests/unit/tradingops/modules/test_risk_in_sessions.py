"""What a book of markets that close may lose: by the bars of their sessions, as each symbol's own volatility is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import hypot, sqrt
from typing import Any

import pytest

from strands import strand, tags
from strands.given import Given
from strands.strand import Strand
from tests.factories import a_bar
from tradingops.modules.risk.module import RiskManager
from tradingops.modules.risk.policy import RiskPolicy

#: 10:00 in New York, where the session has 26 bars of a quarter of an hour.
MORNING = datetime(2024, 1, 3, 15, tzinfo=UTC)
QUARTER = timedelta(minutes=15)
NEW_YORK, AROUND_THE_CLOCK = "09:30-16:00 America/New_York", "24x7"
TOKYO = "09:00-15:00 Asia/Tokyo"
SESSIONS, CALENDAR = 365 * 5 / 7 * 26, 365 * 96
#: Closes that have nothing in common, of fifty bars.
UP_AND_DOWN = [100 + (nth * nth) % 7 for nth in range(50)]
OTHERWISE = [200 + (nth * nth * nth) % 11 for nth in range(50)]
RISK = RiskManager(RiskPolicy(window_bars=60, least_observations=20, risk_free=0))


def instrument(symbol: str, grid: str) -> Strand:
    told = {"symbol": symbol, "session_grid": grid, "sources": {"session_grid": "told"}}
    return strand.first(module="market", kind="instrument", at=MORNING, symbol=symbol, payload={"md_instrument": told})


def bought(symbol: str, quantity: str, price: str) -> Strand:
    told = {"px": price, "qty": quantity, "side": "buy", "ts": MORNING.isoformat(), "fee": "0"}
    return strand.first(
        module="trader",
        kind="fill",
        at=MORNING,
        symbol=symbol,
        tags=(tags.RISK_EXECUTION_FEEDBACK,),
        payload={"fills": [told]},
        cause=(symbol,),
    )


def told(closes: dict[str, list[int]], *, grids: dict[str, str], held: dict[str, str]) -> dict[str, Any]:
    """Return the last risk update of a desk that buys at the first bar, and hears all of them."""
    bars = [
        a_bar(symbol=symbol, timeframe="15m", at=MORNING + nth * QUARTER, bar={"close": str(close)})
        for nth in range(50)
        for symbol, close in ((each, of[nth]) for each, of in closes.items())
    ]
    fills = [bought(symbol, quantity, str(closes[symbol][0])) for symbol, quantity in held.items()]
    state, last = RISK.start(""), None
    for each in [*(instrument(*pair) for pair in grids.items()), *bars[: len(closes)], *fills, *bars[len(closes) :]]:
        state, answers = RISK.handle(state, each, Given(now=each.at))
        last = answers[-1] if answers else last
    assert last is not None
    return dict(last.payload)


def of_one(grid: str) -> dict[str, Any]:
    return told({"SPY": UP_AND_DOWN}, grids={"SPY": grid}, held={"SPY": "100"})


def test_a_book_of_one_stock_is_as_restless_as_the_stock() -> None:
    book = of_one(NEW_YORK)
    risk, volatility = book["rm_portfolio_risk"], book["rm_volatility"]["SPY"]
    assert volatility["annualised"] == pytest.approx(volatility["per_bar"] * sqrt(SESSIONS), rel=1e-6)
    assert risk["total_risk"] == pytest.approx(volatility["annualised"] * risk["max_weight"], rel=1e-6)


@pytest.mark.parametrize(
    ("part", "name", "open_for"),
    [
        ("rm_portfolio_risk", "total_risk", SESSIONS / CALENDAR),
        ("rm_portfolio_risk", "sharpe", SESSIONS / CALENDAR),
        ("rm_var_calculation", "horizon_var_95", 26 / 96),
        ("rm_stress_test", "volatility_shock", 26 / 96),
    ],
)
def test_the_same_bars_are_less_in_a_market_that_closes_by_the_root_of_its_time(
    part: str, name: str, open_for: float
) -> None:
    closing, open_ever = of_one(NEW_YORK)[part], of_one(AROUND_THE_CLOCK)[part]
    assert closing[name] == pytest.approx(open_ever[name] * sqrt(open_for), rel=1e-5)


def test_a_market_that_never_closes_goes_on_by_itself_when_the_stock_beside_it_is_shut() -> None:
    both = {"BTC": OTHERWISE, "SPY": UP_AND_DOWN}
    mixed = told(both, grids={"SPY": NEW_YORK}, held={"BTC": "50", "SPY": "1"})
    closing = told(both, grids={"BTC": NEW_YORK, "SPY": NEW_YORK}, held={"BTC": "50", "SPY": "1"})
    alone = told(both, grids={}, held={"BTC": "50"})
    together, bitcoin, found = (each["rm_portfolio_risk"]["total_risk"] for each in (closing, alone, mixed))
    weights = [each["rm_portfolio_risk"]["positions"]["BTC"]["weight"] for each in (mixed, alone)]
    by_itself = bitcoin * weights[0] / weights[1] * sqrt(1 - SESSIONS / CALENDAR)
    assert found == pytest.approx(hypot(together, by_itself), rel=1e-5)
    assert found > bitcoin * 0.99


@pytest.mark.parametrize(
    ("grid", "times"),
    [(NEW_YORK, 1), ("10:00-15:00 America/New_York", 1), (TOKYO, 12.5 / 6.5), (AROUND_THE_CLOCK, CALENDAR / SESSIONS)],
    ids=["the same", "within it", "while it is shut", "never shut"],
)
def test_a_books_sharpe_counts_each_moment_at_which_any_of_its_markets_tells_of_it(grid: str, times: float) -> None:
    both = {"BTC": OTHERWISE, "SPY": UP_AND_DOWN}
    found, of_one = (
        told(both, grids={"BTC": each, "SPY": NEW_YORK}, held={"BTC": "50", "SPY": "1"})["rm_portfolio_risk"]["sharpe"]
        for each in (grid, NEW_YORK)
    )
    assert found == pytest.approx(of_one * sqrt(times), rel=1e-5)
