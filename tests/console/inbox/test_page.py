"""The inbox: looking changes nothing, a word is bound to what was seen, and ten thousand plans are no burden."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portfolio.reviews.models import Review
from strands.models import PeopleStrand
from tests.console import desk
from tests.console.trades.test_page import a_trade
from tests.deciding import BTC, ETH, NOON, a_bar, heard, ready
from tests.reviews import a_long_plan, asking
from tradingops.console.inbox import words
from tradingops.mandates.models import Mandate

pytestmark = pytest.mark.django_db
#: No market is open in these tests, so that the clock's time is the desk's: a deadline that it does not reach.
NEVER = NOON + timedelta(days=36_500)
#: What a dialog's form is known by.
SENT = {"_form_submitted": "True"}


def a_review(nth: int = 0, **told: Any) -> Review:
    """Return a plan that waits, not saved."""
    return Review(
        **{
            "id": f"ITEM{nth:06}",
            "plan_id": f"plan-{nth}",
            "lifecycle_id": f"life-{nth}",
            "symbol": BTC,
            "direction": "long",
            "size": 0.02,
            "quantity": "20",
            "entry_price": "100",
            "stop_loss": "99",
            "take_profit": "102",
            "asked_at": NOON,
            "deadline": NEVER + timedelta(seconds=nth),
            "needs": "one",
            "silence": "reject",
            "version": 1,
            "hash": f"{nth:064}",
            "shown_id": f"ITEM{nth:06}",
            "have": [],
            "authors": [],
            **told,
        }
    )


def browser(role: str = "operator") -> Client:
    person = User.objects.create_user(role, is_staff=True)
    person.groups.set([Group.objects.get(name=role)])
    client = Client()
    client.force_login(person)
    return client


def seen_in(answer: Any) -> dict[str, str]:
    """Return which plans a dialog is about, with the hash of each."""
    found: dict[str, str] = json.loads(answer.context["form"].initial["seen"])
    return found


def test_fifty_looks_of_a_machine_change_nothing() -> None:
    Review.objects.bulk_create([a_review()])
    client, before = browser(), list(Review.objects.values())
    said = PeopleStrand.objects.count()
    addresses = [
        reverse("admin:console_inbox"),
        reverse("admin:console_inbox_item", args=["ITEM000000"]),
        *(reverse("admin:console_inbox_action", args=[each]) for each in ("approve", "modify", "reject")),
    ]
    for nth in range(50):
        address = addresses[nth % len(addresses)]
        assert client.get(address, {"one": "ITEM000000", "hash": f"{0:064}"}).status_code == 200
        assert client.head(address).status_code == 200
    assert list(Review.objects.values()) == before
    assert PeopleStrand.objects.count() == said


def test_a_word_is_bound_to_what_the_page_showed() -> None:
    Review.objects.bulk_create([a_review()])
    client, address = browser(), reverse("admin:console_inbox_action", args=["modify"])
    seen = seen_in(client.get(address, {"one": "ITEM000000", "hash": "as seen"}))
    assert seen == {"ITEM000000": "as seen"}
    refused = client.post(address, {**SENT, "seen": json.dumps(seen), "reason": ""})
    assert refused.status_code == 200
    assert not PeopleStrand.objects.filter(kind="verdict").exists()
    told = {**SENT, "seen": json.dumps(seen), "reason": "tighter", "stop_loss": "99.5"}
    assert client.post(address, told).headers["HX-Redirect"].endswith("/ITEM000000/")
    said = PeopleStrand.objects.get(kind="verdict").op_verdict
    assert (said["verdict"], said["plan_hash"], said["by"]) == ("modify", "as seen", "operator")
    assert said["changes"] == {"stop_loss": "99.5"}


def test_a_bulk_means_the_plans_that_were_there_at_the_click() -> None:
    Review.objects.bulk_create([a_review(0), a_review(1), a_review(2, symbol=ETH)])
    client, address = browser(), reverse("admin:console_inbox_action", args=["approve"])
    seen = seen_in(client.get(address, {"symbol": BTC}))
    assert list(seen) == ["ITEM000000", "ITEM000001"]
    Review.objects.bulk_create([a_review(3)])
    client.post(address, {**SENT, "seen": json.dumps(seen), "reason": "all sound"})
    said = [each.op_verdict for each in PeopleStrand.objects.filter(kind="verdict").order_by("said")]
    assert [each["plan_id"] for each in said] == ["plan-0", "plan-1"]
    assert len({each["bulk"] for each in said}) == 1


def test_two_people_who_decide_on_overlapping_sets_are_told_of_each_plan() -> None:
    Review.objects.bulk_create([a_review(nth) for nth in range(3)])
    ann, bob, address = (
        browser("operator"),
        browser("risk officer"),
        reverse("admin:console_inbox_action", args=["approve"]),
    )
    seen = seen_in(ann.get(address))
    ann.post(address, {**SENT, "seen": json.dumps({"ITEM000000": seen["ITEM000000"]}), "reason": "the first"})
    Review.objects.filter(pk="ITEM000001").update(outcome="rejected", ended_at=NOON)
    told = ann.post(address, {**SENT, "seen": json.dumps(seen), "reason": "all of them"}).content.decode()
    assert told.count("<li>") == 3
    assert "Said of 1 plan." in told
    assert "nobody counts twice" in told
    assert "has ended: rejected" in told
    assert (
        "Said of 2 plans." in bob.post(address, {**SENT, "seen": json.dumps(seen), "reason": "me too"}).content.decode()
    )
    said = [each.op_verdict for each in PeopleStrand.objects.filter(kind="verdict").order_by("said")]
    assert [(each["by"], each["plan_id"]) for each in said] == [
        ("operator", "plan-0"),
        ("operator", "plan-2"),
        ("risk officer", "plan-0"),
        ("risk officer", "plan-2"),
    ]


def test_what_is_said_beside_a_plan_and_whom_it_is_given_to_stand_on_its_page_and_decide_nothing() -> None:
    Review.objects.bulk_create([a_review()])
    before = list(Review.objects.values())
    ann = browser("operator")
    browser("viewer")
    comment, give = (reverse("admin:console_inbox_aside", args=["ITEM000000", each]) for each in ("comment", "assign"))
    assert ann.get(comment).status_code == ann.get(give).status_code == 200
    assert not PeopleStrand.objects.exists()
    ann.post(comment, {**SENT, "words": "news <b>at</b> noon"})
    assert "viewer" not in ann.get(give).content.decode()
    assert ann.post(give, {**SENT, "to": "viewer", "words": "yours"}).status_code == 200
    ann.post(give, {**SENT, "to": "operator", "words": "mine, then"})
    notes = [(each.op_note["action"], each.lifecycle_id) for each in PeopleStrand.objects.order_by("said")]
    assert notes == [("review_comment", "life-0"), ("review_assign", "life-0")]
    page = ann.get(reverse("admin:console_inbox_item", args=["ITEM000000"])).content.decode()
    assert "news &lt;b&gt;at&lt;/b&gt; noon" in page
    assert "Given to operator" in page
    assert "operator</td>" in ann.get(reverse("admin:console_inbox")).content.decode()
    assert list(Review.objects.values()) == before


ALL_THAT_BEARS_ON_IT = (
    *("lost at the stop", "exposure of the desk", "weight of the symbol", "halted"),
    *("long BTC-PERP", "No lesson bore on it"),
)


def test_the_page_of_a_plan_shows_all_that_bears_on_it_in_a_dozen_queries() -> None:
    asked, told = decided()
    Review.objects.bulk_create([a_review(id=asked.id, shown_id=asked.id, timeframe="1m", asked_at=NOON, **told)])
    a_trade(0, symbol=BTC, direction="long").save()
    client = browser("viewer")
    address = reverse("admin:console_inbox_item", args=[asked.id])
    before = a_review(7, outcome="approved", ended_at=NOON, asked_at=NOON - timedelta(hours=1))
    Review.objects.bulk_create([before, a_review(8, outcome="rejected", ended_at=NOON, direction="short")])
    a_trade(1, symbol=BTC, direction="short", lifecycle_id=before.lifecycle_id, pnl="12.5").save()
    client.get(address)
    cache.clear()
    with CaptureQueriesContext(connection) as queries:
        page = client.get(address).content.decode()
    assert len(queries) <= 12, [each["sql"][:80] for each in queries]
    assert reverse("admin:console_inbox_item", args=[before.id]) in page
    assert "ITEM000008" not in page
    assert "+12.50" in page
    for each in ALL_THAT_BEARS_ON_IT:
        assert each in page, each


def test_one_steps_from_a_plan_to_the_next_and_back_and_then_to_the_list() -> None:
    Review.objects.bulk_create([a_review(0), a_review(1, outcome="expired"), a_review(2), a_review(3, symbol=ETH)])
    client = browser("viewer")
    Mandate.objects.create(name="one symbol", person=User.objects.get(username="viewer"), symbols=[BTC])

    def led(way: str, nth: int) -> str:
        return str(client.get(reverse(f"admin:console_inbox_{way}", args=[f"ITEM{nth:06}"])).headers["Location"])

    for way, nth, to in (("next", 0, 2), ("next", 1, 2), ("previous", 2, 0), ("previous", 1, 0)):
        assert led(way, nth).endswith(f"/ITEM{to:06}/"), (way, nth)
    assert led("next", 2) == led("previous", 0) == reverse("admin:console_inbox")
    assert client.get(reverse("admin:console_inbox_next", args=["ITEM000003"])).status_code == 403


def test_a_dialog_names_its_plan_and_shows_what_it_holds() -> None:
    Review.objects.bulk_create([a_review()])
    address = reverse("admin:console_inbox_action", args=["modify"])
    shown = browser().get(address, {"one": "ITEM000000", "hash": "as seen"}).content.decode()
    assert f"Change and approve long {BTC}?" in shown
    for told in ("0.02", "100", "99", "102"):
        assert f'placeholder="{told}"' in shown, told


@pytest.mark.parametrize(
    ("value", "limit", "passed", "told"),
    [
        (0.3, 0.5, True, "0.2 to spare"),
        (0.7, 0.5, False, "0.2 too far"),
        ("long", "short", True, "—"),
        (None, 1, None, "—"),
        (2, 2, True, "0 to spare"),
    ],
)
def test_a_gates_distance_is_what_is_to_spare_or_too_far(value: Any, limit: Any, passed: Any, told: str) -> None:
    assert words.distance(value, limit, passed=passed) == told


def decided() -> tuple[Any, dict[str, Any]]:
    """Return the question of a decision maker about a plan, said on the wire with a bar before it."""
    dm = asking()
    _, (question, _) = heard(dm, [a_long_plan()], ready(dm))
    desk.said([a_bar(at=NOON), question])
    plan = question.payload["dm_decision"]["plan"]
    return question, {"size": plan["position_size"], "hash": question.payload["dm_decision"]["review"]["hash"]}


@pytest.mark.parametrize("seen", ["", "[]", "{}", "no", '{"ITEM000000": 1}'])
def test_what_no_dialog_sent_says_nothing(seen: str) -> None:
    Review.objects.bulk_create([a_review()])
    address = reverse("admin:console_inbox_action", args=["approve"])
    assert browser().post(address, {**SENT, "seen": seen, "reason": "forged"}).status_code == 200
    assert not PeopleStrand.objects.filter(kind="verdict").exists()


def test_ten_thousand_waiting_plans_take_a_dozen_queries_and_a_page_each() -> None:
    Review.objects.bulk_create([a_review(nth) for nth in range(10_000)])
    client, address = browser("viewer"), reverse("admin:console_inbox")
    client.get(address)
    with CaptureQueriesContext(connection) as asked:
        first = client.get(address)
    assert len(asked) <= 12
    second = client.get(address + first.context["after"])
    shown = [[row["item"].id for row in each.context["rows"]] for each in (first, second)]
    assert shown[0] + shown[1] == [f"ITEM{nth:06}" for nth in range(100)]


@pytest.mark.parametrize("query", ["?tab=none", "?needs=three", "?after=nowhere"])
def test_a_filter_that_means_nothing_is_refused(query: str) -> None:
    assert browser("viewer").get(reverse("admin:console_inbox") + query).status_code == 400
