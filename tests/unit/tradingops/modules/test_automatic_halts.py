"""A limit that is reached stops new entries by itself, once, until a person lets the desk trade again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from strands.given import DESK, HaltState
from strands.rulings import automatic
from strands.rulings.fold import Rulings
from strands.strand import Strand
from strands.wires.memory import MemoryWire
from tests.unit.tradingops.modules.test_risk_manager import MORNING, QUARTER, after, bar, fill, ruled, through_json
from tradingops.modules.risk.module import RiskManager
from tradingops.modules.risk.policy import RiskPolicy
from tradingops.people import acts

DESK_OF_100 = RiskManager(RiskPolicy(initial_cash=100, max_daily_loss=0.10, max_drawdown=0.5))
#: All of it bought at 100: the book is worth what the coin costs.
ALL_IN = fill(0, "buy", "1", "100")


def halts(updates: list[Strand]) -> list[dict[str, object]]:
    return [dict(each.payload["op_halt"]) for update in updates for each in automatic.halts_of(update)]


def test_a_loss_of_the_limit_exactly_halts_the_desk_and_less_does_not():
    state, updates = after([ALL_IN, bar(1, 100), bar(2, "90.01")], DESK_OF_100)
    assert halts(updates) == []
    _, updates = after([bar(3, 90)], DESK_OF_100, state)
    [halt] = halts(updates)
    assert (halt["scope"], halt["state"], halt["by"]) == (DESK, HaltState.REDUCE_ONLY, "policy")
    assert (halt["rule"], halt["value"], halt["limit"]) == ("daily_loss", 0.1, 0.1)
    assert halt["reason"] == "daily_loss is 10.0000%, its limit 10.0000%"


@pytest.mark.parametrize("at", [95, 88, 80])
def test_a_restart_measures_from_the_same_baseline(at: int):
    state, _ = after([ALL_IN, bar(1, 100), bar(2, at)], DESK_OF_100)
    _, updates = after([bar(3, 89.9)], DESK_OF_100, through_json(state))
    assert len(halts(updates)) == (1 if at == 95 else 0)  # the others had halted it before
    _, updates = after([ALL_IN, bar(1, 100), bar(2, at), bar(3, 89.9)], DESK_OF_100)
    assert len(halts(updates)) == 1


def test_the_baseline_is_the_last_value_before_midnight_by_market_time():
    late = (timedelta(days=1) - QUARTER - timedelta(hours=MORNING.hour, minutes=MORNING.minute)) // QUARTER
    state, updates = after([ALL_IN, bar(1, 100), bar(late, 95), bar(late + 2, 86)], DESK_OF_100)
    assert halts(updates) == []  # 9.5 % of 95
    _, updates = after([bar(late + 3, 85.5)], DESK_OF_100, state)
    assert [each["value"] for each in halts(updates)] == [0.1]


def test_the_start_is_a_peak_and_the_first_trade_may_be_the_worst():
    desk = RiskManager(RiskPolicy(initial_cash=1000, max_daily_loss=1, max_drawdown=0.10))
    _, updates = after([fill(0, "buy", "10", "100"), bar(1, 100), fill(2, "sell", "10", "90")], desk)
    assert [(each["rule"], each["value"]) for each in halts(updates)] == [("drawdown", 0.1)]


def test_it_halts_once_and_again_only_after_it_was_no_longer_reached():
    _, updates = after([ALL_IN, bar(1, 100), bar(2, 89), bar(3, 88), bar(4, 95), bar(5, 89)], DESK_OF_100)
    assert [each["value"] for each in halts(updates)] == [0.11, 0.11]


def test_a_close_while_it_stands_halts_nothing_anew():
    _, updates = after([ALL_IN, bar(1, 100), bar(2, 89), fill(3, "sell", "1", "89"), bar(4, 89)], DESK_OF_100)
    assert len(halts(updates)) == 1


def test_losses_measured_from_here_leave_room_for_as_much_again_and_the_worst_fall_stays():
    references = {"before": {"peak": "100"}, "after": {"peak": "89"}}
    anew = acts.halt(DESK, HaltState.ACTIVE, asked=ruled(3), measure=references)
    state, updates = after([ALL_IN, bar(1, 100), bar(2, 89), anew, bar(4, "80.2")], DESK_OF_100)
    assert len(halts(updates)) == 1
    assert state.equity.max_drawdown == pytest.approx(0.11)
    _, updates = after([bar(5, "80.1")], DESK_OF_100, state)
    assert [each["value"] for each in halts(updates)] == [0.1]


def test_a_word_about_another_scope_moves_no_reference_of_losses():
    references = {"before": {"peak": "100"}, "after": {"peak": "89"}}
    anew = acts.halt("symbol:BTCUSDT", HaltState.ACTIVE, asked=ruled(3), measure=references)
    state, _ = after([ALL_IN, bar(1, 100), bar(2, 89), anew], DESK_OF_100)
    assert state.equity.peak == 100


@pytest.mark.parametrize("odd", [None, "text", [], {"halts": "text"}, {"halts": [1, None]}])
def test_an_update_whose_alert_is_odd_halts_nothing(odd: object):
    _, (update, *_) = after([ALL_IN, bar(1, 100)], DESK_OF_100)
    assert automatic.halts_of(replace(update, payload={**update.payload, "rm_alert_data": odd})) == []


def test_a_policy_may_do_nothing_at_a_limit_or_halt_outright():
    heard = [ALL_IN, bar(1, 100), bar(2, 89)]
    quiet = RiskManager(RiskPolicy(initial_cash=100, max_daily_loss=0.1, max_drawdown=0.5, on_daily_loss="nothing"))
    strict = RiskManager(RiskPolicy(initial_cash=100, max_daily_loss=0.1, max_drawdown=0.5, on_daily_loss="halted"))
    assert halts(after(heard, quiet)[1]) == []
    assert [each["state"] for each in halts(after(heard, strict)[1])] == [HaltState.HALTED]


def test_on_a_wire_in_memory_it_is_in_force_for_what_is_heard_next():
    _, updates = after([ALL_IN, bar(1, 100), bar(2, 89)], DESK_OF_100)
    wire = MemoryWire(rulings=Rulings())
    wire.publish(updates)
    assert wire.rulings.given(MORNING + 3 * QUARTER, "dm").halts == {DESK: HaltState.REDUCE_ONLY}
