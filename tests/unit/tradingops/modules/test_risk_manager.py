"""The risk manager: the book folded from fills, judged at each bar while something is held."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strands import strand, tags
from strands.given import Given, HaltState
from strands.rulings.fold import Rulings
from strands.strand import Strand
from strands.wire import NewerState
from strands.wires.memory import MemoryWire
from tests import deciding
from tests.factories import a_bar
from tradingops import engine, environments
from tradingops.modules.market.series import SLOW_TAGS
from tradingops.modules.risk.module import RiskManager
from tradingops.modules.risk.policy import RiskPolicy
from tradingops.modules.risk.state import RiskState
from tradingops.people import acts

MORNING = datetime(2022, 1, 3, 6, tzinfo=UTC)
QUARTER = timedelta(minutes=15)
RISK = RiskManager()


def bar(nth: int, close: float | str, *, symbol: str = "BTCUSDT") -> Strand:
    return a_bar(
        symbol=symbol,
        timeframe="15m",
        at=MORNING + nth * QUARTER,
        bar={"close": str(close)},
        to=(tags.RISK_MARKET_UPDATE,),
    )


def fill(nth: int, side: str, quantity: str, price: str, *, symbol: str = "BTCUSDT", fee: str = "0") -> Strand:
    told = {"px": price, "qty": quantity, "side": side, "ts": (MORNING + nth * QUARTER).isoformat(), "fee": fee}
    return strand.first(
        module="trader",
        kind="fill",
        at=MORNING + nth * QUARTER,
        symbol=symbol,
        tags=(tags.RISK_EXECUTION_FEEDBACK,),
        payload={"fills": [told]},
        cause=(nth, side, quantity, price),
    )


def after(
    strands: Iterable[Strand], desk: RiskManager = RISK, state: RiskState | None = None
) -> tuple[RiskState, list[Strand]]:
    """Return the state after strands, and the updates; a ruling among them is in force for those that follow."""
    state, updates, rulings = state or desk.start(""), [], Rulings()
    for each in strands:
        rulings.add(each)
        state, answers = desk.handle(state, each, rulings.given(each.at, "risk"))
        updates += answers
    return state, updates


def last(strands: Iterable[Strand], desk: RiskManager = RISK) -> dict[str, Any]:
    return dict(after(strands, desk)[1][-1].payload)


def ruled(nth: int) -> acts.Asked:
    at = MORNING + nth * QUARTER
    return acts.Asked(by="ada", reason="a drill", at=at, asked_at=at)


def a_halt(nth: int, scope: str, state: HaltState = HaltState.HALTED) -> Strand:
    return acts.halt(scope, state, asked=ruled(nth))


def limit(payload: dict[str, Any], name: str) -> dict[str, Any]:
    return next(each for each in payload["rm_risk_limits"] if each["limit"] == name)


def test_the_first_bar_tells_a_book_of_cash():
    _, (update,) = after([bar(0, 100)])
    assert (update.kind, update.tags) == ("risk_update", ("dm:risk_update", "trader:risk_update"))
    assert update.symbol == "BTCUSDT"
    told = update.payload["rm_portfolio_risk"]
    assert (told["portfolio_value"], told["cash"], told["exposure"], told["positions"]) == ("100000", "100000", 0, {})
    assert update.payload["rm_risk_assessment"] == {"level": "ok", "breaches": [], "warnings": []}
    assert update.payload["rm_var_calculation"]["var_95"] == 0


def test_with_nothing_held_it_speaks_once_an_hour():
    _, told = after(bar(nth, 100) for nth in range(9))
    assert [each.at for each in told] == [MORNING + timedelta(hours=hour) for hour in range(3)]


def test_with_something_held_it_speaks_at_every_bar():
    _, told = after([bar(0, 100), fill(0, "buy", "10", "100"), *(bar(nth, 100) for nth in range(1, 4))])
    assert [each.at for each in told] == [MORNING + nth * QUARTER for nth in range(4)]


def test_a_fill_that_changes_a_level_is_told_at_once():
    _, told = after([bar(0, 100), fill(0, "buy", "50", "100"), fill(0, "buy", "100", "100")])
    assert len(told) == 2
    payload = told[-1].payload
    assert payload["rm_risk_assessment"]["breaches"] == ["position"]
    assert payload["rm_alert_data"] == {"cause": "fill", "changed": {"position": ["ok", "breach"]}}


def test_the_warning_comes_at_four_fifths_of_a_limit():
    payload = last([bar(0, 100), fill(0, "buy", "80", "100"), bar(1, 100)])
    assert limit(payload, "position")["level"] == "warning"
    assert payload["rm_risk_assessment"]["level"] == "warning"


def test_concentration_has_a_warning_of_its_own():
    assert limit(last([bar(0, 100), fill(0, "buy", "450", "100"), bar(1, 100)]), "concentration")["level"] == "warning"
    assert limit(last([bar(0, 100), fill(0, "buy", "550", "100"), bar(1, 100)]), "concentration")["level"] == "breach"


def test_the_book_is_worth_cash_and_positions_at_the_last_close():
    payload = last([bar(0, 100), fill(0, "buy", "50", "100", fee="2.5"), bar(1, "101.5")])
    told = payload["rm_portfolio_risk"]
    assert told["cash"] == "94997.5"
    assert told["portfolio_value"] == "100072.5"
    assert told["positions"]["BTCUSDT"]["unrealized"] == "75"
    assert told["daily_pnl"] == "72.5"
    assert told["marks"] == {"BTCUSDT": "101.5"}


def test_a_short_earns_when_the_price_falls():
    told = last([bar(0, 100), fill(0, "sell", "50", "100"), bar(1, 90)])["rm_portfolio_risk"]
    assert (told["portfolio_value"], told["net_exposure"]) == ("100500", pytest.approx(-4500 / 100500))


def test_drawdown_is_measured_from_the_peak_and_its_worst_is_kept():
    strands = [bar(0, 100), fill(0, "buy", "500", "100"), bar(1, 120), bar(2, 98), bar(3, 120)]
    told = last(strands)["rm_portfolio_risk"]
    assert told["peak_value"] == "110000"
    assert told["drawdown"] == 0
    assert told["max_drawdown"] == pytest.approx(0.1)


def test_a_day_begins_with_what_the_day_before_ended():
    night = [bar(nth, 100 - nth % 2) for nth in range(1, 72)]
    told = last([bar(0, 100), fill(0, "buy", "100", "100"), *night, bar(72, 95)])
    # Midnight is the 72nd quarter after six; the bar before it closed at 99.
    assert told["rm_portfolio_risk"]["daily_pnl"] == "-400"
    assert limit(told, "daily_loss")["value"] == pytest.approx(400 / 99_900, abs=1e-8)


def closes(count: int) -> list[float]:
    """Return closes with one loss of 1 % among nineteen small gains, again and again."""
    price, out = 100.0, []
    for nth in range(count):
        price *= 0.99 if nth % 20 == 10 else 1.0005
        out.append(round(price, 6))
    return out


def test_var_takes_todays_weights_through_the_remembered_returns():
    strands = [bar(nth, close) for nth, close in enumerate(closes(101))]
    price = closes(101)[-1]
    quantity = str(round(10_000 / price, 6))
    payload = last([*strands, fill(100, "buy", quantity, str(price)), bar(101, price)])
    var = payload["rm_var_calculation"]
    assert var["observations"] == 101
    weight = payload["rm_portfolio_risk"]["exposure"]
    # Index 5 of 101 sorted returns: the five losses of 1 % come first, then the flat last bar.
    assert var["cvar_95"] == pytest.approx(weight * 0.05 / 6, rel=1e-4)
    assert var["var_95"] == 0.0
    assert var["horizon_cvar_95"] == pytest.approx(var["cvar_95"] * 96**0.5, rel=1e-4)
    assert limit(payload, "cvar")["value"] == var["horizon_cvar_95"]


def test_too_few_returns_leave_var_unknown_and_its_limit_untouched():
    payload = last([bar(0, 100), fill(0, "buy", "50", "100"), bar(1, 100)])
    assert payload["rm_var_calculation"]["var_95"] is None
    assert limit(payload, "var") == {**limit(payload, "var"), "value": None, "used": None, "level": "ok"}


def two_symbols(signs: tuple[str, str], count: int = 40) -> list[Strand]:
    """Return bars of two symbols that move alike, bought or sold after the first."""
    path = closes(count)
    strands = []
    for nth, close in enumerate(path):
        strands += [bar(nth, close), bar(nth, 2 * close + 0.01 * (nth % 3), symbol="ETHUSDT")]
        if nth == 0:
            strands += [fill(0, signs[0], "10", "100"), fill(0, signs[1], "5", "200", symbol="ETHUSDT")]
    return strands


def test_two_positions_of_one_mind_breach_the_correlation():
    payload = last(two_symbols(("buy", "buy")))
    rho = payload["rm_correlation"]["BTCUSDT|ETHUSDT"]
    assert rho > 0.9
    assert limit(payload, "correlation")["value"] == rho
    assert limit(payload, "correlation")["level"] == "breach"


def test_a_hedge_is_no_correlation_and_nearly_no_risk():
    payload, alike = last(two_symbols(("buy", "sell"))), last(two_symbols(("buy", "buy")))
    assert limit(payload, "correlation")["value"] == 0
    assert payload["rm_portfolio_risk"]["total_risk"] < alike["rm_portfolio_risk"]["total_risk"] / 5


def test_stress_follows_the_book():
    payload = last([bar(0, 100), fill(0, "buy", "100", "100"), bar(1, 100)])
    assert payload["rm_stress_test"]["crash"] == pytest.approx(0.02)
    assert payload["rm_stress_test"]["rally"] == pytest.approx(-0.02)


def test_what_a_closed_position_came_to_is_told_at_once_and_then_there_is_silence():
    strands = [bar(0, 100), fill(0, "buy", "10", "100"), fill(0, "sell", "10", "100"), bar(1, 100), bar(2, 100)]
    state, told = after(strands)
    assert [each.payload["rm_alert_data"]["cause"] for each in told] == ["bar", "fill"]
    assert told[-1].payload["rm_portfolio_risk"]["cash"] == "100000"
    assert state.book.cash == 100_000


def test_a_gap_in_the_bars_is_no_return():
    state, _ = after([bar(0, 100), bar(1, 101), bar(4, 150), bar(5, 151.5)])
    assert state.windows["BTCUSDT"].returns == (0.01, None, None, None, 0.01)


def test_a_bar_told_late_changes_the_mark_alone():
    state, _ = after([bar(0, 100), bar(1, 101), bar(1, 101)])
    assert state.windows["BTCUSDT"].returns == (0.01,)


def test_the_window_is_bounded():
    desk = RiskManager(RiskPolicy(window_bars=20))
    state, _ = after([*(bar(nth, 100 + nth) for nth in range(60)), bar(200, 100)], desk)
    assert len(state.windows["BTCUSDT"].returns) == 20


def test_symbols_with_bars_of_different_lengths_have_no_var_together():
    hourly = [
        a_bar(symbol="ETHUSDT", timeframe="1h", at=MORNING + timedelta(hours=nth), bar={"close": str(200 + nth)})
        for nth in range(30)
    ]
    quarters = [bar(nth, close) for nth, close in enumerate(closes(120))]
    fills = [fill(120, "buy", "10", "100"), fill(120, "buy", "5", "200", symbol="ETHUSDT")]
    payload = last([*hourly, *quarters, *fills, bar(120, 100)])
    assert payload["rm_var_calculation"]["var_95"] is None
    assert set(payload["rm_volatility"]) == {"BTCUSDT", "ETHUSDT"}


def test_a_changed_limit_holds_from_the_next_bar_on():
    change = acts.policy("risk", {"max_position": 0.01}, asked=ruled(0))
    before = [bar(0, 100), fill(0, "buy", "50", "100")]
    assert "position" in last([*before, change, bar(1, 100)])["rm_risk_assessment"]["breaches"]
    assert last([*before, bar(1, 100), change])["rm_risk_assessment"]["breaches"] == []


def test_a_changed_limit_goes_back_to_the_default_with_null():
    changes = [acts.policy("risk", {"max_position": limit}, asked=ruled(nth)) for nth, limit in enumerate((0.01, None))]
    payload = last([bar(0, 100), changes[0], fill(0, "buy", "50", "100"), changes[1], bar(1, 100)])
    assert limit(payload, "position")["maximum"] == RiskPolicy().max_position


def test_while_its_module_is_halted_it_is_silent_and_folds_on():
    day = [bar(0, 100), fill(0, "buy", "150", "100"), *(bar(nth, 100 + nth) for nth in range(1, 6))]
    silent, updates = after([day[0], a_halt(0, "module:risk"), *day[1:]])
    free, _ = after(day)
    assert len(updates) == 1
    assert silent._replace(levels=free.levels, said_at=free.said_at) == free


def test_when_the_halt_ends_it_tells_what_changed_since_its_last_word():
    halted = [bar(0, 100), a_halt(0, "module:risk"), fill(0, "buy", "150", "100"), bar(1, 100)]
    updates = after([*halted, a_halt(1, "module:risk", HaltState.ACTIVE), bar(2, 100)])[1]
    assert [each.at for each in updates] == [MORNING, MORNING + 2 * QUARTER]
    assert updates[-1].payload["rm_alert_data"]["changed"] == {"position": ["ok", "breach"]}


@pytest.mark.parametrize("scope", ["desk", "symbol:BTCUSDT", "module:dm", "venue:paper"])
def test_a_halt_of_anything_else_does_not_silence_it(scope):
    assert len(after([a_halt(0, scope), bar(0, 100), fill(0, "buy", "10", "100"), bar(1, 100)])[1]) == 2


def test_it_goes_on_while_its_module_may_only_reduce():
    assert len(after([a_halt(0, "module:risk", HaltState.REDUCE_ONLY), bar(0, 100)])[1]) == 1


@pytest.mark.parametrize(("halted", "refused"), [(True, ["risk_data_age"]), (False, [])])
def test_a_decision_maker_whose_risk_manager_is_halted_refuses_by_the_age_of_its_last_word(halted, refused):
    hours = [replace(deciding.a_bar(at=deciding.NOON + nth * QUARTER), tags=SLOW_TAGS) for nth in range(13)]
    halt = acts.halt("module:risk", HaltState.HALTED, asked=replace(ruled(0), at=deciding.NOON))
    wire, desk = MemoryWire(), environments.modules()
    for each in [hours[0], *([halt] if halted else []), *hours[1:], deciding.a_signal(at=hours[-1].at)]:
        wire.publish([each])
        wire.drain((desk["risk"], desk["dm"]), engine.market_time)
    (decision,) = [each for each in wire.strands.values() if each.kind == "decision"]
    gates = [each["gate"] for each in decision.payload["dm_decision"]["gates"] if not each["passed"]]
    assert [gate for gate in gates if gate == "risk_data_age"] == refused
    assert (decision.payload["dm_decision"]["decision_type"] == "reject") is halted


@pytest.mark.parametrize("kind", ["position", "lesson", "halt"])
def test_only_bars_and_fills_move_it(kind):
    state, _ = after([bar(0, 100)])
    other = strand.first(module="trader", kind=kind, at=MORNING, payload={})
    assert RISK.handle(state, other, Given(MORNING)) == (state, ())


def test_a_warning_above_its_limit_is_refused():
    with pytest.raises(ValueError, match="warn_concentration"):
        RiskPolicy(warn_concentration=0.4)


#: What version 0 left of a book that bought ten at a hundred, heard two more bars, and had a limit changed.
VERSION_0 = {
    "book": {
        "cash": "98999",
        "positions": {"BTCUSDT": {"quantity": "10", "cost": "1000", "realized_pnl": "0", "fees": "1"}},
    },
    "marks": {"BTCUSDT": "101.50"},
    "windows": {
        "BTCUSDT": {
            "timeframe": "15m",
            "until": "2022-01-03T06:30:00+00:00",
            "close": 101.5,
            "returns": [0.01, None, 0.0049504950],
        }
    },
    "equity": {
        "peak": "100014",
        "max_drawdown": 1e-05,
        "day": "2022-01-03",
        "day_start": "100000",
        "last": "100014",
        "before": "100009",
        "moment": "2022-01-03T06:30:00+00:00",
        "returns": [1, 9e-05, 0.0],
    },
    "levels": {"position": "ok"},
    "said_at": "2022-01-03T06:30:00+00:00",
    "policy": {"max_position": 0.2},
}


def test_it_goes_on_from_a_state_of_the_version_before():
    state = RISK.load(VERSION_0)
    held = {**VERSION_0["book"]["positions"]["BTCUSDT"], "funding": "0"}
    assert RISK.dump(state) == {
        **{name: part for name, part in VERSION_0.items() if name != "policy"},
        "version": 4,
        "halted_for": [],
        "ages": {"heard": {}, "grids": {}, "present": None, "stale": {}},
        "errors": {},
        "book": {**VERSION_0["book"], "positions": {"BTCUSDT": held}},
        "marks": {"BTCUSDT": "101.5"},
    }
    (update,) = after([bar(3, 101)], state=state)[1]
    assert update.payload["rm_portfolio_risk"]["portfolio_value"] == "100009"
    assert update.payload["rm_portfolio_risk"]["peak_value"] == "100014"


def test_a_state_of_a_later_version_is_refused():
    with pytest.raises(NewerState, match="risk: version 5"):
        RISK.load({**RISK.dump(RISK.start("")), "version": 5})


def through_json(state: RiskState) -> RiskState:
    return RISK.load(json.loads(json.dumps(RISK.dump(state), allow_nan=False)))


EVENTS = st.lists(
    st.one_of(
        st.tuples(st.just("bar"), st.sampled_from(["BTCUSDT", "ETHUSDT"]), st.integers(50, 200)),
        st.tuples(st.sampled_from(["buy", "sell"]), st.sampled_from(["BTCUSDT", "ETHUSDT"]), st.integers(1, 400)),
    ),
    max_size=40,
)


@given(EVENTS)
def test_it_is_pure_its_state_survives_json_and_its_numbers_keep_their_bounds(events):
    state = RISK.start("")
    for nth, (what, symbol, number) in enumerate(events):
        heard = bar(nth, number, symbol=symbol) if what == "bar" else fill(nth, what, str(number), "100", symbol=symbol)
        before = copy.deepcopy(state)
        once, answers = RISK.handle(state, heard, Given(heard.at))
        again, repeated = RISK.handle(through_json(state), heard, Given(heard.at))
        assert state == before
        assert once == again == through_json(once)
        assert RISK.dump(once) == RISK.dump(through_json(once))
        assert [(each.id, each.payload) for each in answers] == [(each.id, each.payload) for each in repeated]
        for each in answers:
            payload = json.loads(json.dumps(dict(each.payload), allow_nan=False))
            told, var = payload["rm_portfolio_risk"], payload["rm_var_calculation"]
            assert 0 <= told["drawdown"] <= told["max_drawdown"]  # more than all of it is lost by what was sold short
            assert var["var_95"] is None or 0 <= var["var_95"] <= var["cvar_95"]
            assert all(-1 <= rho <= 1 for rho in payload["rm_correlation"].values())
            assert told["holdings_hhi"] == 0 or 1 / len(told["positions"]) - 1e-8 <= told["holdings_hhi"] <= 1
        state = once
