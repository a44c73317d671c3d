"""The messages page: everything that waits, failed or expired in one list, and two things a person may do about it."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from strands import kinds, models
from tests.console import desk

pytestmark = pytest.mark.django_db
PAGE = "admin:console_messages"


def do(action: str) -> str:
    return reverse("admin:console_messages_action", args=[action])


@pytest.fixture
def chief(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("chief"))
    return client


def shown(chief: Client, **asked: Any) -> list[str]:
    return [row.strand_id for row in chief.get(reverse(PAGE), asked).context["rows"]]


def test_each_state_has_its_tab(chief: Client) -> None:
    [failed], expired, handled = desk.failed(), desk.expired(), desk.handled()
    retrying = desk.retrying()
    [waiting] = desk.said([desk.a_plan(1000)])
    states = {"failed": failed, "expired": expired, "delivered": handled, "retrying": retrying, "waiting": waiting}
    assert {state: shown(chief, tab=state, listener="dm") for state in states} == {
        state: [each.id] for state, each in states.items()
    }


def test_a_row_says_what_who_why_and_when_next(chief: Client) -> None:
    plan = desk.retrying(symbol="SOL-USD")
    [row] = chief.get(reverse(PAGE), {"tab": "retrying"}).context["rows"]
    assert list(row.line) == kinds.parts("alpha", "signal", plan.payload)
    assert (row.kind, row.symbol, row.tag, row.attempts) == ("signal", "SOL-USD", "dm:evaluate_plan", 1)
    assert row.error == "DeadlockDetected: stumbled over 500"
    assert row.next_try > row.at


def test_the_list_is_filtered_by_listener_symbol_and_strand(chief: Client) -> None:
    sol, btc = desk.failed(symbol="SOL-USD"), desk.failed(symbol="BTC-PERP", first_number=10)
    desk.said([desk.a_plan(70, symbol="SOL-USD"), desk.a_plan(71)])
    assert shown(chief, q="sol-usd") == [sol[0].id]
    assert shown(chief, q=btc[0].id) == [btc[0].id]
    assert shown(chief, listener="trader") == []
    assert len(shown(chief, tab="waiting", q="SOL-USD")) == 1


@pytest.mark.parametrize("tab", ["failed", "waiting"])
def test_pages_follow_one_another_until_every_message_was_shown_once(chief: Client, tab: str) -> None:
    plans = desk.failed(120) if tab == "failed" else desk.said(desk.a_plan(number) for number in range(120))
    seen: list[str] = []
    asked = {"tab": tab}
    while asked:
        page = chief.get(reverse(PAGE), asked)
        seen += [row.strand_id for row in page.context["rows"]]
        asked = dict(pair.split("=") for pair in page.context["older"].split("&")) if page.context["older"] else {}
    assert sorted(seen) == sorted(plan.id for plan in plans)


def test_asking_for_a_dialog_changes_nothing(chief: Client) -> None:
    desk.failed()
    page = chief.get(do("requeue"), {"tab": "failed"})
    assert "Requeue 1 message?" in page.content.decode()
    assert models.Delivery.objects.count() == 0


def test_a_posted_reason_requeues_one(chief: Client) -> None:
    desk.failed(3)
    [key, *_] = [row.key for row in chief.get(reverse(PAGE)).context["rows"]]
    answer = chief.post(f"{do('requeue')}?tab=failed&one={key}", {"reason": "mended", "_form_submitted": "on"})
    assert answer.headers["HX-Redirect"] == f"{reverse(PAGE)}?tab=failed"
    assert (models.Delivery.objects.count(), len(shown(chief))) == (1, 2)


def test_a_posted_reason_requeues_all_that_the_filter_finds_and_no_other(chief: Client) -> None:
    desk.failed(60, symbol="SOL-USD")
    desk.failed(2, first_number=90)
    chief.post(f"{do('requeue')}?tab=failed&q=SOL-USD", {"reason": "mended", "_form_submitted": "on"})
    assert (models.Delivery.objects.count(), len(shown(chief))) == (60, 2)


@pytest.mark.parametrize("reason", ["", "  ", "ok"])
def test_without_a_reason_nothing_happens(chief: Client, reason: str) -> None:
    desk.failed()
    answer = chief.post(f"{do('requeue')}?tab=failed", {"reason": reason, "_form_submitted": "on"})
    assert answer.context["form"].errors
    assert models.Delivery.objects.count() == 0


def test_a_skip_leaves_the_record_and_names_the_person(chief: Client) -> None:
    desk.retrying()
    chief.post(f"{do('skip')}?tab=retrying", {"reason": "the venue is gone", "_form_submitted": "on"})
    assert (models.Delivery.objects.count(), shown(chief)) == (0, [])
    [row] = chief.get(reverse(PAGE), {"every": "1"}).context["rows"]
    assert (row.status, row.error) == ("skipped", "skipped by chief: the venue is gone")


def test_why_shows_the_error_with_what_the_strand_says(chief: Client) -> None:
    desk.failed()
    [row] = chief.get(reverse(PAGE)).context["rows"]
    told = chief.get(do("why"), {"tab": "failed", "one": row.key}).content.decode()
    assert "RuntimeError: stumbled over 0" in told
    assert "trading_plan" in told


@pytest.mark.parametrize(("action", "tab"), [("skip", "failed"), ("requeue", "waiting"), ("delete", "failed")])
def test_what_cannot_be_done_to_a_message_is_not_found(chief: Client, action: str, tab: str) -> None:
    assert chief.get(do(action), {"tab": tab}).status_code == 404


@pytest.mark.parametrize("key", ["nonsense", "1", "0190f3a0-0000-7000-8000-000000000000"])
def test_a_message_that_is_gone_is_not_found(chief: Client, key: str) -> None:
    assert chief.get(do("why"), {"tab": "failed", "one": key}).status_code == 404


def test_whoever_may_only_look_is_offered_nothing_to_do(client: Client) -> None:
    desk.failed()
    person = User.objects.create_user("watcher", is_staff=True)
    person.user_permissions.add(Permission.objects.get(codename="view_delivery"))
    client.force_login(person)
    page = client.get(reverse(PAGE))
    assert page.context["action"] is None
    assert do("requeue") not in page.content.decode()
    assert client.post(f"{do('requeue')}?tab=failed", {"reason": "I may not"}).status_code == 403
    assert models.Delivery.objects.count() == 0


def test_a_filter_that_makes_no_sense_shows_what_failed(chief: Client) -> None:
    assert chief.get(reverse(PAGE), {"tab": "lost", "listener": "nobody"}).context["wanted"].tab == "failed"
