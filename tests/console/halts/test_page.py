"""Who may stop the desk in the console, and what it says and does."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from strands.models import Halt, PeopleStrand
from tradingops.people import halting, say

pytestmark = pytest.mark.django_db
BANNER = "admin:console_halts"
SENT = {"_form_submitted": "on"}
STOP = {**SENT, "scope": "desk", "state": "halted", "reason": "feed is <b>wrong</b>"}


def do(action: str) -> str:
    return reverse("admin:console_halts_action", args=[action])


def signed_in(client: Client, *permissions: str) -> Client:
    person = User.objects.create_user("ada", is_staff=True)
    person.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client.force_login(person)
    return client


def shown(client: Client, page: str = BANNER) -> str:
    return client.get(reverse(page), {"seen": "nothing"} if page == BANNER else None).content.decode()


def test_a_stop_is_in_force_and_every_page_says_who_why_and_since_when(client: Client) -> None:
    ada = signed_in(client, "view_halt", "add_halt")
    assert "Nothing is halted" in shown(ada)
    answer = ada.post(do("stop"), STOP)
    assert answer.headers["HX-Refresh"] == "true"
    [stands] = halting.standing()
    assert (stands.scope, stands.state, stands.by) == ("desk", "halted", "ada")
    for page in (BANNER, "admin:index", "admin:strands_halt_changelist"):
        told = shown(ada, page)
        assert "desk is halted" in told
        assert "by ada: feed is &lt;b&gt;wrong&lt;/b&gt;" in told
        assert f"{stands.since:%Y-%m-%d %H:%M:%S} UTC" in told


def test_a_page_that_shows_what_stands_already_is_left_as_it_is(client: Client) -> None:
    ada = signed_in(client, "view_halt", "add_halt")
    ada.post(do("stop"), STOP)
    [stands] = halting.standing()
    assert ada.get(reverse(BANNER), {"seen": stands.strand}).status_code == 204
    assert ada.get(reverse(BANNER), {"seen": "another"}).status_code == 200
    ada.post(do("resume"), {**SENT, "scope": "desk", "reason": "it is back"})
    assert "Nothing is halted" in ada.get(reverse(BANNER), {"seen": stands.strand}).content.decode()


def test_resuming_says_what_is_left(client: Client) -> None:
    ada = signed_in(client, "view_halt", "add_halt")
    for scope in ("desk", "symbol:BTC-PERP"):
        ada.post(do("stop"), {**STOP, "scope": scope})
    answer = ada.post(do("resume"), {**SENT, "scope": "desk", "reason": "it is back"})
    assert answer.headers["HX-Refresh"] == "true"
    assert [each.scope for each in halting.standing()] == ["symbol:BTC-PERP"]


@pytest.mark.parametrize(
    ("action", "sent", "said"),
    [
        ("stop", {**STOP, "scope": "everything"}, "is no scope"),
        ("stop", {**STOP, "state": "asleep"}, "Select a valid choice"),
        ("stop", {**STOP, "reason": ""}, "This field is required"),
        ("resume", {**SENT, "scope": "desk", "reason": "why not"}, "desk is not halted"),
    ],
)
def test_what_cannot_be_is_said_at_the_field_and_nothing_happens(
    client: Client, action: str, sent: dict[str, str], said: str
) -> None:
    ada = signed_in(client, "view_halt", "add_halt")
    assert said in ada.post(do(action), sent).content.decode()
    assert not PeopleStrand.objects.exists()


def test_who_may_only_look_sees_no_button_and_a_forged_post_is_refused(client: Client) -> None:
    halting.halt("desk", halting.HaltState.HALTED, asked=say.asked(by="grace", reason="a look"))
    viewer = signed_in(client, "view_halt")
    told = shown(viewer)
    assert "desk is halted" in told
    assert "<button" not in told
    for action in ("stop", "resume"):
        assert viewer.post(do(action), STOP).status_code == 403
        assert viewer.get(do(action)).status_code == 403
    assert Halt.objects.count() == 1


def test_who_may_see_no_halts_is_shown_none(client: Client) -> None:
    halting.halt("desk", halting.HaltState.HALTED, asked=say.asked(by="grace", reason="a look"))
    assert "halted" not in shown(signed_in(client))


def test_without_the_token_of_the_form_nothing_is_stopped() -> None:
    ada = signed_in(Client(enforce_csrf_checks=True), "view_halt", "add_halt")
    assert ada.post(do("stop"), STOP).status_code == 403
    assert not PeopleStrand.objects.exists()


def test_an_action_that_is_none_is_not_found(client: Client) -> None:
    assert signed_in(client, "view_halt", "add_halt").get(do("forget")).status_code == 404
