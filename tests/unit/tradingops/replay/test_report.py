"""A run's report says what was earned, what was refused and why, from the strands alone."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strands import strand
from strands.strand import Strand
from tests.deciding import BTC, ETH, NOON
from tradingops.replay import printed, report, report_json

CASH = Decimal(1000)


def said(module: str, kind: str, payload: dict[str, Any], *, minute: int = 0, symbol: str = BTC) -> Strand:
    at = NOON + timedelta(minutes=minute)
    return strand.first(module=module, kind=kind, at=at, symbol=symbol, payload=payload, cause=(str(payload),))


def a_fill(side: str, quantity: str, price: str, *, minute: int = 0, symbol: str = BTC, fee: str = "0") -> Strand:
    told = {
        "px": price,
        "qty": quantity,
        "side": side,
        "fee": fee,
        "ts": (NOON + timedelta(minutes=minute)).isoformat(),
    }
    return said("trader", "fill", {"fills": [told]}, minute=minute, symbol=symbol)


def a_close(pnl: str, *, minute: int = 0, symbol: str = BTC, fees: str = "1") -> Strand:
    outcome = {
        "direction": "long",
        "quantity": "2",
        "entry_price": "10",
        "exit_price": "12",
        "opened_at": NOON.isoformat(),
        "closed_at": (NOON + timedelta(minutes=minute)).isoformat(),
        "pnl": pnl,
        "fees": fees,
        "close_reason": "take_profit",
    }
    return said("trader", "position", {"tr_outcome": outcome}, minute=minute, symbol=symbol)


def a_value(value: str, *, minute: int, marks: dict[str, str] | None = None) -> Strand:
    told = {"portfolio_value": value, "sharpe": 1.5, "marks": marks or {}}
    return said("risk", "risk_update", {"rm_portfolio_risk": told}, minute=minute)


def a_decision(kind: str, reason: str | None, *, minute: int = 0) -> Strand:
    return said("dm", "decision", {"dm_decision": {"decision_type": kind, "reason": reason}}, minute=minute)


def an_execution(
    status: str, *, intent: str = "entry", predicted: float | None = 1.0, real: float | None = 2.0, n: int = 0
):
    metrics = {"status": status, "intent": intent, "slip_real_bps": real}
    return said("trader", "execution", {"exec_metrics": metrics, "tr_predict": {"slip_bps": predicted}}, minute=n)


def build(*strands: Strand, **options: Any) -> report.Report:
    return report.build(strands, initial_cash=CASH, **options)


def test_a_run_of_nothing_keeps_its_cash_and_says_so():
    made = build()
    assert (made.money.value, made.money.earned, made.max_drawdown) == (CASH, 0.0, 0.0)
    assert (made.odds.win_rate, made.odds.profit_factor, made.sharpe) == (None, None, None)
    assert printed.text(made, bars=0, seconds=0)


def test_an_open_trade_is_marked_at_the_last_price():
    made = build(a_fill("buy", "2", "10", fee="0.5"), marks={BTC: "12"})
    (trade,) = made.open
    assert (trade.direction, trade.quantity, trade.entry_price, trade.exit_price) == ("long", 2, 10, 12)
    assert (trade.pnl, trade.reason, trade.entry_at) == (4, "open", NOON.isoformat())
    assert (made.money.value, made.money.unrealized, made.money.fees) == (Decimal("1003.5"), 4, Decimal("0.5"))


def test_without_last_prices_those_of_the_risk_manager_stand_in_and_then_the_price_paid():
    bought = a_fill("sell", "2", "10")
    assert build(bought, a_value("1000", minute=1, marks={BTC: "9"})).open[0].pnl == 2
    assert build(bought).open[0].pnl == 0


def test_a_position_that_flips_was_opened_when_it_flipped():
    made = build(a_fill("buy", "2", "10"), a_fill("sell", "5", "11", minute=7), a_fill("sell", "1", "12", minute=9))
    assert made.open[0].direction == "short"
    assert made.open[0].entry_at == (NOON + timedelta(minutes=7)).isoformat()


def test_odds_count_wins_and_weigh_them_against_losses():
    odds = build(a_close("30"), a_close("-10", minute=1), a_close("-5", minute=2), a_close("0", minute=3)).odds
    assert (odds.trades, odds.wins, odds.win_rate, odds.profit_factor) == (4, 1, 0.25, 2.0)
    assert (odds.pnl, odds.fees) == (15, 4)


def test_each_symbol_has_its_own_odds():
    made = build(a_close("30"), a_close("-10", symbol=ETH, minute=1))
    assert {symbol: odds.pnl for symbol, odds in made.by_symbol.items()} == {BTC: 30, ETH: -10}


def test_drawdown_is_read_from_the_equity_curve_and_the_last_value():
    curve = [a_value(value, minute=minute) for minute, value in enumerate(["1000", "1200", "900", "1100"])]
    made = build(*curve)
    assert made.max_drawdown == 0.25
    assert [value for _, value in made.equity] == [1000, 1200, 900, 1100]
    fallen = build(a_fill("buy", "10", "100"), marks={BTC: "60"})
    assert fallen.max_drawdown == pytest.approx(0.4)


def test_the_last_word_of_a_moment_is_its_value():
    assert [value for _, value in build(a_value("1", minute=1), a_value("2", minute=1)).equity] == [2]


def test_refusals_are_counted_by_who_refused_and_why():
    strands = [
        *(a_decision("reject", "exposure", minute=minute) for minute in range(3)),
        a_decision("reject", "confidence", minute=3),
        a_decision("approve", None, minute=4),
        a_decision("modify", "position_limit", minute=5),
        an_execution("filled"),
        an_execution("expired", n=1),
        said("venue", "order_update", {"vn_update": {"status": "rejected", "reason": "no money"}}),
    ]
    made = build(*strands)
    assert made.decisions == {"reject": 4, "approve": 1, "modify": 1}
    assert made.refusals == {"dm": {"exposure": 3, "confidence": 1}, "trader": {"expired": 1}, "venue": {"rejected": 1}}


def test_slippage_is_the_mean_of_the_orders_that_have_both_sides():
    made = build(
        an_execution("filled", real=2.0),
        an_execution("partial", predicted=3.0, real=6.0, n=1),
        an_execution("expired", real=None, n=2),
        an_execution("filled", intent="exit", real=0.0, n=3),
    )
    assert made.slippage["entry"] == report.Slippage(orders=2, predicted_bps=2.0, real_bps=4.0)
    assert made.slippage["exit"] == report.Slippage(orders=1, predicted_bps=1.0, real_bps=0.0)


@given(st.lists(st.tuples(st.sampled_from(["buy", "sell"]), st.integers(1, 50), st.integers(1, 500)), max_size=20))
def test_money_is_conserved(trades: list[tuple[str, int, int]]):
    fills = [a_fill(side, str(size), str(price), minute=n, fee="0.25") for n, (side, size, price) in enumerate(trades)]
    money = build(*fills, marks={BTC: "100"}).money
    assert abs(money.initial + money.realized + money.unrealized - money.fees - money.value) < Decimal("1e-9")


def test_the_report_is_json_and_its_text_is_aligned():
    made = build(a_fill("buy", "2", "10"), a_close("30"), a_close("-10000", minute=1), a_value("990", minute=2))
    told = report_json.to_json(made)
    assert json.loads(json.dumps(told, allow_nan=False)) == told
    assert told["money"]["value"] == "1000"
    text = printed.text(made, bars=100, seconds=2.0)
    assert "100 bars in 2.00 s (50 bars/s)" in text
    assert "Refusals" not in text


def test_the_text_counts_what_was_decided_refused_and_slipped():
    strands = [a_decision("reject", "exposure", minute=minute) for minute in range(12)]
    made = build(a_decision("approve", None, minute=20), *strands, an_execution("filled", predicted=0.5, real=-0.25))
    text = printed.text(made, bars=1, seconds=1.0)
    assert "reject   12\napprove   1" in text
    assert "dm exposure  12" in text
    assert "entry       1       0.50  -0.25" in text


def test_only_the_last_trades_are_listed_and_the_others_counted():
    made = build(*(a_close(str(n), minute=n) for n in range(printed.LISTED + 3)))
    assert "(3 earlier not listed)" in printed.text(made, bars=1, seconds=1.0)


def test_a_table_aligns_words_left_and_numbers_right():
    assert printed.table([("a", "1"), ("bbb", "1,000")]) == "a        1\nbbb  1,000"


@pytest.mark.parametrize(
    ("values", "line"),
    [([], ""), ([5.0, 5.0], "▁▁"), ([0.0, 7.0], "▁█"), ([0.0, 3.0, 7.0], "▁▄█")],
)
def test_a_sparkline_runs_from_low_to_high(values: list[float], line: str):
    assert printed.sparkline(values) == line


@given(st.lists(st.floats(0, 1e9), min_size=1, max_size=300))
def test_a_sparkline_is_never_wider_than_asked_and_ends_with_the_last_value(values: list[float]):
    line = printed.sparkline(values, width=20)
    assert len(line) == min(20, len(values))
    if values[-1] == max(values) > min(values):
        assert line[-1] == "█"
