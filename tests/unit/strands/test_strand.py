"""A strand knows its cause: who it answers, which thread it belongs to, when that began."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strands import strand as strands
from strands import tags
from tests.toys import T0, a_plan


def test_a_first_strand_begins_its_own_thread() -> None:
    plan = a_plan()
    assert (plan.lifecycle_id, plan.parent_id, plan.hop, plan.at) == (plan.id, None, 0, T0)


def test_the_same_cause_makes_the_same_strand() -> None:
    assert a_plan(1) == a_plan(1)
    assert len({a_plan(1), a_plan(1), a_plan(2)}) == 2


def test_an_answer_names_its_parent_and_stays_in_the_thread() -> None:
    plan = a_plan()
    decision = plan.answer(module="dm", kind="decision")
    order = decision.answer(module="trader", kind="order")
    assert [(each.parent_id, each.lifecycle_id, each.hop, each.at) for each in (decision, order)] == [
        (plan.id, plan.id, 1, T0),
        (decision.id, plan.id, 2, T0),
    ]


def test_an_answer_inherits_symbol_timeframe_and_regime_unless_told_otherwise() -> None:
    plan = strands.first(module="alpha", kind="signal", at=T0, symbol="A", timeframe="1m", regime="ranging")
    same, other = (
        plan.answer(module="dm", kind="x"),
        plan.answer(module="dm", kind="x", symbol="B", timeframe="15m", regime="trending_up"),
    )
    assert (same.symbol, same.timeframe, same.regime) == ("A", "1m", "ranging")
    assert (other.symbol, other.timeframe, other.regime) == ("B", "15m", "trending_up")


def test_an_answer_may_belong_to_another_strand_than_the_one_that_caused_it() -> None:
    order = a_plan(1).answer(module="trader", kind="order")
    bar = strands.first(module="market", kind="bar", at=T0 + timedelta(minutes=1))
    fill = bar.answer(module="venue", kind="order_update", parent_id=order.id, lifecycle_id=order.lifecycle_id)
    assert (fill.parent_id, fill.lifecycle_id, fill.at) == (order.id, order.lifecycle_id, bar.at)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["dm", "risk"]),
            st.sampled_from(["a", "b"]),
            st.sampled_from(["A", "B", None]),
            st.integers(0, 3),
        ),
        unique=True,
    )
)
def test_answers_to_one_strand_are_told_apart_by_module_kind_symbol_and_number(given_answers: list) -> None:
    plan = strands.first(module="alpha", kind="signal", at=T0)
    made = [
        plan.answer(module=module, kind=kind, symbol=symbol, nth=nth) for module, kind, symbol, nth in given_answers
    ]
    assert len({each.id for each in made}) == len(given_answers)


def test_a_later_answer_sorts_after_what_it_answers() -> None:
    chain = [a_plan()]
    for number in range(20):
        chain.append(chain[-1].answer(module="dm", kind=f"k{number}"))
    assert [each.id for each in chain] == sorted(each.id for each in chain)


def test_tags_are_written_under_their_canonical_names() -> None:
    assert a_plan(tags=["dm:evaluate"]).tags == ("dm:evaluate_plan",)
    assert a_plan().answer(module="dm", kind="x", tags=["tr:execute", "trader:execute"]).tags == (
        "trader:execute_plan",
    )


def test_an_unknown_tag_is_refused_before_anything_is_said() -> None:
    with pytest.raises(tags.UnknownTag, match="dm:think"):
        a_plan(tags=["dm:think"])
    with pytest.raises(tags.UnknownTag, match="dm:think"):
        a_plan().answer(module="dm", kind="x", tags=["dm:think"])


def test_a_strand_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        a_plan().symbol = "ETH-USD"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("hour", "session"),
    [(0, "ASIA"), (6, "ASIA"), (7, "EU"), (12, "EU"), (13, "US"), (20, "US"), (21, "OFF"), (23, "OFF")],
)
def test_the_session_is_the_trading_session_of_the_hour(hour: int, session: str) -> None:
    assert strands.session_bucket(datetime(2026, 1, 5, hour, 59, tzinfo=UTC)) == session
