"""Scores of curators become rows for people, weights their last changes; telling them again changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from django.db import connection as django_connection

from curators import models, projections, reckoning, weights
from curators.learning_policy import LearningPolicy
from strands import strand
from strands.strand import Strand
from tests.trading import BTC, NOON

ETH = "ETHUSDT"
QUICK = LearningPolicy(rate=0.5, min_outcomes=1)
MODULES = {
    "alpha": (models.AlphaCuratorPerformance, models.AlphaCuratorWeight, "signal_id"),
    "dm": (models.DecisionCuratorPerformance, models.DecisionCuratorWeight, "decision_id"),
    "trader": (models.TraderCuratorPerformance, models.TraderCuratorWeight, "execution_id"),
}


@pytest.fixture
def rows(db: None) -> Iterator[psycopg.Connection[Any]]:
    """The raw connection of the test's own transaction."""
    with django_connection.cursor():
        yield django_connection.connection


def hearings(*, contribution: float = 0.05, confidence: float = 0.9) -> list[dict[str, Any]]:
    more = {"confidence": confidence, "evidence": {"weight_adjustment": 1.0}}
    return [
        {"curator_type": "risk_curator", "action": "nudge", "contribution": contribution, **more},
        {"curator_type": "budget_curator", "action": "approve", "contribution": 0.0, **more},
        {"curator_type": "portfolio_curator", "action": "abstained", "contribution": 0.0, "evidence": {}},
    ]


def story(module: str, count: int = 3, *, symbol: str = BTC, policy: LearningPolicy = QUICK) -> list[Strand]:
    """Return what a module says of its curators after ``count`` plans that won."""
    names = ("risk_curator", "budget_curator", "portfolio_curator")
    standing = weights.start(dict.fromkeys(names, 0.3), policy=policy)
    said = []
    for nth in range(count):
        standing, told = reckoning.reckon(
            standing,
            hearings(),
            plan_id=f"P{nth}",
            subject_id=f"S{nth}",
            sigma=0.5,
            curated=0.52,
            outcome={"plan_id": f"P{nth}", "pnl_percent": 0.02, "actual": True},
            size=0.1,
            at=(at := NOON + timedelta(minutes=nth)),
            cause=f"C{nth}",
            policy=policy,
        )
        payload = {"lesson_metadata": told}
        said.append(strand.first(module=module, kind="curator_scores", at=at, symbol=symbol, payload=payload))
    return said


def everything() -> list[dict[str, Any]]:
    tables = [table for scored, weighed, _ in MODULES.values() for table in (scored, weighed)]
    return [row for table in tables for row in table.objects.order_by("id").values()]


@pytest.mark.parametrize("module", MODULES)
def test_every_scored_opinion_is_a_row_about_what_was_judged(rows: psycopg.Connection[Any], module: str) -> None:
    scored, _, about = MODULES[module]
    [said] = story(module, 1)
    projections.project(rows, [said])
    assert scored.objects.count() == 2
    kept = scored.objects.get(id=f"{said.id}:risk_curator")
    assert (kept.curator_type, getattr(kept, about)) == ("risk_curator", "S0")
    assert (kept.contribution_score, kept.accuracy_score) == (Decimal("0.05"), Decimal("0.99"))
    assert kept.created_at == said.at
    learned = kept.learning_metadata
    assert (learned["plan_id"], learned["symbol"], learned["at"]) == ("P0", BTC, said.at.isoformat())
    assert (learned["outcome"]["pnl_percent"], learned["correct"], learned["confidence"]) == (0.02, True, 0.9)
    assert learned["weight_before"] == 0.3 < learned["weight_after"]


@pytest.mark.parametrize(("module", "row"), [("alpha", f"{BTC}:risk_curator"), ("dm", "risk_curator")])
def test_a_weight_keeps_its_changes_newest_last(rows: psycopg.Connection[Any], module: str, row: str) -> None:
    said = story(module, 3)
    projections.project(rows, said)
    kept = MODULES[module][1].objects.get(id=row)
    changes = [each for strand_ in said for each in strand_.payload["lesson_metadata"]["weights"]]
    assert kept.lesson_adjustments == [each for each in changes if each["curator"] == "risk_curator"]
    newest = kept.lesson_adjustments[-1]
    assert float(kept.weight) == pytest.approx(newest["after"], abs=5e-5)
    assert float(kept.confidence) == pytest.approx(newest["confidence"], abs=5e-5)
    assert (kept.created_at, kept.updated_at) == (said[0].at, said[-1].at)


