"""The first hour: what the pages tell to do is all there is to do, and whatever is left out of it is asked for."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.first_hour import recipes

PAGE = "contributing.md"
MOST_PLACES = 3
#: By change: what a check says where a place or a command of it is forgotten, in their order on the page.
ASKED = {
    "A gate": {
        "tradingops/modules/decision/policy.py": "'DecisionPolicy' object has no attribute 'max_stop_distance'",
        "tradingops/modules/decision/gates.py": "{'max_stop_distance'}",
        "tests/unit/tradingops/modules/test_decision_gates.py": "'stop_distance'",
        "tests.recorded_months": "raise DecisionMaker.version (now '2') in tradingops/modules/decision/module.py",
        "tests.reference": "docs/reference/settings.md: stale",
    },
    "A kind with a column": {
        "strands/kinds/venue.py": "venue 'open_orders': no such kind; venue says order_update; declare it in strands/",
        "tradingops/modules/venue/module.py": "venue open_orders: nobody says it",
        "tests.recorded_months": "raise VenueModule.version (now '1') in tradingops/modules/venue/module.py",
        "tests.reference": "docs/reference/kinds.md: stale",
        "makemigrations": "Add field vn_open_orders to venuestrand",
    },
    "A field on a list": {
        "portfolio/execution/models.py": "the projection writes what ExecutionPerformance has not",
        "portfolio/execution/projections.py": "tr_execution_performance: the projection forgets one",
        "tradingops/console/records/execution.py": "tr_execution_performance: show it in tradingops/console/records",
        "tests.reference": "docs/reference/tables.md: stale",
        "makemigrations": "Add field intent to executionperformance",
    },
    "A curator": {
        "curators/roster/policy.py": "cannot import name 'StopCuratorPolicy' from 'curators.roster.policy'",
        "curators/roster/decision/stop.py": "No module named 'curators.roster.decision.stop'",
        "curators/roster/__init__.py": "see curators/roster/__init__",
        "tests.recorded_months": "raise DecisionMaker.version (now '2') in tradingops/modules/decision/module.py",
        "tests.reference": "docs/reference/settings.md: stale",
    },
    "A venue of another name": {
        "portfolio/execution/venue.py": "'kraken' is not configured; it is one of hyperliquid, binance, coinbase",
        "tests/unit/tradingops/modules/test_venues_by_name.py": "'kraken'",
        "tests.reference": "docs/reference/settings.md: stale",
    },
}
ELSEWHERE = {"A curator": "howto/add-a-curator.md"}
LEFT_OUT = [pytest.param(change, part, id=f"{change}, {part}") for change, parts in ASKED.items() for part in parts]

pytestmark = pytest.mark.timeout(300)


def of(change: str) -> recipes.Recipe:
    return recipes.on(ELSEWHERE[change]) if change in ELSEWHERE else recipes.on(PAGE, change)


def name(step: tuple[str, ...]) -> str:
    """Return what a command is known by: its program, or Django's name for it."""
    return step[2]


def followed(change: str, tree: Path, *, without: str | None = None) -> tuple[int, str]:
    """Follow a recipe in a copy of the tree, but for a part of it; return how the checks ended and what they said."""
    recipe = of(change)
    recipes.copied(tree)
    for edit in recipe.edits:
        if edit.place != without:
            edit.made(tree)
    given = {"steps": [step for step in recipe.steps if name(step) != without], "tests": recipe.tests}
    done = subprocess.run(
        [sys.executable, "-m", "tests.first_hour.follow", json.dumps(given)],
        cwd=tree,
        env=_environment(tree),
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def _environment(tree: Path) -> dict[str, str]:
    """Return an environment in which nothing is reached but the copy: no database answers, no bars are named."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("TRADINGOPS_", "PYTEST_"))}
    nobody = {"DATABASE_URL": "postgres://nobody@127.0.0.1:1/none", "TRADINGOPS_DATA": str(tree / ".data")}
    return {**kept, **nobody, "HYPOTHESIS_PROFILE": "ci"}


@pytest.mark.parametrize("change", ASKED)
def test_the_page_names_three_places_at_most_and_all_that_is_left_out_here(change: str) -> None:
    recipe = of(change)
    assert len(recipe.places) <= MOST_PLACES
    assert list(ASKED[change]) == [*recipe.places, *map(name, recipe.steps)]


@pytest.mark.parametrize("change", ASKED)
def test_a_change_made_as_the_page_tells_is_whole(change: str, tmp_path: Path) -> None:
    code, said = followed(change, tmp_path)
    assert code == 0, said[-4_000:]


@pytest.mark.parametrize(("change", "part"), LEFT_OUT)
def test_what_is_forgotten_is_asked_for(change: str, part: str, tmp_path: Path) -> None:
    code, said = followed(change, tmp_path, without=part)
    assert code != 0
    assert ASKED[change][part] in said, said[-4_000:]
