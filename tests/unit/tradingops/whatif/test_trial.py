"""Decisions decided again: an unchanged policy changes nothing, a stricter one what a replay shows, poison is found."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from strands.strand import Strand
from tests import recorded_months, trials
from tests.acceptance import markets
from tests.benchmarks import desks
from tradingops import environments
from tradingops.modules.decision import gates
from tradingops.modules.decision.gates import Comparison, Gate, Severity
from tradingops.modules.decision.module import DecisionMaker
from tradingops.replay.refold import Recorded, Unfoldable
from tradingops.whatif import said
from tradingops.whatif.draft import Draft
from tradingops.whatif.tally import Tally
from tradingops.whatif.trial import Trial, Undecided

MONTH = "BTC-PERP_1m_2022-01.csv.gz"
#: Drafts that say no where the default says yes, and where it says yes to less.
STRICTER = ({"min_confidence": 0.74}, {"approve_score": 0.84}, {"max_concentration": 0.099})


@cache
def bars() -> list[Any]:
    return markets.simulated("BTC", "ETH", "SOL", moments=3_000, seed=markets.LIVELY)


@cache
def turns() -> list[Recorded]:
    return trials.record([bars()])


def briefly() -> list[Recorded]:
    return trials.record([markets.simulated("BTC", "ETH", "SOL", moments=400, seed=markets.LIVELY)])


def decisions(settings: dict[str, Any]) -> list[Strand]:
    """Return the decisions of a whole replay, in their order."""
    desk = environments.replay(settings)
    desk.run([[bars()]])
    return [each for each in desk.wire.strands.values() if each.kind == "decision"]


def test_an_unchanged_policy_flips_nothing_and_no_gate_finds_otherwise():
    tally, found = trials.tried(turns())
    assert len(found) == tally.taken == tally.decided > 20
    assert tally.same, tally.to_json()


def test_a_default_that_is_spelt_out_is_no_change_either():
    spelt = environments.POLICIES["dm"]().model_dump(mode="json", include={"min_confidence", "max_var", "regime_risk"})
    assert trials.tried(turns(), spelt)[0].same


@pytest.mark.timeout(300)
def test_an_unchanged_policy_changes_nothing_over_a_recorded_month():
    folder = recorded_months.folder()
    if folder is None or not (Path(folder) / MONTH).exists():
        pytest.skip("TRADINGOPS_BARS names no folder with these bars")
    tally, _ = trials.tried(trials.record([desks.bars_of(Path(folder) / MONTH)]))
    assert tally.taken == tally.decided > 50
    assert tally.same, tally.to_json()


@pytest.mark.parametrize("content", STRICTER, ids=lambda content: next(iter(content)))
def test_up_to_the_first_change_of_course_a_stricter_draft_decides_as_a_replay_under_it(content: dict[str, Any]):
    tally, found = trials.tried(turns(), content)
    replayed = [said.read(each) for each in decisions({f"dm.{name}": value for name, value in content.items()})]
    alone = [again.now for again in found]
    first = next(place for place, again in enumerate(found) if again.flipped or again.resized)
    assert alone[: first + 1] == replayed[: first + 1]
    assert tally.decided == tally.taken
    assert not tally.looser


def test_a_looser_draft_lets_through_what_only_its_gate_had_stopped():
    tally, _ = trials.tried(turns(), {"max_open_plans_per_symbol": 3})
    assert tally.looser
    assert not tally.stricter
    assert set(tally.stopped) == {"already_positioned"}
    (change, *_) = [each for each in tally.looser[0].gates if each.gate == "already_positioned"]
    assert change.was
    assert change.now
    assert (change.was["limit"], change.now["limit"]) == (1, 3)
    assert change.was["value"] == change.now["value"] > change.was["limit"]


def test_another_size_is_told_as_such():
    tally, _ = trials.tried(turns(), {"position_limit": 0.05})
    assert len(tally.resized) > 10
    assert all(again.was.size > again.now.size for again in tally.resized if again.was and again.now)


def test_decided_again_and_not_decidable_are_all_there_are():
    spoilt = list(turns())
    place = next(place for place, turn in enumerate(spoilt) if turn.strand.kind == "fill")
    lost = spoilt[place]
    spoilt[place] = Unfoldable(lost.sequence, lost.strand.id, None, "strand heard", "said", "gone")  # type: ignore[call-overload]
    trial_of = _tried(spoilt)
    asked = sum("dm:evaluate_plan" in turn.strand.tags for turn in turns())
    assert trial_of.decided + sum(trial_of.undecided.values()) == trial_of.taken == asked
    assert 0 < trial_of.decided < asked
    assert set(trial_of.undecided) == {Undecided.STATE_LOST}


def _tried(spoilt: Sequence[Any]) -> Tally:
    trial, tally = Trial(DecisionMaker(), Draft(policy="dm", content={})), Tally()
    for turn in spoilt:
        again = trial.take(turn, decide=isinstance(turn, Recorded))
        if again is not None:
            tally.add(again)
    return tally


TOLD: dict[str, int] = {}
PLANTS = {
    "a clock": lambda case: time.time(),
    "an order of keys": lambda case: float(next(iter(case.circumstances.volumes.values()), 0)),
    "a table": lambda case: float(len(TOLD)),
}


@pytest.mark.parametrize("plant", PLANTS)
def test_what_a_gate_was_not_told_is_found(plant: str, monkeypatch: pytest.MonkeyPatch):
    planted = Gate("planted", Severity.SOFT, Comparison.AT_LEAST, PLANTS[plant], lambda policy: 0.0)
    monkeypatch.setattr(gates, "GATES", (*gates.GATES, planted))
    recorded = briefly()
    TOLD[f"row {len(TOLD)}"] = 1
    tally, _ = trials.tried(recorded)
    assert tally.taken
    assert not tally.same
    assert tally.undecided[Undecided.CHANGED]
    assert "planted" in str(tally.told[Undecided.CHANGED])


def test_the_same_gates_without_a_plant_are_found_sound():
    assert trials.tried(briefly())[0].same
