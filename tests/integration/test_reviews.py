"""A plan that waits is a row; people's words on it reach the decision maker; rows are made again the same."""

from __future__ import annotations

import dataclasses
import json
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from portfolio.plans import projections as plans
from portfolio.plans.models import Approval
from portfolio.reviews import projections as reviews
from portfolio.reviews.models import Review
from strands import tables
from strands.models import PeopleStrand
from strands.strand import first
from strands.wires import rows
from strands.wires.postgres import PostgresWire
from tests import instruments
from tests.deciding import BTC, NOON, a_bar, a_risk_update
from tests.integration.conftest import AT_ONCE
from tests.reviews import a_long_plan, asking
from tradingops import engine, environments
from tradingops.audit import acting
from tradingops.management import reviewing
from tradingops.mandates.models import Mandate
from tradingops.modules.decision.reviews import due
from tradingops.people import acts, reviewers, say, verdicts

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


def decide(row: Review, word: str, *, person: User, **more: Any) -> None:
    """Say somebody's word, as a request of theirs does."""
    with acting.acting(lambda: {"actor": person.get_username(), "actor_id": person.pk}):
        verdicts.decide(row, word, person=person, **more)


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
    assert reviewers.Telling()() == 1
    row = heard(desk, dm)
    assert row.may_decide == ["ann", "bob"]
    assert reviewers.Telling()() == 0
    decide(row, "approve", person=ann, shown=row.hash, reason="as planned")
    row = heard(desk, dm)
    ann.username = "anna"
    ann.save()
    with pytest.raises(verdicts.RefusedVerdict, match="anna has said so of this plan already; nobody counts twice"):
        decide(row, "approve", person=ann, shown=row.hash, reason="once more")
    decide(row, "approve", person=bob, shown=row.hash, reason="agreed")
    row = heard(desk, dm)
    assert (row.outcome, row.have) == ("approved", [f"user:{ann.pk}", f"user:{bob.pk}"])
    approval = Approval.objects.get()
    review = approval.decision_factors["review"]
    assert review["people"] == ["ann", "bob"]
    assert approval.approval_reason == "ann: as planned; bob: agreed"
    assert [each["person"] for each in review["verdicts"]] == row.have
    assert all(each["at"] for each in review["verdicts"])
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
    decide(row, "modify", person=ann, shown=row.hash, reason="less", changes={"position_size": "0.02"})
    row = heard(desk, dm)
    approval = Approval.objects.get()
    assert (row.outcome, row.decision_id is not None) == ("changed", True)
    assert [each["position_size"] for each in approval.alternative_plans] == [0.08]
    assert approval.decision_factors["review"]["changes"] == {"position_size": 0.02}
    assert {
        "field": "position_size",
        "from": 0.08,
        "to": 0.02,
        "because": "changed by people",
    } in approval.modifications


def test_an_approval_of_somebody_who_lost_the_right_counts_no_more(desk: PostgresWire) -> None:
    dm, ann, bob = asking({"needs": "two"}), person("ann"), person("bob")
    person("cem")
    row = waits(desk, dm)
    decide(row, "approve", person=ann, shown=row.hash, reason="as planned")
    row = heard(desk, dm)
    ann.is_active = False
    ann.save()
    decide(row, "approve", person=bob, shown=row.hash, reason="agreed")
    row = heard(desk, dm)
    assert (row.outcome, row.have) == (None, [f"user:{bob.pk}"])
    assert list(last(row)["lapsed"]) == [f"user:{ann.pk}"]
    with pytest.raises(PermissionDenied):
        decide(row, "approve", person=ann, shown=row.hash, reason="again")


def test_where_too_few_may_decide_silence_acts_at_once(desk: PostgresWire) -> None:
    dm = asking({"needs": "two"})
    person("ann")
    person("vic", "viewer")
    bounded = person("bob")
    mandate = Mandate.objects.create(name="ether", person=bounded, symbols=["ETH-PERP"])
    waits(desk, dm)
    reviewers.Telling()()
    row = heard(desk, dm)
    assert mandate.symbols == ["ETH-PERP"]
    assert (row.outcome, row.may_decide) == ("expired", ["ann"])
    assert "1 of 2 people may decide" in last(row)["reason"]


def test_nobody_without_the_right_or_beyond_a_mandate_says_anything(desk: PostgresWire) -> None:
    row = waits(desk, asking())
    said = PeopleStrand.objects.count()
    with pytest.raises(PermissionDenied):
        decide(row, "approve", person=person("vic", "viewer"), shown=row.hash, reason="x")
    bounded = person("bob")
    Mandate.objects.create(name="small", person=bounded, most_notional=100)
    with pytest.raises(verdicts.RefusedVerdict, match=r"size: .* the mandate 'small' allows at most 100"):
        decide(row, "approve", person=bounded, shown=row.hash, reason="x")
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


