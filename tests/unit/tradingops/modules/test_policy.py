"""Policies changed on the wire: taken when sound, remembered with their reason when not."""

from __future__ import annotations

import json

import pydantic
import pytest

from strands import strand
from strands.strand import Strand
from tests.factories import NOON
from tradingops.modules import policy as policies


class Pause(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(frozen=True, extra="forbid")

    short: int = 1
    long: int = 10


class Rest(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(frozen=True, extra="forbid")

    minutes: int = pydantic.Field(30, ge=0, le=60)
    share: float = pydantic.Field(0.5, ge=0, le=1)
    pause: Pause = Pause()


def changing(change: object, nth: int = 0) -> Strand:
    payload = {"op_policy": change}
    return strand.first(
        module="op", kind="policy_changed", at=NOON, tags=("alpha:policy_changed",), payload=payload, cause=(nth,)
    )


DEFAULT = Rest()


def test_without_a_change_the_default_itself_is_in_force():
    assert policies.effective(DEFAULT, {"policy": {}}) is DEFAULT
    assert policies.effective(DEFAULT, {}) is DEFAULT


def test_a_change_replaces_the_fields_it_names():
    state = policies.changed(DEFAULT, {"policy": {}}, changing({"minutes": 5}))
    assert policies.effective(DEFAULT, state) == Rest(minutes=5)


def test_changes_add_up_and_null_goes_back_to_the_default():
    state = policies.changed(DEFAULT, {}, changing({"minutes": 5}))
    state = policies.changed(DEFAULT, state, changing({"share": 0.1}))
    assert policies.effective(DEFAULT, state) == Rest(minutes=5, share=0.1)
    state = policies.changed(DEFAULT, state, changing({"minutes": None}))
    assert policies.effective(DEFAULT, state) == Rest(share=0.1)


def test_a_field_within_a_field_is_changed_without_its_neighbours():
    state = policies.changed(DEFAULT, {}, changing({"pause": {"short": 2}}))
    state = policies.changed(DEFAULT, state, changing({"pause": {"long": 20}}))
    assert policies.effective(DEFAULT, state).pause == Pause(short=2, long=20)
    state = policies.changed(DEFAULT, state, changing({"pause": {"short": None}}))
    assert policies.effective(DEFAULT, state).pause == Pause(long=20)


def test_the_same_overrides_give_the_same_policy_object_after_json():
    state = policies.changed(DEFAULT, {}, changing({"minutes": 5}))
    again = json.loads(json.dumps(state))
    assert policies.effective(DEFAULT, again) is policies.effective(DEFAULT, state)


def test_two_defaults_never_share_what_is_remembered():
    state = {"policy": {"share": 0.2}}
    assert policies.effective(Rest(minutes=1), state).minutes == 1
    assert policies.effective(Rest(minutes=2), state).minutes == 2


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"minutes": 61}, "minutes: 61: "),
        ({"hours": 1}, "hours: 1: "),
        ({"share": "much"}, "share: 'much': "),
        ("minutes=5", "op_policy: 'minutes=5'"),
        (None, "op_policy: None"),
    ],
)
def test_a_bad_change_leaves_the_policy_and_is_remembered_with_its_reason(change, word):
    before = policies.changed(DEFAULT, {}, changing({"minutes": 5}))
    after = policies.changed(DEFAULT, before, changing(change, nth=1))
    assert policies.effective(DEFAULT, after) == Rest(minutes=5)
    (refusal,) = after["refused_policies"]
    assert refusal["reason"].startswith(word)
    assert refusal["strand_id"] == changing(change, nth=1).id
    assert json.loads(json.dumps(after)) == after


def test_only_the_last_refusals_are_remembered():
    state: dict = {}
    for nth in range(25):
        state = policies.changed(DEFAULT, state, changing({"minutes": -1}, nth=nth))
    assert len(state["refused_policies"]) == policies.KEPT_REFUSALS
    assert state["refused_policies"][-1]["strand_id"] == changing({"minutes": -1}, nth=24).id


def test_many_policies_do_not_fill_the_memory():
    for nth in range(2 * policies.KEPT_POLICIES):
        policies.effective(Rest(share=0.9), {"policy": {"minutes": nth % 60}})
    assert len(policies._KNOWN) <= policies.KEPT_POLICIES
