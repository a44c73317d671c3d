"""Limits: ok, warning at four fifths, breach beyond."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio import limits
from portfolio.limits import Level, Limit


def limit(maximum: float = 0.3, warn_share: float = 0.8) -> Limit:
    return Limit(name="concentration", maximum=maximum, warn_share=warn_share)


@pytest.mark.parametrize(
    ("value", "level"),
    [
        (0.0, Level.OK),
        (0.2399, Level.OK),
        (0.24, Level.WARNING),
        (0.3, Level.WARNING),
        (0.3001, Level.BREACH),
        (None, Level.OK),
    ],
)
def test_the_level_follows_the_value(value, level):
    assert limit().use(value).level is level


def test_a_use_tells_value_maximum_share_and_level():
    assert limit().use(0.15).to_json() == {
        "limit": "concentration",
        "value": 0.15,
        "maximum": 0.3,
        "used": 0.5,
        "warn_at": 0.24,
        "level": "ok",
    }


def test_a_value_that_is_not_known_has_no_share():
    told = limit().use(None).to_json()
    assert (told["value"], told["used"], told["level"]) == (None, None, "ok")


def test_the_worst_of_many_is_the_gravest():
    uses = [limit().use(value) for value in (0.1, 0.4, 0.25)]
    assert limits.worst(uses) is Level.BREACH
    assert limits.worst(uses[::2]) is Level.WARNING
    assert limits.worst([]) is Level.OK


@pytest.mark.parametrize(
    ("maximum", "warn_share", "field"), [(0.0, 0.8, "maximum"), (1.0, 0.0, "warn_share"), (1.0, 1.1, "warn_share")]
)
def test_a_limit_without_room_is_refused(maximum, warn_share, field):
    with pytest.raises(ValueError, match=field):
        limit(maximum, warn_share)


@given(st.floats(0, 10), st.floats(0, 10), st.floats(0.01, 1))
def test_more_is_never_less_grave(one, other, warn_share):
    few, many = sorted((one, other))
    order = list(Level)
    judged = limit(1.0, warn_share)
    assert order.index(judged.use(few).level) <= order.index(judged.use(many).level)
