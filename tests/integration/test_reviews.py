"""A plan that waits is a row; people's words on it reach the decision maker; rows are made again the same."""

from __future__ import annotations

import dataclasses
import json
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.db import connection

from portfolio.plans import projections as plans
from portfolio.plans.models import Approval
from portfolio.reviews import projections as reviews
from portfolio.reviews.models import Review
from strands import tables
from strands.models import PeopleStrand
from strands.wires import rows
from strands.wires.postgres import PostgresWire
from tests import instruments
from tests.deciding import BTC, NOON, a_bar, a_risk_update
from tests.integration.conftest import AT_ONCE
from tests.reviews import a_long_plan, asking
from tradingops import engine, environments
from tradingops.management import reviewing
from tradingops.mandates.models import Mandate
from tradingops.people import verdicts

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk() -> PostgresWire:
    """A wire with every projection over Django's own connection, so that all is undone with the test."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return PostgresWire(
        lambda: connection.connection,
        retry=AT_ONCE,
        projections=(plans.project, reviews.project),
        keepers=environments.modules(),
    )


def waits(desk: PostgresWire, dm: Any) -> Review:
    """Let a plan come up for review, and return its row."""
    told = instruments.told(BTC, NOON, tick="0.01", lot="0.001", least_notional=10)
    for each in (told, a_bar(), a_risk_update(), a_long_plan()):
        desk.publish([each])
        engine.drain([dm], desk, engine.market_time)
    return Review.objects.get()


def heard(desk: PostgresWire, dm: Any) -> Review:
    engine.drain([dm], desk, engine.market_time)
    return Review.objects.get()


def person(name: str, role: str = "operator") -> User:
    made = User.objects.create_user(name, is_staff=True)
    made.groups.set([Group.objects.get(name=role)])
    return made


def run(*options: str) -> dict[str, Any]:
    out = StringIO()
    call_command("review", *options, "--json", stdout=out, stderr=StringIO())
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


def last(row: Review) -> dict[str, Any]:
    """Return what the newest answer on a plan tells."""
    told: dict[str, Any] = max((row.answers or {}).values(), key=lambda each: each["nth"])
    return told


def test_two_people_decide_and_the_record_tells_who_when_and_why(desk: PostgresWire) -> None:
    dm, ann, bob = asking({"needs": "two"}), person("ann"), person("bob", "risk officer")
    row = waits(desk, dm)
    assert (row.symbol, row.direction, row.needs, row.outcome) == (BTC, "long", "two", None)
    assert (row.version, len(row.hash), row.have, row.may_decide) == (1, 64, [], None)
    assert verdicts.tell_who_may_decide() == 1
    row = heard(desk, dm)
    assert row.may_decide == ["ann", "bob"]
    assert verdicts.tell_who_may_decide() == 0
    verdicts.decide(row, "approve", person=ann, shown=row.hash, reason="as planned")
    row = heard(desk, dm)
    ann.username = "anna"
    ann.save()
    verdicts.decide(row, "approve", person=ann, shown=row.hash, reason="once more")
    row = heard(desk, dm)
    assert "is for it already" in last(row)["reason"]
    verdicts.decide(row, "approve", person=bob, shown=row.hash, reason="agreed")
    row = heard(desk, dm)
    assert (row.outcome, row.have) == ("approved", [f"user:{ann.pk}", f"user:{bob.pk}"])
    review = Approval.objects.get().decision_factors["review"]
    assert review["people"] == ["ann", "bob"]
    assert [each["comment"] for each in review["verdicts"]] == ["as planned", "agreed"]
    before = Review.objects.values().get()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM dm_reviews")
        reviews.project(connection.connection, _everything(cursor))
    assert Review.objects.values().get() == before


def _everything(cursor: Any) -> list[Any]:
    found = []
    for name in ("dm", "op"):
        table = tables.TABLES[name]
        cursor.execute(f"SELECT said, row_to_json(strand)::text FROM {table.name} AS strand")
        found += [(said, rows.strand(table, text)) for said, text in cursor.fetchall()]
    return [strand for _, strand in sorted(found, key=lambda each: each[0])]


def test_a_changed_plan_leaves_the_one_that_alpha_made_beside_it(desk: PostgresWire) -> None:
    dm, ann = asking(), person("ann")
    row = waits(desk, dm)
    verdicts.decide(row, "modify", person=ann, shown=row.hash, reason="less", changes={"position_size": "0.02"})
    row = heard(desk, dm)
    approval = Approval.objects.get()
    assert (row.outcome, row.decision_id is not None) == ("changed", True)
    assert [each["position_size"] for each in approval.alternative_plans] == [0.08]
    assert approval.decision_factors["review"]["changes"] == {"position_size": 0.02}


def test_an_approval_of_somebody_who_lost_the_right_counts_no_more(desk: PostgresWire) -> None:
    dm, ann, bob = asking({"needs": "two"}), person("ann"), person("bob")
    row = waits(desk, dm)
    verdicts.decide(row, "approve", person=ann, shown=row.hash, reason="as planned")
    row = heard(desk, dm)
    ann.is_active = False
    ann.save()
    verdicts.decide(row, "approve", person=bob, shown=row.hash, reason="agreed")
    row = heard(desk, dm)
    assert (row.outcome, row.have) == (None, [f"user:{bob.pk}"])
    assert list(last(row)["lapsed"]) == [f"user:{ann.pk}"]
    with pytest.raises(PermissionDenied):
        verdicts.decide(row, "approve", person=ann, shown=row.hash, reason="again")


def test_where_too_few_may_decide_silence_acts_at_once(desk: PostgresWire) -> None:
    dm = asking({"needs": "two"})
    person("ann")
    person("vic", "viewer")
    bounded = person("bob")
    mandate = Mandate.objects.create(name="ether", person=bounded, symbols=["ETH-PERP"])
    waits(desk, dm)
    verdicts.tell_who_may_decide()
    row = heard(desk, dm)
    assert mandate.symbols == ["ETH-PERP"]
    assert (row.outcome, row.may_decide) == ("expired", ["ann"])
    assert "1 of 2 people may decide" in last(row)["reason"]


def test_nobody_without_the_right_or_beyond_a_mandate_says_anything(desk: PostgresWire) -> None:
    row = waits(desk, asking())
    said = PeopleStrand.objects.count()
    with pytest.raises(PermissionDenied):
        verdicts.decide(row, "approve", person=person("vic", "viewer"), shown=row.hash, reason="x")
    bounded = person("bob")
    Mandate.objects.create(name="small", person=bounded, most_notional=100)
    with pytest.raises(verdicts.RefusedVerdict, match=r"size: .* the mandate 'small' allows at most 100"):
        verdicts.decide(row, "approve", person=bounded, shown=row.hash, reason="x")
    assert PeopleStrand.objects.count() == said


def test_the_command_lists_what_waits_and_says_a_word_bound_to_what_was_seen(desk: PostgresWire) -> None:
    dm = asking()
    row = waits(desk, dm)
    [shown] = run("list")["waiting"]
    assert (shown["item"], shown["hash"]) == (row.id, row.hash)
    for options, said in (
        (["approve", row.id], "plan_hash: '' is none"),
        (["approve", "NONE", "--hash", row.hash], "item: 'NONE' is none"),
        (["reject", row.id, "--hash", row.hash], "reason: '' tells nothing"),
        (["modify", row.id, "--hash", row.hash], "only modify has changes"),
        (["modify", row.id, "--hash", row.hash, "--set", "direction=short"], "changes.direction: cannot be changed"),
    ):
        with pytest.raises(CommandError, match=said):
            run(*options)
    run("approve", row.id, "--hash", "another", "--reason", "blind")
    assert heard(desk, dm).outcome is None
    run("approve", row.id, "--hash", row.hash, "--reason", "as planned")
    assert heard(desk, dm).outcome == "approved"


def test_the_deadline_is_told_once_though_the_decision_maker_hears_no_bar(desk: PostgresWire) -> None:
    dm = asking()
    person("ann")
    row = waits(desk, dm)
    verdicts.tell_who_may_decide()
    heard(desk, dm)
    desk.publish([dataclasses.replace(a_bar(at=row.deadline), tags=())])
    assert (verdicts.tell_who_may_decide(), verdicts.tell_who_may_decide()) == (1, 0)
    assert heard(desk, dm).outcome == "expired"


@pytest.mark.django_db(transaction=True)
def test_reviews_are_turned_on_once_by_a_version_of_the_policy_and_not_over_what_people_said() -> None:
    assert reviewing.turn_on()
    said = PeopleStrand.objects.get()
    (band,) = said.op_policy["content"]["review"]["bands"]
    assert (said.kind, band["needs"], band["min_size"]) == ("policy_published", "one", 0.02)
    assert not reviewing.turn_on()
    assert PeopleStrand.objects.count() == 1
