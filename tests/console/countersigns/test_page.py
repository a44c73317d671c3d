"""Asking for a second person, and answering, in the console."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse

from strands.models import PeopleStrand
from tests.integration.test_flatten import Desk
from tests.trading import BTC, QUIET, a_decision
from tradingops.countersigns.models import Countersign, SecondPerson
from tradingops.mandates.models import Mandate

SENT = {"_form_submitted": "on", "reason": "a look at <b>the</b> tape"}
BANNER = "admin:console_halts"
CLOSE = f"close?symbol={BTC}"


@pytest.fixture
def desk(transactional_db: None) -> Iterator[Desk]:
    SecondPerson.objects.update_or_create(id=1, defaults={"above": 999, "minutes": 15})
    desk = Desk()
    desk.hears(a_decision())
    desk.minutes(QUIET)
    yield desk
    desk.wire.close()


def somebody(name: str, role: str = "risk officer") -> Client:
    person = User.objects.create_user(name, is_staff=True)
    person.groups.set([Group.objects.get(name=role)])
    client = Client()
    client.force_login(person)
    return client


def address(client: Client, action: str) -> str:
    where = reverse("admin:console_countersigns_action", args=[action])
    return f"{where}?request={Countersign.objects.latest('asked_at').pk}"


def ask(client: Client, action: str = CLOSE) -> str:
    where = f"{reverse('admin:console_trades')}{action.replace('?', '/?')}"
    seen = client.get(where).context["form"].initial["seen"]
    return client.post(where, {**SENT, "seen": seen, "word": "flatten"}).headers.get("HX-Refresh", "")


def banner(client: Client) -> str:
    return client.get(reverse(BANNER), {"seen": "nothing"}).content.decode()


@pytest.mark.parametrize("action", [CLOSE, "flatten/"])
def test_what_one_asks_for_stands_on_every_page_until_another_confirms(desk: Desk, action: str) -> None:
    ada, grace, viewer = somebody("ada"), somebody("grace", "operator"), somebody("vic", "viewer")
    assert ask(ada, action) == "true"
    assert not PeopleStrand.objects.filter(kind="intervention").exists()
    for client, buttons in ((ada, ["Withdraw"]), (grace, ["Confirm", "Decline"]), (viewer, [])):
        told = banner(client)
        assert "ada waits for a second person" in told
        assert "worth 1,000.00" in told
        assert "a look at &lt;b&gt;the&lt;/b&gt; tape" in told
        assert [word for word in ("Confirm", "Decline", "Withdraw") if f"{word}…" in told] == buttons
    where = address(grace, "confirm")
    own = ada.get(where)
    assert "another person confirms it" in own.content.decode()
    told = ada.post(where, {**SENT, "seen": own.context["form"].initial["seen"]})
    assert "may not confirm it" in told.content.decode()
    shown = grace.get(where)
    assert "10 worth 1,000.00" in shown.content.decode()
    assert grace.post(where, {**SENT, "seen": shown.context["form"].initial["seen"]}).headers["HX-Refresh"] == "true"
    assert PeopleStrand.objects.filter(kind="intervention").count() == 1
    assert "second person" not in banner(grace)
    assert grace.post(where, SENT).status_code == 404


def test_a_refusal_closes_nothing(desk: Desk) -> None:
    ada, grace = somebody("ada"), somebody("grace")
    ask(ada)
    where = address(grace, "decline")
    assert "Nothing is closed" in grace.get(where).content.decode()
    assert grace.post(where, SENT).headers["HX-Refresh"] == "true"
    assert "second person" not in banner(ada)
    assert not PeopleStrand.objects.filter(kind="intervention").exists()


def test_what_was_shown_before_the_book_changed_is_neither_asked_for_nor_confirmed(desk: Desk) -> None:
    ada, grace = somebody("ada"), somebody("grace")
    where = f"{reverse('admin:console_trades_action', args=['close'])}?symbol={BTC}"
    assert "nothing was shown" not in ada.get(where).content.decode()
    assert "nothing was shown" in ada.post(where, SENT).content.decode()
    ask(ada)
    told = grace.post(address(grace, "confirm"), {**SENT, "seen": "0" * 64}).content.decode()
    assert "000000000000 is seen" in told
    assert not PeopleStrand.objects.filter(kind="intervention").exists()


def test_who_may_only_look_and_who_is_bounded_elsewhere_answers_nothing(desk: Desk) -> None:
    ask(somebody("ada"))
    viewer, bounded = somebody("vic", "viewer"), somebody("narrow")
    Mandate.objects.create(name="elsewhere", person=User.objects.get(username="narrow"), symbols=["ETH-PERP"])
    assert "second person" not in banner(bounded)
    for client in (viewer, bounded):
        for action in ("confirm", "decline"):
            assert client.post(address(client, action), SENT).status_code == 403
    forged = Client(enforce_csrf_checks=True)
    forged.force_login(User.objects.create_superuser("grace"))
    assert forged.post(address(forged, "confirm"), SENT).status_code == 403
    assert not PeopleStrand.objects.filter(kind__in=["intervention", "countersign_answered"]).exists()
