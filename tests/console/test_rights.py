"""Who may do what: every page and every action, by every role, and by nobody in particular."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import NoReverseMatch, reverse

from strands.models import STRANDS, Message, PeopleStrand
from tradingops.people import roles

pytestmark = pytest.mark.django_db
LOOKS = "looks"
#: What a page needs, by its name, and what its address is filled in with. A page that is not named here fails.
PAGES: dict[str, tuple[str | None, tuple[Any, ...]]] = {
    "console_dashboard": (LOOKS, ()),
    "console_halts": (None, ()),
    "console_trades": (LOOKS, ()),
    "console_trades_csv": (LOOKS, ()),
    "console_messages": (LOOKS, ()),
    "console_live": (LOOKS, ()),
    "console_scorecard": (LOOKS, ()),
    "console_lifecycle": (LOOKS, ("NONE",)),
    "console_evidence": (LOOKS, ("NONE",)),
    "console_lesson": (LOOKS, ("NONE",)),
    "console_scorecard_curator": (LOOKS, ("dm", "risk_curator")),
}
#: What an action needs, by its page's name and its own.
ACTIONS: dict[tuple[str, tuple[Any, ...]], str] = {
    ("console_halts_action", ("stop",)): roles.HALT,
    ("console_halts_action", ("resume",)): roles.HALT,
    ("console_trades_action", ("close",)): roles.INTERVENE,
    ("console_trades_action", ("move",)): roles.INTERVENE,
    ("console_trades_action", ("flatten",)): roles.INTERVENE,
    ("console_trades_action", ("cancel",)): roles.INTERVENE,
    ("console_messages_action", ("requeue",)): roles.RECOVER,
    ("console_messages_action", ("skip",)): roles.RECOVER,
    ("console_lesson_action", ("NONE", "activate")): roles.TEACH,
    ("console_lesson_action", ("NONE", "retire")): roles.TEACH,
}
#: The tab of the messages in which each of its actions may be done.
TABS = {"requeue": "?tab=failed", "skip": "?tab=waiting"}
EVERYBODY = ("", *roles.DOES)


def signed_in(role: str) -> Client:
    """Return a browser of somebody in a role; of a member of staff without any for an empty one."""
    person = User.objects.create_user(role or "nobody", is_staff=True)
    if role:
        person.groups.set([Group.objects.get(name=role)])
    client = Client()
    client.force_login(person)
    return client


def named() -> Iterator[str]:
    """Yield the name of every page of the console's own."""
    for each in admin.site.get_urls():
        name = getattr(each, "name", None)
        if name and name.startswith("console_"):
            yield name


def test_every_page_has_a_rule() -> None:
    assert {*PAGES, *(name for name, _ in ACTIONS)} == set(named())


@pytest.mark.parametrize("role", EVERYBODY)
def test_a_page_is_shown_to_those_who_may_look(role: str) -> None:
    client = signed_in(role)
    for name, (needs, filled) in PAGES.items():
        status = client.get(reverse(f"admin:{name}", args=filled)).status_code
        assert (status == 403) is (needs is not None and not role), name
        assert status in (200, 204, 403, 404), name


@pytest.mark.parametrize("role", EVERYBODY)
def test_an_action_is_refused_to_all_but_those_who_may_do_it(role: str) -> None:
    client, before = signed_in(role), counted()
    for (name, filled), needs in ACTIONS.items():
        address = reverse(f"admin:{name}", args=filled) + TABS.get(filled[-1], "")
        may = bool(role) and needs in roles.DOES[role]
        for answer in (client.get(address), client.post(address, {})):
            assert (answer.status_code == 403) is not may, (name, filled)
    assert counted() == before


def counted() -> tuple[int, ...]:
    return (Message.objects.count(), PeopleStrand.objects.count(), *(each.objects.count() for each in STRANDS.values()))


@pytest.mark.parametrize("role", EVERYBODY)
def test_no_table_is_changed_by_hand_and_people_only_by_who_manages_them(role: str) -> None:
    client = signed_in(role)
    for model in admin.site._registry:
        where = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        of_people = model._meta.app_label == "auth"
        seen = client.get(reverse(f"{where}_changelist")).status_code
        assert (seen == 200) is (role in roles.MANAGES_PEOPLE if of_people else bool(role)), model
        try:
            added = client.get(reverse(f"{where}_add")).status_code
        except NoReverseMatch:
            continue
        assert (added == 200) is (of_people and role in roles.MANAGES_PEOPLE), model


def test_who_is_not_signed_in_is_asked_to_sign_in_everywhere() -> None:
    addresses = [reverse(f"admin:{name}", args=filled) for name, (_, filled) in PAGES.items()]
    addresses += [reverse(f"admin:{name}", args=filled) for name, filled in ACTIONS]
    for address in addresses:
        for answer in (Client().get(address), Client().post(address)):
            assert (answer.status_code, "/login/" in answer.headers.get("Location", "")) == (302, True), address


def test_a_role_that_was_changed_by_hand_is_as_declared_after_the_next_migration() -> None:
    from django.core.management import call_command

    viewer = Group.objects.get(name="viewer")
    viewer.permissions.clear()
    own = Group.objects.create(name="night shift")
    own.permissions.set(Group.objects.get(name="operator").permissions.all())
    call_command("migrate", verbosity=0)
    assert viewer.permissions.filter(codename="view_halt").exists()
    assert not viewer.permissions.filter(codename="add_halt").exists()
    assert own.permissions.filter(codename="add_halt").exists()
