"""The evidence benchmark runs to its end, at a small size; what it measures is printed and never judged here."""

from __future__ import annotations

from tests.benchmarks.test_benchmarks import told


def test_evidence_is_gathered_for_every_plan() -> None:
    found = told("bench_evidence", "--plans", "50", "--rounds", "1")
    assert found["plans"] == 50
    assert found.keys() >= {"gather_ms", "p95_ms", "tape_ms", "ratio", "plans_a_second"}
