"""The page on adding a curator, followed to the letter in a copy of the code."""

import json
import shutil
import subprocess
import sys

import pytest

from tests.first_hour import recipes

SEE = """
import json
from curators import panel, roster
from curators.roster.policy import DecisionRoster

seats = [each for each in roster.seat("dm", DecisionRoster()) if each.name == "stop_curator"]
told = {distance: panel.convene(seats, sigma=0.6, inputs={"stop_distance": distance}) for distance in (0.001, 0.049)}
off = DecisionRoster.model_validate({"stop": {"enabled": False}})
print(json.dumps({
    "near": told[0.001].to_json()[0],
    "far": told[0.049].to_json()[0],
    "unseated": [each.name for each in roster.seat("dm", off)],
}))
"""


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    """Return what the curator says in a copy of the code to which the page was done."""
    copy = tmp_path_factory.mktemp("copy")
    for package in ("curators", "strands"):
        shutil.copytree(recipes.ROOT / package, copy / package, ignore=shutil.ignore_patterns("__pycache__"))
    for edit in recipes.on("howto/add-a-curator.md").edits:
        edit.made(copy)
    done = subprocess.run([sys.executable, "-c", SEE], cwd=copy, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_curator_added_by_the_page_gives_its_opinion(seen):
    assert (seen["near"]["curator_type"], seen["near"]["action"]) == ("stop_curator", "approve")
    assert (seen["far"]["action"], seen["far"]["stops"]) == ("veto", True)
    assert "4.90%" in seen["far"]["reason"]


def test_a_curator_added_by_the_page_can_be_switched_off(seen):
    assert "stop_curator" not in seen["unseated"]
    assert "risk_curator" in seen["unseated"]
