"""The worlds a desk runs in: their policies and their modules."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pydantic
import pytest

from portfolio.execution import venue
from strands import tags
from tradingops import environments


def test_a_setting_changes_one_number_and_leaves_the_rest() -> None:
    chosen = environments.policies({"dm.approve_score": "0.8"})
    assert chosen["dm"].approve_score == 0.8
    assert chosen["dm"].model_copy(update={"approve_score": 0.7}) == environments.policies()["dm"]


def test_a_setting_deeper_down_leaves_its_neighbours() -> None:
    usual = environments.policies()["alpha"].anomalies
    changed = environments.policies({"alpha.anomalies.price_move": "9"})["alpha"].anomalies
    assert (changed.price_move, changed.volume_spike) == (9.0, usual.volume_spike)


def test_an_unknown_setting_names_the_known_ones() -> None:
    with pytest.raises(
        environments.UnknownSetting, match=r"dm\.aproove: no such setting; known are .*dm\.approve_score"
    ):
        environments.policies({"dm.aproove": "1"})


def test_a_value_out_of_its_range_is_refused() -> None:
    with pytest.raises(pydantic.ValidationError, match="approve_score"):
        environments.policies({"dm.approve_score": "7"})


def test_a_venue_that_the_trader_may_choose_and_nobody_serves_is_refused() -> None:
    kraken = {"name": "kraken", "maker_bps": "0.26", "taker_bps": "0.26", "latency_ms": 25}
    with pytest.raises(environments.UnservedVenue, match=r"kraken is not among venue\.venues \(hyperliquid, "):
        environments.policies({"trader.venues": [kraken]})
    both = environments.policies({"venues": [kraken]})
    assert both["trader"].venues == both["venue"].venues


def test_one_setting_tells_every_list_of_venues_that_a_policy_has() -> None:
    kraken = {"name": "kraken", "maker_bps": "25", "taker_bps": "40", "latency_ms": 25}
    chosen = environments.policies({"venues": [kraken]})
    told = {f"{module}.{path}": profiles for module, policy in chosen.items() for path, profiles in venues_of(policy)}
    assert {"venue.venues", "trader.venues", "dm.cost.venues", "alpha.cost.venues"} <= told.keys()
    assert all([each.name for each in profiles] == ["kraken"] for profiles in told.values())


def venues_of(policy: pydantic.BaseModel, *, within: str = "") -> Iterator[tuple[str, tuple[venue.Profile, ...]]]:
    """Yield every list of venues in a policy and in those within it, with its dotted name."""
    for name in type(policy).model_fields:
        value = getattr(policy, name)
        if isinstance(value, pydantic.BaseModel):
            yield from venues_of(value, within=f"{within}{name}.")
        elif isinstance(value, tuple) and value and isinstance(value[0], venue.Profile):
            yield f"{within}{name}", value


def test_modules_that_count_from_different_beginnings_are_refused() -> None:
    with pytest.raises(environments.UnequalCash, match="set both alike"):
        environments.policies({"dm.initial_cash": "5"})
    assert environments.policies({"dm.initial_cash": "5", "risk.initial_cash": "5"})["risk"].initial_cash == Decimal(5)


def test_every_module_of_a_round_is_a_listener_under_its_own_name() -> None:
    modules = environments.modules()
    assert tuple(modules) == environments.ROUND
    assert all(module.name == name and name in tags.LISTENERS for name, module in modules.items())
