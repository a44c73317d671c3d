"""The inbox: looking changes nothing, a word is bound to what was seen, and ten thousand plans are no burden."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portfolio.reviews.models import Review
from strands.models import PeopleStrand
from tests.deciding import BTC, ETH, NOON

pytestmark = pytest.mark.django_db
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
            "deadline": NOON + timedelta(minutes=30, seconds=nth),
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
