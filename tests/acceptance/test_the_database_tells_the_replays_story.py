"""One code for live, paper and replay: the same bars give the same strands and states wherever they are played."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from strands.market.feeds import recorded
from strands.strand import Strand
from strands.wires import rows
from strands.wires.lockstep import Lockstep, Waiting
from strands.wires.memory import MemoryWire
from tests import states as in_memory
from tests.acceptance import markets, story
from tests.toys import a_plan
from tradingops import connections, engine, environments
from tradingops.replay.postgres import TurnRecord
from tradingops.replay.refold import plain, refold

pytestmark = pytest.mark.django_db(transaction=True)

BARS = markets.simulated("BTC", "ETH", "SOL", moments=500, seed=markets.LIVELY)


@pytest.fixture
def wire() -> Iterator[Any]:
    real = environments.wire(connections.wire)
    yield real
    real.close()


def moments() -> list[list[Strand]]:
    return [strands for _, strands in environments.market_data().moments([[BARS]])]


def differences() -> list[str]:
    """Return what refold finds in the database, told."""
    modules = environments.modules()
    with connections.wire() as connection:
        record = TurnRecord(connection)
        return [
            str(difference)
            for name, partition in record.partitions()
            for difference in refold(
                modules[name], partition, record.turns(name, partition), record.state(name, partition)
            )
        ]


def states() -> dict[tuple[str, str], Any]:
    with connections.wire() as connection:
        found = connection.execute("SELECT listener, partition, state FROM module_states").fetchall()
    return {(listener, partition): rows.decode(text) for listener, partition, text in found}


def told_of(desk: environments.Replay) -> dict[tuple[str, str], Any]:
    return {
        (listener, partition): kept
        for listener, of in in_memory.kept(desk.wire.states).items()
        for partition, kept in of.items()
        if desk.wire.states[listener][partition] != environments.modules()[listener].start(partition)
        or (listener, partition) in states()
    }


def test_turn_by_turn_and_in_memory_say_the_same_strands_and_end_in_the_same_states(wire: Any) -> None:
    desk = environments.replay()
    desk.run([[BARS]])
    modules = list(environments.modules().values())
    for strands in moments():
        wire.publish(strands)
        engine.drain(modules, wire, engine.market_time)
    assert story.contents(story.written()) == story.contents(desk.wire.strands)
    assert states() == told_of(desk)
    assert differences() == []


def test_many_moments_a_transaction_leave_what_turn_by_turn_leaves(wire: Any) -> None:
    desk = environments.replay()
    desk.run([[BARS]])
    lockstep = Lockstep(wire, list(environments.modules().values()), engine.market_time)
    told = moments()
    for start in range(0, len(told), 37):
        lockstep.play(told[start : start + 37])
    assert story.contents(story.written()) == story.contents(desk.wire.strands)
    assert states() == told_of(desk)
    assert differences() == []
    assert wire.waiting() == 0


def test_a_market_played_again_adds_nothing(wire: Any) -> None:
    modules = list(environments.modules().values())
    Lockstep(wire, modules, engine.market_time).play(moments()[:120])
    before = story.contents(story.written())
    assert Lockstep(wire, modules, engine.market_time).play(moments()[:120]) == (0, {})
    assert story.contents(story.written()) == before


def test_a_market_goes_on_where_another_process_left_it(wire: Any) -> None:
    told = moments()
    modules = list(environments.modules().values())
    Lockstep(wire, modules, engine.market_time).play(told[:250])
    Lockstep(wire, list(environments.modules().values()), engine.market_time).play(told[200:])
    desk = environments.replay()
    desk.run([[BARS]])
    assert story.contents(story.written()) == story.contents(desk.wire.strands)


def test_two_recorded_symbols_end_in_the_same_money_in_memory_and_in_the_database(wire: Any, bars_folder: Path) -> None:
    feeds = [recorded.read(bars_folder / f"{name}USDT_5m_2025-04_07.csv.gz").bars[:1500] for name in ("BTC", "SOL")]
    desk = environments.replay()
    desk.run([[list(bars)] for bars in feeds])
    lockstep = Lockstep(wire, list(environments.modules().values()), engine.market_time)
    told = [strands for _, strands in environments.market_data().moments([[list(bars)] for bars in feeds])]
    for start in range(0, len(told), 100):
        lockstep.play(told[start : start + 100])
    assert story.contents(story.written()) == story.contents(desk.wire.strands)
    assert any(strand.kind == "position" for strand in desk.wire.strands.values())
    assert states() == told_of(desk)


def test_a_market_waits_for_what_waits(wire: Any) -> None:
    wire.publish([a_plan(1)])
    with pytest.raises(Waiting, match="dm"):
        Lockstep(wire, list(environments.modules().values()), engine.market_time).play(moments()[:2])
    assert wire.waiting("alpha") == 0


class AsJsonb(MemoryWire):
    """A wire that gives payloads back with their keys as PostgreSQL orders them: by length, then by letter."""

    def publish(self, strands: Iterable[Strand]) -> int:
        return super().publish(
            [replace(strand, payload=_in_jsonb_order(plain(dict(strand.payload)))) for strand in strands]
        )


def _in_jsonb_order(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _in_jsonb_order(value[key]) for key in sorted(value, key=lambda key: (len(key), key))}
    return [_in_jsonb_order(each) for each in value] if isinstance(value, list) else value


def test_the_order_of_keys_in_a_payload_changes_nothing() -> None:
    straight, reordered = MemoryWire(), AsJsonb()
    for wire in (straight, reordered):
        modules = list(environments.modules().values())
        for strands in moments():
            wire.publish(strands)
            wire.drain(modules, engine.market_time)
    assert story.contents(straight.strands) == story.contents(reordered.strands)
