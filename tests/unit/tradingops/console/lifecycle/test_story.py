"""A story told from its strands: how it ended, what was decided, what was predicted and what came."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strands import tables
from strands.strand import Strand
from strands.telling import Tone
from tests.console import stories
from tests.payloads import ODD
from tradingops.console.lifecycle import orders, panels, plots
from tradingops.console.lifecycle.story import Story, story_of
from tradingops.console.showing import candles as shown
from tradingops.console.showing.candles import Candle


def a_story(told: list[Strand]) -> Story:
    lifecycle = told[0].lifecycle_id or ""
    rows = [
        (tables.TABLES[each.module].name, row_of(each, nth))
        for nth, each in enumerate(told)
        if each.lifecycle_id == lifecycle
    ]
    return story_of(lifecycle, rows)


def row_of(strand: Strand, said: int) -> dict[str, Any]:
    names = ("id", "lifecycle_id", "parent_id", "module", "kind", "symbol", "timeframe", "regime", "hop")
    return {
        **{name: getattr(strand, name) for name in names},
        "at": strand.at.isoformat(),
        "said": said,
        **strand.payload,
    }


WHOLE = stories.a_story()


@pytest.mark.parametrize(
    ("last", "words", "tone"),
    [
        ("position", "win · long · +31.42 · +0.63 % · take profit · after 31 min", Tone.GOOD),
        ("fill", "Open: 0.06 at 46324.0.", Tone.WARNING),
        ("order", "Ordered, not filled.", Tone.WARNING),
        ("decision", "Decided, not ordered yet.", Tone.WARNING),
        ("signal", "A signal that nobody has decided on yet.", Tone.WARNING),
        ("bar", "Nothing was traded here: no signal came of it.", Tone.PLAIN),
    ],
)
def test_the_first_line_says_how_far_it_came(last: str, words: str, tone: Tone) -> None:
    until = next(place for place, each in enumerate(WHOLE) if each.kind == last)
    outcome = a_story(WHOLE[: until + 1]).outcome()
    assert (outcome.text.replace("46,324.00", "46324.0"), outcome.tone) == (words, tone)


def test_a_refusal_says_in_its_first_line_why() -> None:
    outcome = a_story(stories.a_story(refused=True)).outcome()
    assert outcome.text == "Not traded: exposure 0.52 above 0.50, 0.02 too much"


def test_every_gate_is_in_the_table_with_its_distance() -> None:
    gates = {gate.name: gate for gate in panels.gates(a_story(stories.a_story(refused=True)))}
    assert len(gates) == len(stories.GATES)
    exposure, drawdown, correlation = gates["exposure"], gates["drawdown"], gates["correlation"]
    assert (exposure.value, exposure.comparison, exposure.limit, exposure.passed) == ("0.52", "≤", "0.5", False)
    assert exposure.distance == "0.02"
    assert drawdown.distance == "0.088 left"
    assert (correlation.value, correlation.passed) == ("not measured", None)
    assert gates["direction"].limit == "long or short"


def test_what_was_predicted_stands_beside_what_came() -> None:
    entry, leaving = orders.orders(a_story(WHOLE))
    compared = {each.label: (each.predicted, each.real) for each in entry.compared}
    assert compared == {
        "filled": ("82 %", "100 %"),
        "price": ("46,319.50", "46,324.44"),
        "slippage": ("0.8 bps", "1.1 bps"),
        "latency": ("150 ms", "180 ms"),
        "cost": ("10.01 (20 bps)", "5.294 (10.6 bps)"),
    }
    assert [len(order.fills) for order in (entry, leaving)] == [2, 1]


def test_a_cost_that_came_as_predicted_is_shown_in_the_same_words_wherever_it_stands() -> None:
    """An order of 9445 at 0.2 % either way: fees of 14.89 and slippage of 4 are 18.89, or 20 basis points."""
    decision = stories.a_decision(stories.a_signal(stories.a_bar()))
    plan = {**decision.payload["dm_decision"]["plan"], "quantity": "10", "entry_price": "944.5"}
    impact = {**decision.payload["portfolio_impact"], "expected_cost": "18.89"}
    decided = replace(
        decision,
        payload={
            **decision.payload,
            "dm_decision": {**decision.payload["dm_decision"], "plan": plan},
            "portfolio_impact": impact,
        },
    )
    spec = {"side": "sell", "quantity": "10", "expected_price": "944.9", "intent": "entry"}
    order = decided.answer(module="trader", kind="order", payload={"order_spec": spec})
    fill = {"px": "944.5", "qty": "10", "fee": "14.89", "order_id": order.id, "fee_coin": "USDC", "fee_amount": "14.89"}
    done = order.answer(module="trader", kind="fill", payload={"fills": [fill]})
    report = order.answer(
        module="trader", kind="execution", payload={"fills": [fill], "exec_metrics": {"fees": "18.89"}}
    )
    story = a_story([decided, order, done, report])
    [shown] = orders.orders(story)
    cost = next(each for each in shown.compared if each.label == "cost")
    assert (cost.predicted, cost.real) == ("18.9 (20 bps)", "18.89 (20 bps)")
    assert [fill.fee for fill in shown.fills] == ["14.89 USDC"]
    facts = {fact.label: fact.value for panel in panels.decided(story) for fact in panel.facts}
    assert facts["expected cost of one side"] == "18.89 (20 bps)"
    assert dict(dict(orders.executions(story))["execution"])["fees"] == "18.89 (20 bps)"


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ({"fee": "2.38"}, "2.38"),
        ({"fee": "2.38", "fee_coin": "BTC", "fee_amount": "0.00005"}, "2.38 (taken as 0.00005 BTC)"),
        ({"fee": "2.38", "fee_coin": "BNB", "fee_amount": None}, "2.38 (taken in BNB)"),
    ],
)
def test_a_fee_is_money_and_names_the_coin_that_was_taken(told: dict, shown: str) -> None:
    spec = {"side": "buy", "quantity": "1", "expected_price": "944.5"}
    order = WHOLE[0].answer(module="trader", kind="order", payload={"order_spec": spec})
    fill = {"px": "944.5", "qty": "1", "order_id": order.id, **told}
    story = a_story([order, order.answer(module="trader", kind="fill", payload={"fills": [fill]})])
    assert [each.fee for each in orders.orders(story)[0].fills] == [shown]


def test_less_for_a_sale_is_worse() -> None:
    _, leaving = orders.orders(a_story(WHOLE))
    slippage = next(each for each in leaving.compared if each.label == "slippage")
    assert slippage.real == "1.3 bps"
    assert slippage.tone is Tone.BAD


def test_the_chart_has_the_plans_lines_and_the_fills() -> None:
    chart = plots.chart_of(a_story(WHOLE), [Candle(0, 1, 2, 0.5, 1.5)])
    assert chart is not None
    assert [line["name"] for line in chart["lines"]] == ["entry", "stop", "target"]
    assert [mark["exit"] for mark in chart["marks"]] == [False, False, True]


def test_a_long_story_is_drawn_in_longer_bars() -> None:
    far = stories.a_bar(60 * 24 * 20)
    moved = WHOLE[-1].answer(module="trader", kind="position", payload=WHOLE[-1].payload)
    late = Strand(**{**{name: getattr(moved, name) for name in moved.__slots__}, "at": far.at})
    window = plots.window_of(a_story([*WHOLE, late]))
    assert window is not None
    assert window.timeframe == "15m"
    assert window.end - window.start > timedelta(days=20)


@given(st.lists(st.tuples(*[st.floats(1, 100)] * 4), max_size=50), st.integers(1, 20))
def test_merged_candles_keep_the_ends_and_the_extremes(prices: list[tuple[float, ...]], most: int) -> None:
    candles = [Candle(nth, *each) for nth, each in enumerate(prices)]
    merged = shown.merged(candles, most=most)
    assert len(merged) <= most
    if candles:
        assert (merged[0].open, merged[-1].close) == (candles[0].open, candles[-1].close)
        assert max(each.high for each in merged) == max(each.high for each in candles)
        assert min(each.low for each in merged) == min(each.low for each in candles)


COLUMNS = st.sampled_from([(name, column) for name, table in tables.BY_NAME.items() for column in table.payload])
KINDS = st.sampled_from(
    ["bar", "signal", "decision", "order", "order_update", "fill", "execution", "position", "monitoring", None, 7]
)


@given(st.lists(st.tuples(COLUMNS, KINDS, ODD, ODD), min_size=1, max_size=6))
def test_no_json_breaks_a_page(given_rows: list[tuple[tuple[str, str], Any, Any, Any]]) -> None:
    rows = [
        (
            table,
            {"id": f"odd-{nth}", "said": nth, "kind": kind, "symbol": "X", "timeframe": "1m", "at": at, column: value},
        )
        for nth, ((table, column), kind, value, at) in enumerate(given_rows)
    ]
    story = story_of("odd-0", rows)
    shown = (
        story.outcome(),
        panels.before(story),
        panels.decided(story),
        panels.gates(story),
    )
    assert all(part is not None for part in shown)
    assert orders.orders(story) is not None
    assert orders.executions(story) is not None
    plots.window_of(story)
    plots.chart_of(story, [Candle(0, 1, 1, 1, 1)])
    assert all(told.raw for told in story.told)


def test_lessons_that_were_only_measured_again_are_counted_and_not_listed():
    told = stories.a_story()
    changes = [
        told[-1].answer(module="dm", kind="lesson", payload={"lesson_metadata": change}, nth=nth)
        for nth, change in enumerate(
            (
                {"lesson_id": "a", "before": "active", "standing": "active", "cause": "effect"},
                {"lesson_id": "b", "before": "active", "standing": "retired", "cause": "effect"},
            )
        )
    ]
    story = a_story([*told, *changes])
    assert story.measurements == 1
    assert changes[0].id not in {each.id for each in story.timeline}
    assert changes[1].id in {each.id for each in story.timeline}
