"""The policy in force in a turn: a module's own, under what people have changed of it by rulings."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pydantic
import pytest

from strands.given import Given
from strands.rulings.fold import Rulings
from strands.strand import Strand
from tests.factories import NOON
from tradingops.modules import policy as policies
from tradingops.people import acts, rulings

HOUR = timedelta(hours=1)


class Pause(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(frozen=True, extra="forbid")

    short: int = 1
    long: int = 10


class Rest(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(frozen=True, extra="forbid")

    minutes: int = pydantic.Field(30, ge=0, le=60)
    share: float = pydantic.Field(0.5, ge=0, le=1)
    pause: Pause = Pause()


OWN = Rest()


def changing(values: dict[str, Any], *, nth: int = 0, to: str = "alpha", **more: Any) -> Strand:
    asked = acts.Asked(by="ann", reason="a test", at=NOON, asked_at=NOON + timedelta(seconds=nth))
    return acts.policy(to, values, asked=asked, **more)


def ruled(*said: Strand) -> Rulings:
    return Rulings(said, check=rulings.check({"alpha": OWN, "dm": OWN}))


def in_force(*said: Strand, partition: str = "X", now: Any = NOON) -> Rest:
    return policies.effective(OWN, ruled(*said).given(now, "alpha", partition))


def test_without_a_change_the_modules_own_policy_itself_is_in_force():
    assert in_force() is OWN
    assert in_force(changing({"minutes": 5}, to="dm")) is OWN


@pytest.mark.parametrize("partition", ["", "X", "NEVER-HEARD-OF"])
def test_a_change_without_a_symbol_is_in_force_for_every_symbol_from_the_first_turn_on(partition: str):
    assert in_force(changing({"minutes": 5}), partition=partition) == Rest(minutes=5)


def test_a_change_with_a_symbol_is_in_force_for_that_symbol_alone_over_what_is_for_all():
    said = changing({"minutes": 7}, symbol="X"), changing({"minutes": 5, "share": 0.1})
    assert in_force(*said, partition="X") == Rest(minutes=7, share=0.1)
    assert in_force(*said, partition="Y") == Rest(minutes=5, share=0.1)


def test_changes_add_up_and_null_goes_back_to_the_modules_own():
    said = changing({"minutes": 5}), changing({"share": 0.1})
    assert in_force(*said) == Rest(minutes=5, share=0.1)
    assert in_force(*said, changing({"minutes": None})) == Rest(share=0.1)
    assert in_force(*said, changing({"minutes": None, "share": None})) == OWN


def test_a_field_within_a_field_is_changed_without_its_neighbours():
    said = changing({"pause": {"short": 2}}), changing({"pause": {"long": 20}})
    assert in_force(*said).pause == Pause(short=2, long=20)
    assert in_force(*said, changing({"pause": {"short": None}})).pause == Pause(long=20)


def test_a_change_with_a_term_is_in_force_between_its_moments_of_market_time():
    said = changing({"minutes": 5}, term=acts.Term(begins=NOON, ends=NOON + HOUR))
    found = [in_force(said, now=NOON + n * HOUR).minutes for n in (-1, 0, 1)]
    assert found == [30, 5, 30]


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"minutes": 61}, "minutes: 61: "),
        ({"hours": 1}, "hours: 1: "),
        ({"share": "much"}, "share: 'much': "),
        ({"pause": {"longer": 1}}, "pause.longer: 1: "),
        ({"pause": 3}, "pause: 3: "),
    ],
)
def test_a_broken_change_is_refused_by_field_value_and_rule_and_changes_nothing(change: dict[str, Any], word: str):
    sound, broken = changing({"minutes": 5}), changing(change, nth=1)
    found = ruled(sound, broken)
    assert found.refused[broken.id].startswith(word)
    assert rulings.refusal(broken, rulings=ruled(sound)) == found.refused[broken.id]
    assert policies.effective(OWN, found.given(NOON, "alpha", "X")) == Rest(minutes=5)


def test_a_change_for_somebody_without_a_policy_is_refused_and_names_those_that_have_one():
    lost = changing({"minutes": 5}, to="venue")
    assert (
        rulings.refusal(lost, rulings=ruled())
        == "venue: has no policy that could change; those that have are alpha, dm"
    )
    assert rulings.refusal(changing({"minutes": 5}), rulings=ruled(lost)) is None


def test_the_same_values_give_the_same_policy_object():
    first, again = (ruled(changing({"minutes": 5}, nth=nth)).given(NOON, "alpha") for nth in range(2))
    assert first.policy.id != again.policy.id
    assert policies.effective(OWN, first) is policies.effective(OWN, again)


def test_two_modules_of_one_kind_never_share_what_is_remembered():
    given = ruled(changing({"share": 0.2})).given(NOON, "alpha")
    assert [policies.effective(Rest(minutes=minutes), given).minutes for minutes in (1, 2)] == [1, 2]


def test_many_policies_do_not_fill_the_memory():
    own = Rest(share=0.9)
    for nth in range(2 * policies.KEPT_POLICIES):
        given = Rulings([changing({"pause": {"long": nth}})]).given(NOON, "alpha")
        assert policies.effective(own, given).pause.long == nth
    assert len(policies._KNOWN) <= policies.KEPT_POLICIES


def test_a_turn_that_nobody_ruled_over_goes_by_the_modules_own():
    assert policies.effective(OWN, Given(NOON)) is OWN
