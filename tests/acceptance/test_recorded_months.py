"""Months of bars come to the same answers and money, as long as the modules' versions are the recorded ones."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import pytest

from tests import recorded_months

pytestmark = [pytest.mark.in_memory, pytest.mark.timeout(300)]


def as_recorded(run: str) -> recorded_months.Answers:
    """Return what today's code says over a run, after failing where that is not what was recorded."""
    now = recorded_months.played(run, recorded_months.folder())
    if now is None:
        pytest.skip("TRADINGOPS_BARS names no folder with these bars")
    faults = list(recorded_months.unlike(run, recorded_months.read()[run], now))
    assert faults == [], "\n" + "\n".join(faults)
    return now


@pytest.mark.parametrize("run", recorded_months.MONTHS)
def test_a_recorded_month_comes_to_the_same(run: str) -> None:
    assert as_recorded(run).record == recorded_months.read()[run]


@pytest.mark.parametrize("run", recorded_months.SIMULATED)
def test_a_simulated_market_comes_to_the_same(run: str) -> None:
    assert as_recorded(run).record == recorded_months.read()[run]


def test_the_runs_hold_every_module_that_speaks_and_all_it_learns() -> None:
    said = [
        (name, set(each["kinds"])) for run in recorded_months.read().values() for name, each in run["modules"].items()
    ]
    assert {name for name, _ in said} == {"market", "alpha", "dm", "risk", "trader", "venue"}
    kinds = set().union(*(each for _, each in said))
    assert {"signal", "decision", "order", "fill", "position", "curator_scores", "braid", "counterfactual"} <= kinds


@pytest.fixture(scope="module")
def small() -> recorded_months.Answers:
    """What is said over the smallest run."""
    now = recorded_months.played("simulated", None)
    assert now
    return now


def told(kept: Any, now: recorded_months.Answers) -> str:
    return "\n".join(recorded_months.unlike("run", kept, now))


def otherwise(now: recorded_months.Answers, module: str) -> tuple[Any, Any]:
    """Return a record in which a module's last answer was another, and that answer."""
    kept = copy.deepcopy(now.record)
    answers = [strand for strand in now.strands if strand.module != "market"]
    place = max(nth for nth, strand in enumerate(answers) if strand.module == module)
    line, column = divmod(place, recorded_months.A_LINE)
    start = column * recorded_months.LETTERS
    letters = kept["order"][line]
    kept["order"][line] = f"{letters[: start + 1]}xxx{letters[start + recorded_months.LETTERS :]}"
    kept["modules"][module]["hash"] = "another"
    return kept, answers[place]


@pytest.mark.parametrize(
    ("module", "place"),
    [
        ("alpha", "AlphaDetector.version (now {version!r}) in tradingops/modules/"),
        ("trader", "Trader.version (now {version!r}) in tradingops/modules/"),
        ("market", "MarketData.version (now {version!r}) in tradingops/modules/"),
    ],
)
def test_another_answer_under_the_same_version_names_the_version_to_raise(
    small: recorded_months.Answers, module: str, place: str
) -> None:
    kept = copy.deepcopy(small.record)
    if module == "market":
        kept["modules"]["market"]["hash"] = "another"
    else:
        kept, answer = otherwise(small, module)
        assert answer.id in told(kept, small)
    assert place.format(version=small.modules[module].version) in told(kept, small)
    assert f"python -m tests.recorded_months --raise {module} --write" in told(kept, small)
    assert recorded_months.unraised(kept, small) == [module]


def test_a_raised_version_asks_for_new_hashes(small: recorded_months.Answers) -> None:
    kept, _ = otherwise(small, "risk")
    kept["modules"]["risk"]["version"] = "0"
    assert "the hashes are of risk '0'" in told(kept, small)
    assert "raise" not in told(kept, small)
    assert recorded_months.unraised(kept, small) == []


def test_an_answer_that_is_no_longer_given_is_noticed(small: recorded_months.Answers) -> None:
    kept = copy.deepcopy(small.record)
    kept["order"][-1] += "d123"
    kept["modules"]["dm"]["hash"] = "another"
    assert "DecisionMaker.version" in told(kept, small)


def test_other_money_is_told_in_figures(small: recorded_months.Answers) -> None:
    richer = replace(small, record={**small.record, "money": {**small.record["money"], "fees": "0"}})
    assert "'fees': '0'" in told(small.record, richer)
