"""Trials without a database: what the decision maker heard and said in a replay, as it would be recorded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from strands.strand import Strand
from tradingops import environments
from tradingops.modules.decision.module import DecisionMaker
from tradingops.replay.refold import Recorded, plain
from tradingops.whatif.draft import Draft
from tradingops.whatif.tally import Tally
from tradingops.whatif.trial import Trial


class Listening:
    """The decision maker, and all that it heard, was given and answered."""

    def __init__(self, module: Any) -> None:
        self.module, self.name, self.version = module, module.name, module.version
        self.start = module.start
        self.heard: list[tuple[Strand, Any, Sequence[Strand]]] = []

    def handle(self, state: Any, strand: Strand, given: Any) -> tuple[Any, Sequence[Strand]]:
        after, answers = self.module.handle(state, strand, given)
        self.heard.append((strand, given, answers))
        return after, answers


def record(feeds: Sequence[Sequence[Any]], *, settings: Mapping[str, Any] | None = None) -> list[Recorded]:
    """Return the turns of the decision maker of a desk that played these bars, answers as JSON would keep them."""
    desk = environments.replay(settings)
    seats = [Listening(module) if module.name == "dm" else module for module in desk.desk]
    desk.desk = tuple(seats)
    desk.run([[bars] for bars in feeds])
    (dm,) = (seat for seat in seats if isinstance(seat, Listening))
    return turns_of(dm)


def turns_of(dm: Listening) -> list[Recorded]:
    """Return what a module heard and said as a database would give it back."""
    return [
        Recorded(number, strand, given, {each.id: _kept(each) for each in answers}, dm.version)
        for number, (strand, given, answers) in enumerate(dm.heard, 1)
    ]


def _kept(strand: Strand) -> Strand:
    return replace(strand, payload=plain(dict(strand.payload)))


def tried(
    turns: Sequence[Recorded], content: Mapping[str, Any] | None = None, *, probe_every: int = 1
) -> tuple[Tally, list[Any]]:
    """Return the tally of a trial of a draft of the decision maker's policy, and what became of each decision."""
    trial = Trial(DecisionMaker(), Draft(policy="dm", content=content or {}), probe_every=probe_every)
    tally, found = Tally(), list(_each(trial, turns))
    for again in found:
        tally.add(again)
    return tally, found


def _each(trial: Trial, turns: Sequence[Recorded]) -> Iterator[Any]:
    for turn in turns:
        if (again := trial.take(turn)) is not None:
            yield again