def test_the_trader_weighs_its_curators_symbol_by_symbol_and_the_decision_maker_once(
    rows: psycopg.Connection[Any],
) -> None:
    for module in ("trader", "dm"):
        projections.project(rows, [*story(module, 1), *story(module, 1, symbol=ETH)])
    kept = models.TraderCuratorWeight.objects.filter(curator_type="risk_curator")
    assert {each.id for each in kept} == {f"{BTC}:risk_curator", f"{ETH}:risk_curator"}
    assert {each.id for each in models.DecisionCuratorWeight.objects.all()} == {"risk_curator", "budget_curator"}


def test_one_at_a_time_or_all_at_once_leave_the_same_rows(rows: psycopg.Connection[Any]) -> None:
    said = [each for module in MODULES for each in story(module, 25)]
    projections.project(rows, said)
    at_once = everything()
    for scored, weighed, _ in MODULES.values():
        scored.objects.all().delete()
        weighed.objects.all().delete()
    for each in said:
        projections.project(rows, [each])
    assert everything() == at_once


def test_telling_strands_again_changes_nothing_even_the_oldest(rows: psycopg.Connection[Any]) -> None:
    said = [each for module in MODULES for each in story(module, 25)]
    projections.project(rows, said)
    before = everything()
    assert before
    projections.project(rows, said)
    projections.project(rows, said[:1])
    projections.project(rows, [said[3], said[3]])
    assert everything() == before


def test_only_the_last_twenty_changes_are_kept(rows: psycopg.Connection[Any]) -> None:
    said = story("dm", 25, policy=LearningPolicy(rate=0.01, min_outcomes=1))
    projections.project(rows, said[:22])
    projections.project(rows, said[22:])
    kept = models.DecisionCuratorWeight.objects.get(id="risk_curator")
    assert [each["n"] for each in kept.lesson_adjustments] == list(range(6, 26))
    assert kept.created_at == said[0].at


def test_a_weight_that_did_not_move_is_a_row_without_changes(rows: psycopg.Connection[Any]) -> None:
    said = story("dm", 2, policy=LearningPolicy())
    projections.project(rows, said[:1])
    projections.project(rows, said[1:])
    kept = models.DecisionCuratorWeight.objects.get(id="risk_curator")
    assert (kept.weight, kept.lesson_adjustments, kept.updated_at) == (Decimal("0.3"), [], said[1].at)
    assert float(kept.confidence) == pytest.approx(0.7 * (0.7 * 0.5 + 0.3 * 0.99) + 0.3 * 0.99, abs=5e-5)
    learned = models.DecisionCuratorPerformance.objects.first().learning_metadata
    assert (learned["weight_before"], learned["weight_after"]) == (0.3, 0.3)


def test_a_strand_that_says_only_changes_still_moves_weights(rows: psycopg.Connection[Any]) -> None:
    quick, slow = story("dm", 1), story("trader", 1, policy=LearningPolicy())
    for each in (*quick, *slow):
        del each.payload["lesson_metadata"]["standing"]
    projections.project(rows, [*quick, *slow])
    assert models.DecisionCuratorWeight.objects.get(id="risk_curator").weight > Decimal("0.3")
    assert models.TraderCuratorPerformance.objects.count() == 2
    assert not models.TraderCuratorWeight.objects.exists()


def test_a_number_beyond_its_column_is_kept_at_the_columns_end(rows: psycopg.Connection[Any]) -> None:
    [said] = story("dm", 1)
    said.payload["lesson_metadata"]["scores"][0]["contribution"] = -1e9
    projections.project(rows, [said])
    kept = models.DecisionCuratorPerformance.objects.get(curator_type="risk_curator")
    assert kept.contribution_score == Decimal("-9999.9999")


def test_strands_of_other_kinds_and_modules_are_passed_over(rows: psycopg.Connection[Any]) -> None:
    other = strand.first(module="dm", kind="decision", at=NOON, payload={"lesson_metadata": {}})
    foreign = strand.first(module="risk", kind="curator_scores", at=NOON, payload={"lesson_metadata": {}})
    projections.project(rows, [other, foreign])
    assert everything() == []
