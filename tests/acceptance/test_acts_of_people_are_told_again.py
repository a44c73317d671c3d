"""A desk whose people halted, moved, closed and cancelled: refold finds nothing, and a replay told their acts is it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from io import StringIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from strands import tables
from strands.given import HaltState
from strands.strand import Strand
from strands.wires import rows
from strands.wires.lockstep import Lockstep
from tests.acceptance import markets
from tradingops import connections, engine, environments
from tradingops.people import acts, say
from tradingops.replay import report
from tradingops.replay.acts import act
from tradingops.replay.acts.telling import Telling
from tradingops.replay.refold import plain

pytestmark = pytest.mark.django_db(transaction=True)

STATES = "SELECT partition, state FROM module_states WHERE listener = 'trader' ORDER BY partition"
EVERYTHING = ["cancel", "move", "close", "halt", "policy_changed", "active"]


class Person:
    """Somebody who does each thing once, as soon as there is something to do it to."""

    def __init__(self) -> None:
        self.did: list[str] = []
        self.halted_at: datetime | None = None

    def wants(self, states: Mapping[str, Mapping[str, Any]], at: datetime) -> Iterator[Strand]:
        """Yield what they say once a moment is over."""
        asked = acts.Asked(by="ada", reason="a look at the tape", at=at, asked_at=at + timedelta(seconds=len(self.did)))
        for symbol, state in states.items():
            yield from self._of(symbol, state, asked)
        if "close" in self.did and "halt" not in self.did:
            self.halted_at = at
            yield self._does("halt", acts.halt("desk", HaltState.HALTED, asked=asked))
            yield self._does("policy_changed", acts.policy("dm", {"approve_score": 0.72}, asked=asked))
        if self.halted_at and at - self.halted_at > timedelta(minutes=15) and "active" not in self.did:
            yield self._does("active", acts.halt("desk", HaltState.ACTIVE, asked=asked))

    def _of(self, symbol: str, state: Mapping[str, Any], asked: acts.Asked) -> Iterator[Strand]:
        held = state["holding"]
        entries = [each for each in state["executions"].values() if each["intent"] == "entry"]
        if "cancel" not in self.did and entries and held is None:
            wanted = acts.intervention(symbol, "cancel", asked=asked, plan_id=entries[0]["plan_id"])
            yield self._does("cancel", wanted)
        elif held and not held["exit_reason"] and "move" not in self.did:
            yield self._does("move", acts.intervention(symbol, "move", asked=asked, stop_loss=_farther(held)))
        elif held and not held["exit_reason"] and "close" not in self.did:
            yield self._does("close", acts.intervention(symbol, "close", asked=asked))

    def _does(self, what: str, strand: Strand) -> Strand:
        self.did.append(what)
        return strand


def _farther(held: Mapping[str, Any]) -> str:
    stop, target = Decimal(held["stop_loss"]), Decimal(held["take_profit"])
    step = Decimal(1).scaleb(stop.as_tuple().exponent)
    return str(stop - step if stop < target else stop + step)


def lived(told: Sequence[Sequence[Strand]], *, before: int, step: int, after: int) -> Person:
    """Let a desk over PostgreSQL play moments, with a person who acts between two moments, in steps, for some time."""
    person, wire = Person(), environments.wire(connections.wire)
    modules = list(environments.modules().values())
    lockstep = Lockstep(wire, modules, engine.market_time)
    edges = [0, *range(before, after, step), len(told)]
    try:
        for start, end in pairwise(edges):
            lockstep.play(told[start:end])
            found = wire.connection.execute(STATES).fetchall()
            for wanted in person.wants({name: rows.decode(text) for name, text in found}, say.present()):
                say.publish(wanted)
                engine.drain(modules, wire, engine.market_time)
    finally:
        wire.close()
    return person


def contents(strands: Mapping[str, Strand]) -> dict[str, Any]:
    return {
        identity: (each.kind, sorted(each.tags), each.parent_id, each.lifecycle_id, plain(dict(each.payload)))
        for identity, each in strands.items()
    }


def written() -> dict[str, Strand]:
    with connections.wire() as connection:
        return {
            identity: rows.strand(table, text)
            for table in tables.TABLES.values()
            if table.module != "market"
            for identity, text in connection.execute(
                f"SELECT id, row_to_json(strand)::text FROM {table.name} AS strand"
            ).fetchall()
        }


def exported(folder: Path) -> list[act.Act]:
    call_command("acts", str(folder / "said.jsonl"), stderr=StringIO())
    return act.read((folder / "said.jsonl").read_text().splitlines())


def money(strands: Mapping[str, Strand]) -> report.Money:
    return report.build(strands.values(), initial_cash=Decimal(100_000)).money


def replayed(bars: Any, said: Sequence[act.Act]) -> tuple[dict[str, Strand], Telling]:
    desk, telling = environments.replay(), Telling.of(said)
    desk.run(bars, acts=telling)
    return desk.wire.strands, telling


def shown_the_same(bars: Any, folder: Path) -> None:
    """Claim that refold finds nothing, and that acts, and they alone, make a replay the desk that was."""
    out = StringIO()
    call_command("refold", "--json", stdout=out, stderr=StringIO())
    assert json.loads(out.getvalue())["differences"] == []
    desk, said = written(), exported(folder)
    again, telling = replayed(bars, said)
    assert contents(again) == contents(desk)
    assert money(again) == money(desk)
    assert telling.unapplied == []
    assert telling.told == len(said)
    without, _ = replayed(bars, [])
    assert money(without) != money(desk)
    late, _ = replayed(bars, [each._replace(after=each.after + timedelta(hours=1)) for each in said if each.after])
    assert late.keys() != desk.keys()


def test_a_desk_with_every_act_of_people_is_told_again_to_the_last_digit(tmp_path: Path) -> None:
    bars = markets.simulated("BTC", "ETH", "SOL", moments=500, seed=markets.LIVELY)
    told = [strands for _, strands in environments.market_data().moments([[bars]])]
    person = lived(told, before=320, step=1, after=360)
    assert sorted(person.did) == sorted(EVERYTHING)
    shown_the_same([[bars]], tmp_path)
