"""The first hour: what the pages tell to do is all there is to do, and whatever is left out of it is asked for."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from subprocess import PIPE

import pytest

from tests.first_hour import follow, recipes

PAGE = "contributing.md"
MOST_PLACES = 3
#: By change: what a check says where a place or a command of it is forgotten, in their order on the page.
ASKED = {
    "A gate": {
        "tradingops/modules/decision/policy.py": "'DecisionPolicy' object has no attribute 'max_stop_distance'",
        "tradingops/modules/decision/gates.py": "{'max_stop_distance'}",
        "tests/unit/tradingops/modules/test_decision_gates.py": "'stop_distance'",
        "tests.recorded_months": "raise DecisionMaker.version (now '4') in tradingops/modules/decision/module.py",
        "tests.reference": "docs/reference/settings.md: stale",
    },
    "A kind with a column": {
        "strands/kinds/venue.py": "venue 'open_orders': no such kind; venue says order_update, funding; declare ",
        "tradingops/modules/venue/module.py": "venue open_orders: nobody says it",
        "tests.recorded_months": "raise VenueModule.version (now '3') in tradingops/modules/venue/module.py",
        "tests.reference": "docs/reference/kinds.md: stale",
        "makemigrations": "Add field vn_open_orders to venuestrand",
    },
    "A field on a list": {
        "portfolio/execution/models.py": "refers to 'intent', which is not a callable or attribute",
        "portfolio/execution/projections.py": "tr_execution_performance: the projection forgets one",
        "tradingops/console/records/execution.py": "tr_execution_performance: show it in console/records",
        "tests.reference": "docs/reference/tables.md: stale",
        "makemigrations": "Add field intent to executionperformance",
    },
    "A curator": {
        "curators/roster/policy.py": "cannot import name 'StopCuratorPolicy' from 'curators.roster.policy'",
        "curators/roster/decision/stop.py": "No module named 'curators.roster.decision.stop'",
        "curators/roster/__init__.py": "see curators/roster/__init__",
        "tests.recorded_months": "raise DecisionMaker.version (now '4') in tradingops/modules/decision/module.py",
        "tests.reference": "docs/reference/settings.md: stale",
    },
    "A venue of another name": {
        "portfolio/execution/venue.py": "'kraken' is not configured; it is one of hyperliquid, binance, coinbase",
        "tests/unit/tradingops/modules/test_venues_by_name.py": "'kraken'",
        "tests.reference": "docs/reference/settings.md: stale",
    },
}
ELSEWHERE = {"A curator": "howto/add-a-curator.md"}

pytestmark = pytest.mark.timeout(300)


def of(change: str) -> recipes.Recipe:
    return recipes.on(ELSEWHERE[change]) if change in ELSEWHERE else recipes.on(PAGE, change)


def followed(change: str, tree: Path) -> dict[str | None, tuple[int, str]]:
    """Follow a recipe in a copy of the tree, whole and without each part; return how each ended and what was said."""
    recipe, copy = of(change), recipes.Copy(tree)
    ended: dict[str | None, tuple[int, str]] = {}
    program = [sys.executable, str(Path(follow.__file__))]
    with subprocess.Popen(program, env=_environment(), stdin=PIPE, stdout=PIPE, text=True, bufsize=1) as follower:
        assert follower.stdin
        assert follower.stdout
        for without in (None, *ASKED[change]):
            for edit in recipe.edits:
                if edit.place != without:
                    edit.made(tree)
            steps = [step for step in recipe.steps if recipes.name(step) != without]
            print(json.dumps({"tree": str(tree), "steps": steps, "tests": recipe.tests}), file=follower.stdin)
            code = int(follower.stdout.readline())
            ended[without] = code, (tree / follow.SAID).read_text()
            copy.restore()
        follower.stdin.close()
    return ended


def _environment() -> dict[str, str]:
    """Return an environment in which nothing is reached but the copy: no database answers, no bars are named."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("TRADINGOPS_", "PYTEST_", "PYTHON"))}
    return {**kept, "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none", "HYPOTHESIS_PROFILE": "ci"}


@pytest.mark.parametrize("change", ASKED)
def test_the_page_names_three_places_at_most_and_all_that_is_left_out_here(change: str) -> None:
    recipe = of(change)
    assert len(recipe.places) <= MOST_PLACES
    assert list(ASKED[change]) == [*recipe.places, *map(recipes.name, recipe.steps)]


@pytest.mark.parametrize("change", ASKED)
def test_a_change_is_whole_as_the_page_tells_it_and_whatever_is_left_out_is_asked_for(
    change: str, tmp_path: Path
) -> None:
    ended = followed(change, tmp_path)
    expected = {None: (0, ""), **{part: (1, words) for part, words in ASKED[change].items()}}
    faults = [
        f"without {part}: ended with {ended[part][0]}, not {code}, or {words!r} was not said:\n{ended[part][1][-900:]}"
        for part, (code, words) in expected.items()
        if ended[part][0] != code or words not in ended[part][1]
    ]
    assert not faults, "\n\n".join(faults)
