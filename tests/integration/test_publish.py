"""`manage.py publish`: numbers change for running modules, checked before anything is said."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from strands.models import AlphaStrand, DecisionStrand, PeopleStrand
from strands.wires.postgres import PostgresWire
from tests import deciding
from tests.factories import BREAKING_UP, a_bar

pytestmark = pytest.mark.django_db(transaction=True)

MINUTE = timedelta(minutes=1)


def publish(*arguments: str) -> dict[str, Any]:
    out = StringIO()
    call_command("publish", *arguments, "--json", stdout=out, stderr=StringIO())
    return dict(json.loads(out.getvalue()))


def refused(*arguments: str) -> str:
    """Return why a change is refused, after a look that nothing of it was said."""
    with pytest.raises(CommandError) as refusal:
        publish(*arguments)
    assert refusal.value.returncode == 1
    assert not PeopleStrand.objects.exists()
    return str(refusal.value)


def said() -> list[Any]:
    rows = PeopleStrand.objects.order_by("said").values_list("symbol", "tags", "op_policy")
    terms = ("from", "until")
    return [
        (symbol, tags, {**told["content"], **{edge: told[edge] for edge in terms if edge in told}})
        for symbol, tags, told in rows
    ]


def run(module: str) -> None:
    call_command("run_module", module, "--once", stderr=StringIO())


def least_confidence(wire: PostgresWire, at: datetime, *symbols: str) -> list[float]:
    """Return the least confidence that the decisions on a plan for each symbol went by."""
    signals = [deciding.a_signal(at=at, symbol=symbol) for symbol in symbols]
    wire.publish(signals)
    run("dm")
    decided = dict(DecisionStrand.objects.filter(kind="decision").values_list("parent_id", "dm_decision"))
    gates = [each for signal in signals for each in decided[signal.id]["gates"]]
    return [each["limit"] for each in gates if each["gate"] == "confidence"]


def test_the_next_decision_goes_by_the_new_number_and_by_the_default_again(real_wire: PostgresWire) -> None:
    real_wire.publish([deciding.a_bar(), deciding.a_bar(symbol=deciding.ETH), deciding.a_risk_update()])
    before = least_confidence(real_wire, deciding.NOON, deciding.BTC)
    publish("dm.min_confidence=0.61", "--reason", "a drill")
    later = deciding.NOON + MINUTE
    assert least_confidence(real_wire, later, deciding.BTC, deciding.ETH) == [0.61, 0.61]
    publish("dm.min_confidence=null")
    assert least_confidence(real_wire, later + MINUTE, deciding.BTC) == before != [0.61]


def test_a_symbol_first_heard_of_later_goes_by_the_new_number_too(real_wire: PostgresWire) -> None:
    real_wire.publish([a_bar(symbol="OLD-PERP", features=BREAKING_UP)])
    run("alpha")
    publish("alpha.min_confidence=0.99")
    real_wire.publish([a_bar(symbol="NEW-PERP", features=BREAKING_UP)])
    run("alpha")
    assert [*AlphaStrand.objects.filter(kind="signal").values_list("symbol", flat=True)] == ["OLD-PERP"]


def test_a_change_is_said_in_the_policy_s_own_types_with_who_and_why() -> None:
    told = publish("dm.approve_score=0.8", "alpha.lessons=off", "--reason", "calmer")
    assert said() == [
        (None, ["alpha:policy_changed"], {"lessons": {"enabled": False}}),
        (None, ["dm:policy_changed"], {"approve_score": 0.8}),
    ]
    assert PeopleStrand.objects.first().op_note["reason"] == "calmer"
    assert {each["id"] for each in told["changes"]} == set(PeopleStrand.objects.values_list("id", flat=True))


def test_a_change_may_be_for_one_symbol_and_a_term() -> None:
    publish(
        *("alpha.min_confidence=0.7", "--symbol", "BTC-PERP"),
        *("--from", "2022-01-03T12:00:00Z", "--until", "2022-01-03T13:00:00Z"),
    )
    term = {"from": "2022-01-03T12:00:00+00:00", "until": "2022-01-03T13:00:00+00:00"}
    assert said() == [("BTC-PERP", ["alpha:policy_changed"], {"min_confidence": 0.7, **term})]


def test_it_is_said_at_the_moment_of_the_newest_bar(real_wire: PostgresWire) -> None:
    real_wire.publish([deciding.a_bar(at=deciding.NOON), deciding.a_bar(at=deciding.NOON - MINUTE)])
    publish("dm.approve_score=0.8")
    assert PeopleStrand.objects.get().at == deciding.NOON


def test_a_dry_run_shows_the_change_and_says_nothing() -> None:
    told = publish("dm.approve_score=0.8", "--dry-run")
    assert told == {
        "dry_run": True,
        "changes": [{"id": None, "version": None, "module": "dm", "values": {"approve_score": 0.8}, "symbol": None}],
    }
    assert said() == []


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["dm.approve_score=2"], "dm.approve_score: '2': Input should be less than or equal to 1"),
        (
            ["risk.max_position=0.2", "dm.approve_score=high"],
            "dm.approve_score: 'high': Input should be a valid number",
        ),
        (["dm.apprve_score=.8"], "dm.apprve_score: no such setting"),
        (["dm.curators.tarot.kappa=.8"], "dm.curators.tarot"),
        (["dm.initial_cash=5"], "dm.initial_cash: '5': the book is counted from it"),
        (["risk.initial_cash=null"], "risk.initial_cash: None: the book is counted from it"),
        (["market.slow=1h"], "market.slow: a feed goes by what it was started with"),
        (["risk.max_position=0.2", "--symbol", "BTC-PERP"], "symbol: 'BTC-PERP': risk has one policy for all symbols"),
        (["alpha.min_confidence=0.7", "--symbol", ""], "symbol: '' names none; leave it out for all symbols"),
        (["dm.approve_score=.8", "--from", "noon"], "--from noon: is no moment"),
        (["dm.approve_score=.8", "--from", "2022-01-03T12:00:00Z", "--until", "2022-01-03T12:00:00Z"], "is not after"),
    ],
)
def test_what_a_module_could_not_take_is_refused_with_field_value_and_rule_and_nothing_is_said(
    arguments: list[str], reason: str
) -> None:
    assert reason in refused(*arguments)


def test_what_is_no_pair_is_a_wrong_use() -> None:
    with pytest.raises(CommandError, match="say KEY=VALUE") as refusal:
        publish("dm.approve_score")
    assert refusal.value.returncode == 2


def test_a_change_is_checked_on_top_of_what_is_in_force() -> None:
    publish("risk.max_concentration=0.25")
    with pytest.raises(CommandError, match="warn_concentration"):
        publish("risk.warn_concentration=0.28")
    publish("risk.max_concentration=null", "risk.warn_concentration=0.28")
    assert [policy for _, _, policy in said()] == [
        {"max_concentration": 0.25},
        {"warn_concentration": 0.28},
    ]
