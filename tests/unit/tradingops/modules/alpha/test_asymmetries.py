"""Asymmetries: each by its formula, and only where a bar tells what it needs."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import BAR
from tests.unit.tradingops.modules.alpha.intelligence.tapes import MONDAY, POLICY
from tradingops.modules.alpha.planning import asymmetries
from tradingops.modules.decision.policy import DecisionPolicy
from tradingops.modules.decision.weighing import asymmetries as read_by_decision

HOUR = 3600
COLUMNS = {
    "open_interest": "1100",
    "open_interest_24h_ago": "1000",
    "funding_rate": "0.0015",
    "basis": "-0.02",
    "bid_depth": "30",
    "ask_depth": "50",
}


def of_bar(bar, **changes):
    return asymmetries.of_bar(bar, **{"at": MONDAY, "policy": POLICY, **changes})


def test_each_is_what_its_formula_gives_by_hand():
    assert of_bar({**BAR, **COLUMNS}) == {
        "open_interest": round(0.1 / (0.01 * math.sqrt(24)), 6),
        "funding": 1.5,
        "basis": -2.0,
        "depth": 0.25,
    }


def test_a_bar_of_prices_alone_has_none():
    assert of_bar(BAR) == {}


@pytest.mark.parametrize(
    ("without", "absent"),
    [
        ("open_interest", "open_interest"),
        ("open_interest_24h_ago", "open_interest"),
        ("funding_rate", "funding"),
        ("basis", "basis"),
        ("bid_depth", "depth"),
        ("ask_depth", "depth"),
    ],
)
def test_what_is_not_told_is_absent_and_never_zero(without, absent):
    rest = {name: each for name, each in COLUMNS.items() if name != without}
    assert set(read_by_decision.KNOWN) - set(of_bar(rest)) == {absent}


def test_the_decision_maker_reads_what_is_told():
    read = read_by_decision.read({asymmetries.KEY: of_bar(COLUMNS)}, policy=DecisionPolicy())
    assert asymmetries.KEY == read_by_decision.KEY
    assert read.to_json()["absent"] == []
    assert read.score == pytest.approx((2.041241 + 1.5 + 2.0 + 0.25) / 4)


def test_open_interest_is_compared_with_that_of_a_day_before():
    kept: object = ()
    for hour in range(30):
        bar = {"open_interest": 1000.0 + hour}
        kept = asymmetries.remember(kept, bar, at=MONDAY + hour * HOUR, policy=POLICY)
    now = of_bar({"open_interest": 1200.0}, at=MONDAY + 30 * HOUR, remembered=kept)
    assert now["open_interest"] == pytest.approx((1200 / 1006 - 1) / (0.01 * math.sqrt(24)), abs=1e-6)
    assert len(kept) == 26


def test_open_interest_is_remembered_once_an_hour_and_not_in_place():
    first = asymmetries.remember((), {"open_interest": "5"}, at=MONDAY, policy=POLICY)
    assert first == ((MONDAY, 5.0),)
    assert asymmetries.remember(first, {"open_interest": "6"}, at=MONDAY + 300, policy=POLICY) is first
    assert asymmetries.remember(first, {"open_interest": "6"}, at=MONDAY + HOUR, policy=POLICY) == (
        (MONDAY, 5.0),
        (MONDAY + HOUR, 6.0),
    )
    assert asymmetries.remember(first, BAR, at=MONDAY + HOUR, policy=POLICY) is first
    assert first == ((MONDAY, 5.0),)


def test_an_open_interest_remembered_too_long_ago_is_not_compared_with():
    assert of_bar({"open_interest": 5.0}, at=MONDAY + 26 * HOUR, remembered=((MONDAY, 4.0),)) == {}


STRANGE = st.sampled_from([None, True, "", "x", "nan", "inf", math.nan, -math.inf, [], 0, -1, 1e308, "1e-320", 1e-320])


@given(bar=st.dictionaries(st.sampled_from(asymmetries.COLUMNS), STRANGE | st.floats()))
def test_nothing_strange_leaks_and_nothing_is_beyond_its_bound(bar):
    found = of_bar(bar)
    json.dumps(found, allow_nan=False)
    assert all(abs(each) <= POLICY.max_asymmetry for each in found.values())


@given(rate=st.floats(-1, 1), bid=st.floats(0.001, 1e9), ask=st.floats(0.001, 1e9))
def test_the_mirrored_market_has_the_mirrored_asymmetries(rate, bid, ask):
    one = of_bar({"funding_rate": rate, "bid_depth": bid, "ask_depth": ask})
    other = of_bar({"funding_rate": -rate, "bid_depth": ask, "ask_depth": bid})
    assert other == {name: pytest.approx(-each, abs=1e-6) for name, each in one.items()}