def test_the_bar_that_brings_the_deadline_tells_it_once_though_the_decision_maker_hears_no_bar(
    desk: PostgresWire,
) -> None:
    dm, ann = asking(), person("ann")
    row = waits(desk, dm)
    minute = timedelta(minutes=1)
    desk.publish([dataclasses.replace(a_bar(at=row.deadline - minute), tags=())])
    assert heard(desk, dm).outcome is None
    for at in (row.deadline, row.deadline + minute):
        desk.publish([dataclasses.replace(a_bar(at=at), tags=())])
    told = PeopleStrand.objects.get(kind="review_due")
    assert (told.id, told.at, told.tags) == (row.due_id, row.deadline, ["dm:review_verdict"])
    assert reviewers.tell_deadlines() == 0
    with pytest.raises(verdicts.RefusedVerdict, match="deadline: expired at"):
        decide(row, "approve", person=ann, shown=row.hash, reason="too late")
    row = heard(desk, dm)
    assert (row.outcome, row.ended_at) == ("expired", row.deadline)
    with pytest.raises(verdicts.RefusedVerdict, match="has ended: expired at"):
        decide(row, "approve", person=ann, shown=row.hash, reason="later still")


def test_a_deadline_in_memory_is_the_strand_that_the_database_says(desk: PostgresWire) -> None:
    dm = asking()
    row = waits(desk, dm)
    state = dm.load(json_of(desk))
    (ours,) = due.come({"dm": {"": state}}, row.deadline)
    desk.publish([dataclasses.replace(a_bar(at=row.deadline), tags=())])
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(strand)::text FROM op_strands AS strand WHERE kind = 'review_due'")
        theirs = rows.strand(tables.TABLES["op"], cursor.fetchone()[0])
    assert theirs == ours
    assert due.come({"dm": {"": state}}, row.deadline - timedelta(microseconds=1)) == []


def json_of(desk: PostgresWire) -> Any:
    """Return what is kept of the decision maker's state."""
    (text,) = desk.connection.execute("SELECT state FROM module_states WHERE listener = 'dm'").fetchone()
    return rows.decode(text)


def test_the_database_refuses_what_goes_round_the_pages(desk: PostgresWire) -> None:
    """Raw strands: of a stranger, for somebody else, of somebody without the right, twice, early, and on what ended."""
    dm, ann, vic = asking({"needs": "two"}), person("ann"), person("vic", "viewer")
    row = waits(desk, dm)

    def raw(who: str, *, actor: User | None = None, word: str = "approve", nth: int = 0) -> None:
        asked = acts.Asked(by=who, reason="x", at=NOON, asked_at=NOON + timedelta(seconds=nth), person=who)
        said = acts.verdict(
            row.plan_id, word, shown=row.hash, asked=asked, symbol=BTC, lifecycle_id=None, person=who or None
        )
        told = {"actor": "", "actor_id": actor.pk if actor else None}
        with acting.acting(lambda: told), transaction.atomic():
            say.publish(said)

    for who, actor, words in (
        ("", None, "null may not decide"),
        ("bob", None, "bob may not decide"),
        (f"user:{ann.pk}", vic, "nobody decides for somebody else"),
        (f"user:{ann.pk}", None, "nobody decides for somebody else"),
        ("account:root", ann, "nobody decides for somebody else"),
        (f"user:{vic.pk}", vic, "may not decide on plans"),
        ("user:999999", None, "nobody decides for somebody else"),
    ):
        with pytest.raises(IntegrityError, match=words):
            raw(who, actor=actor)
    raw(f"user:{ann.pk}", actor=ann)
    for nth in (1, 2):
        with pytest.raises(IntegrityError, match="nobody counts twice"):
            raw(f"user:{ann.pk}", actor=ann, nth=nth)
        row = heard(desk, dm)
    with pytest.raises(IntegrityError, match="nobody counts twice"):
        raw("account:ann", nth=3)
    forged = first(module="op", kind="review_due", at=NOON, payload={"op_verdict": {"plan_id": row.plan_id}})
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(IntegrityError, match="is that of no plan that waits"), transaction.atomic():
        say.publish(forged)
    raw(f"user:{ann.pk}", actor=ann, word="reject", nth=4)
    assert heard(desk, dm).outcome == "rejected"
    with pytest.raises(IntegrityError, match="has ended: rejected"):
        raw("account:root", nth=5)


def test_who_may_decide_is_reckoned_again_as_a_word_is_said(desk: PostgresWire) -> None:
    dm, ann = asking({"needs": "two"}), person("ann")
    person("bob")
    row = waits(desk, dm)
    reviewers.Telling()()
    heard(desk, dm)
    cem = person("cem")
    decide(row, "approve", person=cem, shown=row.hash, reason="new here")
    row = heard(desk, dm)
    assert (row.have, row.may_decide) == ([f"user:{cem.pk}"], ["ann", "bob", "cem"])
    telling = reviewers.Telling()
    assert telling() == 0
    cem.is_active = False
    cem.save()
    assert (telling(), telling()) == (1, 0)
    row = heard(desk, dm)
    assert (row.have, row.may_decide, row.outcome) == ([], ["ann", "bob"], None)
    ann.is_active = False
    ann.save()
    telling()
    assert heard(desk, dm).outcome == "expired"


@pytest.mark.django_db(transaction=True)
def test_reviews_are_turned_on_once_by_a_version_of_the_policy_and_not_over_what_people_said() -> None:
    assert reviewing.turn_on()
    said = PeopleStrand.objects.get()
    (band,) = said.op_policy["content"]["review"]["bands"]
    assert (said.kind, band["needs"], band["min_size"]) == ("policy_published", "one", 0.02)
    assert not reviewing.turn_on()
    assert PeopleStrand.objects.count() == 1
