"""Every benchmark runs to its end, at a small size; what it measures is printed and never judged here."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.timeout(600)


def told(name: str, *arguments: str) -> dict[str, Any]:
    """Run a benchmark as a person would, and return the line it prints."""
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    command = [sys.executable, "-m", f"tests.benchmarks.{name}", *arguments]
    ended = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    line = ended.stdout.strip().splitlines()[-1]
    print(f"\n{name} {' '.join(arguments)}: {line}")
    found: dict[str, Any] = json.loads(line)
    return found


def test_the_wire_its_floor_and_its_peer_carry_all_plans() -> None:
    found = told("bench_wire", "--plans", "2000", "--rounds", "1", "--peer")
    assert set(found["plans_a_second"]) == {"floor", "wire", "pgqueuer"}


def test_every_execution_of_an_even_stream_is_heard_of() -> None:
    assert told("bench_wire", "--latency", "--seconds", "2", "--rounds", "1")["plans"] == 100


def test_plans_flow_among_many_strands() -> None:
    found = told("bench_wire", "--growth", "50000", "--plans", "1000", "--rounds", "1")
    assert set(found["ratios"]) == {"floor", "wire"}


def test_the_decision_maker_decides_on_every_plan() -> None:
    found = told("bench_modules", "--plans", "500", "--rounds", "1")
    assert set(found["plans_decided_a_second"]) == {"memory", "postgresql"}


def test_every_recorded_decision_is_decided_again() -> None:
    found = told("bench_whatif", "--plans", "50", "--rounds", "1")
    assert set(found["decisions_a_second"]) == {"trial", "folded", "handled"}


def test_a_desk_replays_every_bar() -> None:
    assert told("bench_replay", "--bars", "5000", "--rounds", "1")["bars"] == 5000


def test_every_list_of_strands_answers_with_few_queries() -> None:
    pages = told("bench_lists", "--strands", "20000", "--rounds", "1")["pages"]
    assert pages
    empty = {name for name, page in pages.items() if not page["rows"]}
    assert empty == {"decisions of a gate that stopped none"}
    assert {page["status"] for page in pages.values()} == {200}
    assert max(page["queries"] for page in pages.values()) <= 12


def test_the_inbox_and_a_policys_pages_take_a_dozen_queries_however_much_there_is() -> None:
    pages = told("bench_inbox", "--plans", "200", "--versions", "60", "--rounds", "1")["pages"]
    assert {page["status"] for name, page in pages.items() if name != "next plan"} == {200}
    assert max(page["queries"] for page in pages.values()) <= 12


def test_a_second_start_answers() -> None:
    assert told("bench_start", "--rounds", "1").keys() >= {"first_s", "second_s"}


def test_a_benchmark_is_held_against_another_checkout() -> None:
    here = str(Path(__file__).resolve().parents[2])
    found = told("against", "--other", here, "--rounds", "1", "bench_replay", "--bars", "1000")
    assert found["figures"].keys() >= {"bars_a_second.desk", "ratio"}


def test_many_writers_of_the_audit_of_whom_one_is_killed_make_one_chain() -> None:
    found = told("bench_audit", "--writers", "3", "--each", "20", "--kills", "1")
    assert found["findings"] == []
    assert found["records"] >= found["committed"] >= 60
