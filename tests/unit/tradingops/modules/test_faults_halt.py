"""Stale data halts its symbol, faults of a venue halt the venue: once, by market time, until a person resumes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

import pytest

from portfolio.execution import order, venue
from strands import strand, tags
from strands.given import DESK, Given, HaltState
from strands.market.bar import Timeframe
from strands.strand import Strand
from tests.factories import a_bar
from tests.unit.tradingops.modules.test_automatic_halts import halts
from tests.unit.tradingops.modules.test_risk_manager import after, fill, through_json
from tradingops.management import silence
from tradingops.modules.risk.module import RiskManager
from tradingops.modules.risk.policy import RiskPolicy

#: A Tuesday; a session of Kolkata begins at 03:45 UTC.
DAY = datetime(2026, 3, 3, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
KOLKATA = "09:15-15:30 Asia/Kolkata"
DESK_OF_MINUTES = RiskManager(RiskPolicy(initial_cash=1000, stale_after_bars=3))


def bar(at: datetime, symbol: str, close: str = "100", **more: str) -> Strand:
    told = {"close": close, **more}
    return a_bar(symbol=symbol, timeframe="1m", at=at, bar=told, to=(tags.RISK_MARKET_UPDATE,))


def bars(symbol: str, minutes: Iterable[int], *, since: datetime = DAY) -> list[Strand]:
    return [bar(since + each * MINUTE, symbol) for each in minutes]


def together(*heard: list[Strand]) -> list[Strand]:
    return sorted((each for some in heard for each in some), key=lambda each: (each.at, each.symbol or ""))


def instrument(symbol: str, grid: str) -> Strand:
    told = {"symbol": symbol, "session_grid": grid, "sources": {"session_grid": "told"}}
    return strand.first(module="market", kind="instrument", at=DAY, symbol=symbol, payload={"md_instrument": told})


def timer(at: datetime, newest: Mapping[str, datetime]) -> Strand:
    return silence.timer(at, newest, Timeframe.M1)


def scopes(heard: Iterable[Strand], desk: RiskManager = DESK_OF_MINUTES) -> list[object]:
    return [each["scope"] for each in halts(after(heard, desk)[1])]


def test_a_leg_that_is_silent_while_others_go_on_halts_its_symbol_once() -> None:
    state, updates = after(together(bars("ADA", range(10)), bars("BTC", range(4))), DESK_OF_MINUTES)
    [halt] = halts(updates)
    assert (halt["scope"], halt["state"], halt["rule"]) == ("symbol:BTC", HaltState.REDUCE_ONLY, "stale_data")
    assert halt["reason"] == "the data of BTC is 4 min old, its limit 3 min"
    _, more = after(bars("ADA", range(10, 20)), DESK_OF_MINUTES, through_json(state))
    assert halts(more) == []


def test_it_is_told_when_it_is_well_again_and_halts_anew_after_that() -> None:
    state, _ = after(together(bars("ADA", range(10)), bars("BTC", range(4))), DESK_OF_MINUTES)
    state, told = after(bars("BTC", [10]), DESK_OF_MINUTES, state)
    assert "reached" not in told[-1].payload["rm_alert_data"]
    assert [each["scope"] for each in halts(after(bars("ADA", range(11, 18)), DESK_OF_MINUTES, state)[1])] == [
        "symbol:BTC"
    ]


def test_a_gap_in_which_all_were_silent_and_all_come_back_is_nobody_s_fault() -> None:
    minutes = [*range(3), *range(600, 604)]
    assert scopes(together(bars("ADA", minutes), bars("BTC", minutes), bars("ETH", minutes))) == []


def test_a_single_market_with_gaps_of_its_own_never_halts_by_its_bars() -> None:
    assert scopes(bars("ADA", [0, 1, 50, 51, 5000])) == []


def test_an_age_counts_in_the_session_alone() -> None:
    opening = DAY + timedelta(hours=3, minutes=45)
    last = bars("NIFTY", [-14 * 60])  # the evening before, in UTC
    crypto = bars("BTC", range(-3, 60), since=opening)
    told = [instrument("NIFTY", KOLKATA), *together(last, [each for each in crypto if each.at <= opening])]
    state, updates = after(told, DESK_OF_MINUTES)
    assert halts(updates) == []
    _, updates = after([each for each in crypto if each.at > opening], DESK_OF_MINUTES, through_json(state))
    [halt] = halts(updates)
    assert (halt["scope"], halt["value"]) == ("symbol:NIFTY", 240.0)
    assert updates[0].at == opening + 5 * MINUTE


def test_a_bar_without_volume_is_fresh() -> None:
    quiet = [bar(DAY + nth * MINUTE, "BTC", volume="0") for nth in range(10)]
    assert scopes(together(bars("ADA", range(10)), quiet)) == []


@pytest.mark.parametrize("price", ["0", "-3", "NaN", "Infinity", "", "none"])
def test_a_price_that_is_none_is_stale_and_neither_a_loss_nor_an_all_clear(price: str) -> None:
    desk = RiskManager(RiskPolicy(initial_cash=1000, max_daily_loss=0.05, max_drawdown=0.9))
    held = [*together(bars("ADA", [0]), bars("BTC", [0])), fill(0, "buy", "10", "100", symbol="BTC")]
    state, updates = after([*held, bar(DAY + MINUTE, "BTC", price)], desk)
    assert [(each["scope"], each["rule"]) for each in halts(updates)] == [("symbol:BTC", "stale_data")]
    assert state.equity.last == 1000
    lost, updates = after([bar(DAY + 2 * MINUTE, "BTC", "90")], desk, state)
    assert [each["rule"] for each in halts(updates)] == ["daily_loss"]
    lost, updates = after([bar(DAY + 3 * MINUTE, "BTC", price)], desk, through_json(lost))
    assert "daily_loss" in lost.halted_for
    assert lost.equity.last == 900


def test_a_bar_without_any_price_is_stale_too() -> None:
    odd = strand.first(module="market", kind="bar", at=DAY + MINUTE, symbol="BTC", timeframe="1m", payload={})
    assert scopes([*together(bars("ADA", [0]), bars("BTC", [0])), odd]) == ["symbol:BTC"]


def test_a_bar_from_the_future_is_wrong_and_not_fresh() -> None:
    state, _ = after(together(bars("ADA", range(2)), bars("BTC", range(2))), DESK_OF_MINUTES)
    skewed, _ = DESK_OF_MINUTES.handle(state, bar(DAY + 2 * MINUTE, "BTC", "101"), Given(DAY + 1.5 * MINUTE))
    assert (skewed.marks["BTC"], skewed.ages.stale) == (101, {})
    ahead = bar(DAY + timedelta(days=400), "BTC", "1")
    state, answers = DESK_OF_MINUTES.handle(state, ahead, Given(DAY + 2 * MINUTE))
    assert [each["scope"] for each in halts(list(answers))] == ["symbol:BTC"]
    assert state.marks["BTC"] == 100


def test_the_desk_halts_only_if_every_symbol_is_stale() -> None:
    heard = together(bars("ADA", range(4)), bars("BTC", range(4)))
    newest = {"ADA": DAY + 3 * MINUTE, "BTC": DAY + 3 * MINUTE}
    assert scopes([*heard, timer(DAY + 6 * MINUTE, newest)]) == []
    assert scopes([*heard, timer(DAY + 7 * MINUTE, newest)]) == [DESK]
    one = {**newest, "ADA": DAY + 6 * MINUTE}
    assert scopes([*heard, timer(DAY + 7 * MINUTE, one)]) == ["symbol:BTC"]


def test_what_was_left_long_ago_and_is_not_held_halts_nothing() -> None:
    later = bars("BTC", range(10), since=DAY + timedelta(days=30))
    assert scopes([*bars("ADA", range(3)), *later]) == []
    held = [*bars("ADA", range(3)), fill(0, "buy", "1", "100", symbol="ADA"), *later]
    assert scopes(held) == ["symbol:ADA"]


def test_a_policy_may_do_nothing_about_faults_or_halt_outright() -> None:
    heard = together(bars("ADA", range(10)), bars("BTC", range(4)))
    assert scopes(heard, RiskManager(RiskPolicy(on_stale_data="nothing"))) == []
    [halt] = halts(after(heard, RiskManager(RiskPolicy(on_stale_data="halted")))[1])
    assert halt["state"] == HaltState.HALTED


def fault(minute: int, name: str = "binance") -> Strand:
    told = {"state": "venue_fault", "venue": name, "reason": f"{name}: timeout"}
    return strand.first(
        module="trader",
        kind="monitoring",
        at=DAY + minute * MINUTE,
        symbol="BTC",
        payload={"monitoring_state": told},
        cause=(minute, name),
    )


def test_a_venue_that_fails_too_often_within_the_window_is_halted_and_others_are_not() -> None:
    desk = RiskManager(RiskPolicy(most_venue_errors=3, venue_error_minutes=10))
    spread = [fault(0), fault(6), fault(12), fault(1, "kraken")]
    state, updates = after(sorted(spread, key=lambda each: each.at), desk)
    assert halts(updates) == []
    state, updates = after([fault(13)], desk, through_json(state))
    [halt] = halts(updates)
    assert (halt["scope"], halt["rule"], halt["state"]) == ("venue:binance", "venue_errors", HaltState.REDUCE_ONLY)
    assert halt["reason"] == "binance failed 3 times within 10 min, its limit 3"
    assert halts(after([fault(14), fault(15)], desk, state)[1]) == []


def test_faults_that_are_over_are_told_so_that_a_person_may_resume() -> None:
    desk = RiskManager(RiskPolicy(most_venue_errors=2, venue_error_minutes=10))
    state, updates = after([fault(0), fault(1)], desk)
    assert [each["scope"] for each in updates[-1].payload["rm_alert_data"]["reached"]] == ["venue:binance"]
    _, updates = after(bars("BTC", [12]), desk, state)
    assert "reached" not in updates[-1].payload["rm_alert_data"]


@pytest.mark.parametrize(
    ("status", "reason", "is_final", "means"),
    [
        ("unknown", None, False, True),
        ("unknown", "order_id: 'A' is not open here", True, False),
        ("rejected", "timeout: no answer within 5 s", True, True),
        ("rejected", "venue: 'nowhere' is not configured", True, True),
        ("rejected", "quantity: 3 is no multiple of 2; round it down", True, False),
        ("rejected", "halted: desk is halted", True, False),
        ("cancelled", "timeout: of its own", True, False),
    ],
)
def test_a_refusal_of_our_order_is_no_fault_of_the_venue(
    status: str, reason: str | None, is_final: bool, means: bool
) -> None:
    assert venue.is_at_fault(order.Status(status), reason, is_final=is_final) is means


def test_a_silent_market_is_told_once_a_bar_s_length_and_not_before_it_is_late() -> None:
    moments = iter([DAY + 3 * MINUTE, DAY + 4 * MINUTE, DAY + 4.5 * MINUTE, DAY + 5 * MINUTE])
    listening = silence.Silence(Timeframe.M1, lambda: next(moments))
    listening.hear([*bars("BTC", range(2)), *bars("ETH", range(2))])
    told = [listening.timer() for _ in range(4)]
    assert [each and each.at for each in told] == [None, DAY + 4 * MINUTE, None, DAY + 5 * MINUTE]
    assert told[1] is not None
    newest = told[1].payload["md_timer"]["newest"]
    assert newest == {symbol: [(DAY + MINUTE).isoformat(), "1m"] for symbol in ("BTC", "ETH")}
    assert json.loads(json.dumps(newest)) == newest
