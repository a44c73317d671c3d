"""What every wire promises, held against each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from strands.given import Given
from strands.kinds.declared import Undeclared
from strands.strand import SaidTwice, Strand, first
from strands.tags import UnknownTag
from strands.wire import State
from strands.wires.memory import MemoryWire
from strands.wires.postgres import PostgresWire
from tests.toys import T0, Echo, a_plan, a_trader
from tradingops import engine


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.django_db(transaction=True))])
def wire(request: pytest.FixtureRequest) -> Iterator[Any]:
    if request.param == "memory":
        yield MemoryWire()
        return
    from tradingops import connections

    real = PostgresWire(connections.wire)
    yield real
    real.close()


def drain(wire: Any, *modules: engine.Module, limit: int = 100) -> int:
    return engine.drain(modules, wire, engine.market_time, limit=limit)


def test_a_strand_reaches_each_listener_that_its_tags_name_once(wire: Any) -> None:
    wire.publish([a_plan(tags=["dm:evaluate_plan", "dm:execution_feedback", "alpha:decision_feedback"])])
    assert (wire.waiting("dm"), wire.waiting("alpha"), wire.waiting("trader")) == (1, 1, 0)


def test_telling_a_strand_again_changes_nothing(wire: Any) -> None:
    assert wire.publish([a_plan(1)]) == 1
    drain(wire, Echo())
    assert wire.publish([a_plan(1)]) == 0
    assert wire.waiting("dm") == 0


def test_open_families_are_delivered_to_nobody(wire: Any) -> None:
    wire.publish([a_plan(tags=["learning:update", "priority:high", "error:processing_failed"])])
    assert wire.waiting() == 0


def test_an_alias_is_delivered_under_its_canonical_name(wire: Any) -> None:
    wire.publish([a_plan(tags=["dm:evaluate"])])
    with wire.take("dm", 1) as batch:
        assert [turn.tag for turn in batch.turns] == ["dm:evaluate_plan"]
        assert batch.turns[0].strand.tags == ("dm:evaluate_plan",)


def test_an_unknown_tag_is_refused_with_the_known_ones(wire: Any) -> None:
    with pytest.raises(UnknownTag, match="dm:evaluate_plan"):
        wire.publish([a_plan(tags=["dm:think_hard"])])


def test_strands_are_taken_oldest_first(wire: Any) -> None:
    wire.publish([a_plan(number) for number in range(5)])
    wire.publish([a_plan(number) for number in range(5, 8)])
    echo = Echo()
    drain(wire, echo, limit=2)
    assert echo.heard == list(range(8))


def test_priority_goes_before_age(wire: Any) -> None:
    wire.publish(
        [
            a_plan(1, tags=["dm:evaluate_plan", "priority:low"]),
            a_plan(2),
            a_plan(3, tags=["dm:evaluate_plan", "priority:medium"]),
        ]
    )
    echo = Echo()
    drain(wire, echo)
    assert echo.heard == [2, 3, 1]


def test_answers_reach_the_next_listener_in_the_order_of_the_turns(wire: Any) -> None:
    wire.publish([a_plan(number) for number in range(6)])
    trader = a_trader()
    drain(wire, Echo(), trader, limit=4)
    assert trader.heard == list(range(6))


def test_state_is_the_fold_of_what_was_heard(wire: Any) -> None:
    wire.publish([a_plan(number) for number in range(3)])
    drain(wire, Echo(), limit=2)
    wire.publish([a_plan(3)])
    with wire.take("dm", 1) as batch:
        assert batch.states[""] == {"count": 3}


def test_partitions_have_states_of_their_own(wire: Any) -> None:
    wire.publish([a_plan(1, symbol="A"), a_plan(2, symbol="B"), a_plan(3, symbol="A")])
    drain(wire, Echo(), a_trader())
    wire.publish(
        [a_plan(4, symbol="A", tags=["trader:market_update"]), a_plan(5, symbol="B", tags=["trader:market_update"])]
    )
    with wire.take("trader", 2) as batch:
        assert batch.states == {"A": {"count": 2}, "B": {"count": 1}}


def take_and_raise(wire: Any) -> None:
    with wire.take("dm", 1) as batch:
        batch.turns[0].status = "handled"
        raise LookupError


def test_a_block_that_raises_changes_nothing(wire: Any) -> None:
    wire.publish([a_plan(1)])
    with pytest.raises(LookupError):
        take_and_raise(wire)
    assert wire.waiting("dm") == 1
    echo = Echo()
    drain(wire, echo)
    assert echo.heard == [1]


def test_a_turn_that_raises_spoils_only_itself_and_is_not_tried_again(wire: Any) -> None:
    wire.publish([a_plan(number) for number in range(3)])
    echo = Echo(stumbles={1: 1})
    drain(wire, echo)
    assert echo.heard == [0, 2]
    assert (wire.waiting("dm"), wire.waiting("trader")) == (0, 2)


def test_what_comes_after_a_strand_that_raises_is_heard_in_the_same_batch(wire: Any) -> None:
    tags = ["trader:market_update"]
    wire.publish([a_plan(number, symbol="AAB"[number - 1], tags=tags) for number in (1, 2, 3)])
    trader = a_trader(stumbles={1: 99})
    assert engine.turn(trader, wire, engine.market_time) == 3
    assert trader.heard == [2, 3]
    assert wire.waiting("trader") == 0


def test_however_many_strands_raise_a_sound_one_waits_for_none_of_them(wire: Any) -> None:
    wire.publish([a_plan(number) for number in range(50)])
    echo = Echo(stumbles=dict.fromkeys(range(49), 99))
    assert engine.turn(echo, wire, engine.market_time) == 50
    assert echo.heard == [49]


def test_a_strand_at_the_end_of_the_longest_chain_is_set_aside_and_a_sound_one_is_answered(wire: Any) -> None:
    wire.publish([replace(a_plan(number), hop=32_767) for number in range(4)] + [a_plan(4)])
    with wire.take("dm", 100) as batch:
        engine.handle_batch(Echo(), batch, engine.market_time)
        told = [(each.status, str(each.fault).partition(":")[0]) for each in batch.turns]
    assert told == [("failed", "hop")] * 4 + [("handled", "None")]
    assert (wire.waiting("dm"), wire.waiting("trader")) == (0, 1)


@dataclass
class Stammerer(Echo):
    """Says two answers under one id."""

    def handle(self, state: State, strand: Strand, given: Given) -> tuple[State, Sequence[Strand]]:
        state, answers = super().handle(state, strand, given)
        return state, [*answers, *(replace(each, payload={}) for each in answers)]


def test_two_answers_of_one_turn_under_one_id_are_a_fault_of_the_turn_and_none_of_them_is_lost_unseen(
    wire: Any,
) -> None:
    wire.publish([a_plan()])
    with wire.take("dm", 1) as batch:
        engine.handle_batch(Stammerer(), batch, engine.market_time)
        (turn,) = batch.turns
    assert turn.status == "failed"
    assert isinstance(turn.fault, SaidTwice)
    assert "tell them apart by nth" in str(turn.fault)
    assert wire.waiting("trader") == 0


def test_the_state_of_a_partition_is_that_of_before_the_strand_that_raised(wire: Any) -> None:
    wire.publish([a_plan(number) for number in range(3)])
    drain(wire, Echo(stumbles={1: 99}))
    wire.publish([a_plan(3)])
    with wire.take("dm", 1) as batch:
        assert batch.states[""] == {"count": 2}


def test_a_turn_that_its_block_left_as_it_was_waits_on(wire: Any) -> None:
    wire.publish([a_plan(1), a_plan(2)])
    with wire.take("dm", 2) as batch:
        batch.turns[0].status = "handled"
    with wire.take("dm", 2) as batch:
        assert [turn.strand.id for turn in batch.turns] == [a_plan(2).id]


def test_an_answer_inherits_moment_and_lifecycle_and_names_its_parent(wire: Any) -> None:
    plan = a_plan(7)
    wire.publish([plan])
    drain(wire, Echo())
    with wire.take("trader", 1) as batch:
        answer = batch.turns[0].strand
    assert (answer.at, answer.lifecycle_id, answer.parent_id, answer.hop) == (T0, plan.id, plan.id, 1)


def test_a_strand_arrives_as_it_was_said(wire: Any) -> None:
    said = first(
        module="alpha",
        kind="signal",
        at=T0 + timedelta(milliseconds=1),
        symbol="ÄÖ-USD",
        timeframe="5m",
        tags=["dm:evaluate_plan"],
        regime="ranging",
        payload={
            "sig_sigma": 0.1 + 0.2,
            "sig_direction": "long",
            "trading_plan": {"a": [1, 2.5, None, "x\n'\"\\"], "b": {"c": True}},
        },
    )
    wire.publish([said])
    with wire.take("dm", 1) as batch:
        heard = batch.turns[0].strand
    names = (
        "id",
        "module",
        "kind",
        "at",
        "symbol",
        "timeframe",
        "tags",
        "parent_id",
        "lifecycle_id",
        "session_bucket",
        "regime",
        "hop",
    )
    assert {name: getattr(heard, name) for name in names} == {name: getattr(said, name) for name in names}
    assert dict(heard.payload) == dict(said.payload)


def test_nothing_waits_on_an_empty_wire(wire: Any) -> None:
    with wire.take("dm", 10) as batch:
        assert len(batch) == 0
    assert drain(wire, Echo()) == 0


def test_drain_in_memory_tells_the_same_story_as_turn_by_turn() -> None:
    stepwise, at_once = MemoryWire(), MemoryWire()
    for wire in (stepwise, at_once):
        wire.publish([a_plan(number, symbol="AB"[number % 2]) for number in range(9)])
    drain(stepwise, Echo(), a_trader(), limit=1)
    at_once.drain([Echo(), a_trader()], engine.market_time)
    assert stepwise.strands.keys() == at_once.strands.keys()
    assert stepwise.states == at_once.states


def test_a_column_that_nobody_declared_is_refused_whatever_was_said_before(wire: Any) -> None:
    wire.publish([a_plan(1)])
    odd = replace(a_plan(2), payload={"sig_sigma": 0.7, "sig_surprise": 1})
    with pytest.raises(Undeclared, match="sig_surprise"):
        wire.publish([odd])
    assert wire.publish([a_plan(2)]) == 1
