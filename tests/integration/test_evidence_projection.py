"""Evidence becomes one row for each plan that has one; what a strand says is held within what the columns keep."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from django.db import connection as django_connection

from curators.dsi import evidence, models, projections, wall
from curators.dsi.policy import DsiPolicy
from strands import ids, strand
from strands.strand import Strand
from tests.unit.curators.dsi import tapes

POLICY = DsiPolicy()
BTC, NOON = "BTCUSDT", datetime(2024, 5, 1, 12, tzinfo=UTC)


@pytest.fixture
def rows(db: None) -> Iterator[psycopg.Connection[Any]]:
    """The raw connection of the test's own transaction."""
    with django_connection.cursor():
        yield django_connection.connection


def found(seed: int = 1) -> evidence.Evidence:
    gathered = wall.timed(evidence.gather)(
        tapes.walk(seed=seed), direction="long", standing=evidence.start(POLICY), policy=POLICY
    )
    assert gathered is not None
    return gathered


def signal(name: str, said: dict[str, Any] | None) -> Strand:
    plan = {"plan_id": str(ids.uuid_of("plan", name)), "symbol": BTC, "direction": "long"}
    payload: dict[str, Any] = {"trading_plan": plan}
    if said is not None:
        payload["dsi_evidence"] = said
    return strand.first(module="alpha", kind="signal", at=NOON, symbol=BTC, payload=payload)


def planned(connection: psycopg.Connection[Any], *signals: Strand) -> None:
    """Write the plans' rows, which are there before evidence is."""
    for each in signals:
        connection.execute(
            "INSERT INTO trading_plans (plan_id, symbol, signal_strength, direction, confidence_score)"
            " VALUES (%s, %s, 0.5, 'long', 0.5)",
            [each.payload["trading_plan"]["plan_id"], BTC],
        )


def test_a_plan_with_evidence_gets_its_row(rows: psycopg.Connection[Any]) -> None:
    gathered = found()
    told = signal("a", gathered.to_json())
    planned(rows, told)
    projections.project(rows, [told])
    kept = models.Evidence.objects.get()
    assert str(kept.plan_id) == told.payload["trading_plan"]["plan_id"]
    assert kept.timestamp == NOON
    assert kept.mx_evidence == round(Decimal(str(gathered.evidence)), 2)
    assert (kept.mx_confirm, kept.mx_microtape_hash) == (gathered.confirm, gathered.tape_hash)
    assert kept.mx_expert_contributions == gathered.to_json()["mx_expert_contributions"]
    assert kept.mx_fsm_experts["patterns"] == gathered.experts["grammar"].details["patterns"]
    assert 1 <= kept.mx_processing_latency_ms <= 9999
    assert 1 <= kept.mx_latency_p50 <= kept.mx_latency_p95
    assert 1 <= kept.mx_throughput_per_second <= 9999


def test_evidence_gathered_elsewhere_has_no_latency(rows: psycopg.Connection[Any]) -> None:
    told = signal("a", {**found().to_json(), "mx_microtape_hash": "0" * 64})
    planned(rows, told)
    projections.project(rows, [told])
    kept = models.Evidence.objects.get()
    assert (kept.mx_processing_latency_ms, kept.mx_latency_p50, kept.mx_throughput_per_second) == (None, None, None)


def test_an_expert_that_could_not_judge_is_null(rows: psycopg.Connection[Any]) -> None:
    told = signal("a", {**found().to_json(), "mx_classifier_experts": None})
    planned(rows, told)
    projections.project(rows, [told])
    assert models.Evidence.objects.filter(mx_classifier_experts__isnull=True).count() == 1


def test_signals_without_evidence_plans_without_a_row_and_other_strands_are_passed_over(
    rows: psycopg.Connection[Any],
) -> None:
    said = found().to_json()
    silent, unplanned = signal("a", None), signal("b", said)
    planned(rows, silent)
    projections.project(rows, [silent, unplanned, strand.first(module="dm", kind="decision", at=NOON, payload={})])
    projections.project(rows, [])
    assert models.Evidence.objects.count() == 0


def test_telling_a_plan_again_keeps_its_first_evidence(rows: psycopg.Connection[Any]) -> None:
    first, again = signal("a", found(1).to_json()), signal("a", found(2).to_json())
    planned(rows, first)
    projections.project(rows, [first])
    projections.project(rows, [again, first])
    assert models.Evidence.objects.get().mx_microtape_hash == found(1).tape_hash


def test_what_no_column_can_hold_is_clamped(rows: psycopg.Connection[Any]) -> None:
    told = signal("a", {**found().to_json(), "mx_evidence": 1.5, "mx_evidence_boost": 40.0, "mx_confirm_rate": -1})
    planned(rows, told)
    projections.project(rows, [told])
    kept = models.Evidence.objects.get()
    assert (kept.mx_evidence, kept.mx_confirm_rate) == (Decimal(1), Decimal(0))
    assert kept.mx_evidence_boost == Decimal("9.9999")
