"""A state that version 0 of a module left goes on being a state, whole or from before modules learned."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from strands.given import Given
from tests import factories
from tradingops import environments

KEPT: dict[str, dict[str, Any]] = json.loads((Path(__file__).parent / "states_of_version_0.json").read_text())
#: What version 0 added to its states in time.
GREW = {"judged", "curators", "learned", "tape", "seasons", "experts", "record", "open_interest", "followed", "alphas"}
GIVEN = {"policy", "refused_policies", "halts"}


def go_on(name: str, kept: dict[str, Any]) -> dict[str, Any]:
    """Return what a module keeps after one more bar, begun from what was kept of it."""
    module: Any = environments.modules()[name]
    bar = factories.a_bar()
    state, _ = module.handle(module.load(kept), bar, Given(bar.at))
    after: dict[str, Any] = json.loads(json.dumps(module.dump(state), allow_nan=False))
    assert module.dump(module.load(after)) == after
    return after


@pytest.mark.parametrize("name", KEPT)
def test_a_module_goes_on_from_a_state_of_version_0(name: str):
    after = go_on(name, KEPT[name])
    assert after["version"] >= 1
    assert after.keys().isdisjoint(GIVEN)


@pytest.mark.parametrize("name", KEPT)
def test_a_module_goes_on_from_a_state_that_knows_nothing_of_learning(name: str):
    after = go_on(name, {field: value for field, value in KEPT[name].items() if field not in GREW})
    assert after["learning"]["judged"] == {}
