"""Short names of settings that several modules share."""

import pytest
from pydantic import BaseModel

from tradingops import shorthand


class Judge(BaseModel):
    enabled: bool = True
    kappa: float = 0.1


class Rates(BaseModel):
    enabled: bool = True
    rate: float = 0.01


class Lessons(BaseModel):
    enabled: bool = True
    members: int = 3


class AlphaJudges(BaseModel):
    dsi: Judge = Judge()
    risk: Judge = Judge()
    learning: Rates = Rates()


class OtherJudges(BaseModel):
    risk: Judge = Judge()
    learning: Rates = Rates()


class Alpha(BaseModel):
    curators: AlphaJudges = AlphaJudges()
    lessons: Lessons = Lessons()
    dsi: Rates = Rates()


class Other(BaseModel):
    curators: OtherJudges = OtherJudges()
    lessons: Lessons = Lessons()
    size: float = 1.0


class Risk(BaseModel):
    cash: int = 0


POLICIES = {"alpha": Alpha, "dm": Other, "risk": Risk}


@pytest.mark.parametrize(
    ("key", "value", "stands_for"),
    [
        ("lessons", "off", {"alpha.lessons.enabled": False, "dm.lessons.enabled": False}),
        ("lessons", False, {"alpha.lessons.enabled": False, "dm.lessons.enabled": False}),
        ("lessons.members", "4", {"alpha.lessons.members": "4", "dm.lessons.members": "4"}),
        ("curators.risk", "off", {"alpha.curators.risk.enabled": False, "dm.curators.risk.enabled": False}),
        ("curators.dsi", "off", {"alpha.curators.dsi.enabled": False}),
        ("curators.dm.risk", "off", {"dm.curators.risk.enabled": False}),
        ("curators.risk.kappa", "0.05", {"alpha.curators.risk.kappa": "0.05", "dm.curators.risk.kappa": "0.05"}),
        ("curators.dm", "off", {"dm.curators.risk.enabled": False}),
        ("curators.learning.rate", ".1", {"alpha.curators.learning.rate": ".1", "dm.curators.learning.rate": ".1"}),
        ("dsi", "off", {"alpha.dsi.enabled": False}),
        ("dm.lessons", "on", {"dm.lessons.enabled": True}),
        (
            "venues",
            [1],
            {key: [1] for key in ("venue.venues", "trader.venues", "dm.cost.venues", "alpha.cost.venues")},
        ),
    ],
)
def test_a_short_name_stands_for_every_setting_of_that_name(key, value, stands_for):
    assert shorthand.expanded(key, value, POLICIES) == stands_for


def test_all_curators_are_switched_at_once_and_their_learning_is_none_of_them():
    assert shorthand.expanded("curators", "off", POLICIES) == {
        "alpha.curators.dsi.enabled": False,
        "alpha.curators.risk.enabled": False,
        "dm.curators.risk.enabled": False,
    }


@pytest.mark.parametrize(
    ("key", "value"), [("dm.size", "2"), ("risk.cash", "off"), ("curators.nobody", "off"), ("x", 1)]
)
def test_any_other_name_stands_for_itself(key, value):
    assert shorthand.expanded(key, value, POLICIES) == {key: value}
