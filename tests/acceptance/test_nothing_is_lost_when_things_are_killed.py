"""Listeners and PostgreSQL killed with -9 while plans flow; `python -m tests.chaos` is the long form."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chaos.ordeal import Ordeal

PLANS = 200
WRONG = ("lost", "handled_twice", "decided_twice", "ordered_twice", "failed", "expired", "unprotected")
WRONG += ("left_before_entered", "passed_a_halt")


@pytest.mark.timeout(300)
def test_plans_survive_kills_of_listeners_and_of_the_server_while_people_halt_and_flatten(tmp_path: Path) -> None:
    ordeal = Ordeal(tmp_path, plans=PLANS, kills=3, server_kills=1, seed=3, backlog=20, halts=2)
    try:
        counts = ordeal.run(patience=200)
    finally:
        ordeal.close()
    wrong = {name: counts[name] for name in WRONG}
    assert wrong == dict.fromkeys(wrong, 0)
    assert (counts["plans"], counts["decisions"]) == (PLANS, PLANS)
    assert counts["refold"]["differences"] == 0, counts["refold"]["first"]
    assert counts["fills"] > PLANS / 25, counts
    assert (counts["killed"], counts["servers_killed"]) == (3, 1)
    assert counts["halted"] >= 1
