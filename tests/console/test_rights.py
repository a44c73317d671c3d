"""Who may do what: every page and every action, by every role, and by nobody in particular."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.core.cache import cache
from django.template.backends.django import Template
from django.test import Client
from django.urls import NoReverseMatch, reverse

from strands.given import HaltState
from strands.lessons.models import Lesson
from strands.models import STRANDS, Delivery, Halt, Message, PeopleStrand
from tests.console import desk
from tradingops import console
from tradingops.mandates.models import Mandate
from tradingops.people import halting, roles, say

pytestmark = pytest.mark.django_db
LOOKS = "looks"
#: Pages about oneself, everybody's own; and those about others, of whoever manages people.
OWN = {"console_account", "console_account_action", "console_notices", "console_notices_bell", "console_notices_action"}
OF_OTHERS = {"console_account_of", "console_account_of_action"}
#: What a page needs, by its name, and what its address is filled in with. A page that is not named here fails.
PAGES: dict[str, tuple[str | None, tuple[Any, ...]]] = {
    "console_dashboard": (LOOKS, ()),
    "console_halts": (None, ()),
    "console_decisions": (LOOKS, ()),
    "console_decisions_csv": (LOOKS, ()),
    "console_signals": (LOOKS, ()),
    "console_signals_csv": (LOOKS, ()),
    "console_orders": (LOOKS, ()),
    "console_orders_csv": (LOOKS, ()),
    "console_fills": (LOOKS, ()),
    "console_fills_csv": (LOOKS, ()),
    "console_inbox": (LOOKS, ()),
    "console_inbox_item": (LOOKS, ("NONE",)),
    "console_inbox_next": (LOOKS, ("NONE",)),
    "console_inbox_previous": (LOOKS, ("NONE",)),
    "console_audit": (roles.AUDIT, ()),
    "console_audit_csv": (roles.AUDIT, ()),
    "console_trades": (LOOKS, ()),
    "console_trades_csv": (LOOKS, ()),
    "console_messages": (LOOKS, ()),
    "console_live": (LOOKS, ()),
    "console_scorecard": (LOOKS, ()),
    "console_lifecycle": (LOOKS, ("NONE",)),
    "console_evidence": (LOOKS, ("NONE",)),
    "console_lesson": (LOOKS, ("NONE",)),
    "console_policies": (LOOKS, ()),
    "console_policy": (LOOKS, ("dm",)),
    "console_policy_version": (LOOKS, ("dm", 0)),
    "console_policy_draft": (roles.DRAFT, ("dm",)),
    "console_policy_trials": (LOOKS, ("dm", 0)),
    "console_policy_job": (LOOKS, (1,)),
    "console_policy_shadow": (LOOKS, (1,)),
    "console_scorecard_curator": (LOOKS, ("dm", "risk_curator")),
}
#: What drafting takes in.
DRAFTS = ("submit", "rebase", "try", "replay", "shadow", "unshadow")
#: What an action needs, by its page's name and its own.
ACTIONS: dict[tuple[str, tuple[Any, ...]], str] = {
    ("console_halts_action", ("stop",)): roles.HALT,
    ("console_halts_action", ("resume",)): roles.HALT,
    ("console_trades_action", ("close",)): roles.INTERVENE,
    ("console_trades_action", ("move",)): roles.INTERVENE,
    ("console_trades_action", ("flatten",)): roles.INTERVENE,
    ("console_trades_action", ("cancel",)): roles.INTERVENE,
    ("console_countersigns_action", ("confirm",)): roles.INTERVENE,
    ("console_countersigns_action", ("decline",)): roles.INTERVENE,
    ("console_inbox_action", ("approve",)): roles.DECIDE,
    ("console_inbox_action", ("modify",)): roles.DECIDE,
    ("console_inbox_action", ("reject",)): roles.DECIDE,
    ("console_inbox_aside", ("NONE", "comment")): roles.DECIDE,
    ("console_inbox_aside", ("NONE", "assign")): roles.DECIDE,
    ("console_messages_action", ("requeue",)): roles.RECOVER,
    ("console_messages_action", ("skip",)): roles.RECOVER,
    **{("console_policy_action", ("dm", 0, act)): roles.DRAFT for act in DRAFTS},
    **{
        ("console_policy_action", ("dm", 0, act)): roles.PUBLISH
        for act in ("approve", "decline", "publish", "withdraw", "rollback")
    },
    ("console_policy_action", ("dm", 0, "urgent")): roles.URGENT,
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


@pytest.fixture
def unwritten(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave every page's text out: whether it is shown at all is decided before, and in far less time."""
    monkeypatch.setattr(Template, "render", lambda *_, **__: "")


def named() -> Iterator[str]:
    """Yield the name of every page of the console's own."""
    for each in admin.site.get_urls():
        name = getattr(each, "name", None)
        if name and name.startswith("console_"):
            yield name


def test_every_page_has_a_rule() -> None:
    assert {*PAGES, *OWN, *OF_OTHERS, *(name for name, _ in ACTIONS)} == set(named())


@pytest.mark.parametrize("role", EVERYBODY)
@pytest.mark.usefixtures("unwritten")
def test_an_account_is_ones_own_and_others_are_for_who_manages_people(role: str) -> None:
    client, other = signed_in(role), User.objects.create_user("other").pk
    assert client.get(reverse("admin:console_account")).status_code == 200
    told = [
        client.get(reverse("admin:console_account_of", args=[other])).status_code,
        *(client.post(reverse("admin:console_account_of_action", args=[other, each])).status_code for each in DEEDS),
    ]
    assert told == ([200, 302, 302] if role in roles.MANAGES_PEOPLE else [403, 403, 403])


#: What is done about somebody else's account.
DEEDS = ("reset", "sign-out")


@pytest.mark.parametrize("role", EVERYBODY)
@pytest.mark.usefixtures("unwritten")
def test_a_page_is_shown_to_those_who_may_look(role: str) -> None:
    client = signed_in(role)
    for name, (needs, filled) in PAGES.items():
        status = client.get(reverse(f"admin:{name}", args=filled)).status_code
        may = needs is None or (bool(role) if needs == LOOKS else needs in roles.DOES.get(role, ()))
        assert (status == 403) is not may, name
        assert status in (200, 204, 403, 404), name


@pytest.mark.parametrize("role", EVERYBODY)
@pytest.mark.usefixtures("unwritten")
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
@pytest.mark.usefixtures("unwritten")
def test_no_table_is_changed_by_hand_and_people_only_by_who_manages_them(role: str) -> None:
    client = signed_in(role)
    for model in admin.site._registry:
        where = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        of_people = model._meta.app_label in roles.OF_PEOPLE
        seen = client.get(reverse(f"{where}_changelist")).status_code
        assert (seen == 200) is (role in roles.MANAGES_PEOPLE if of_people else bool(role)), model
        try:
            added = client.get(reverse(f"{where}_add")).status_code
        except NoReverseMatch:
            continue
        assert (added == 200) is (of_people and role in roles.MANAGES_PEOPLE), model


@pytest.mark.usefixtures("unwritten")
def test_who_is_not_signed_in_is_asked_to_sign_in_everywhere() -> None:
    addresses = [reverse(f"admin:{name}", args=filled) for name, (_, filled) in PAGES.items()]
    addresses += [reverse(f"admin:{name}", args=filled) for name, filled in ACTIONS]
    addresses += [reverse("admin:console_account"), reverse("admin:console_account_of", args=[1])]
    addresses += [reverse("admin:console_account_of_action", args=[1, each]) for each in DEEDS]
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


OUTSIDE, INSIDE = "ETH-PERP", "BTC-PERP"


@pytest.fixture
def bounded() -> Client:
    """Somebody who may do everything, about one symbol."""
    person = User.objects.create_superuser("narrow")
    Mandate.objects.create(name="one symbol", person=person, symbols=[INSIDE])
    client = Client()
    client.force_login(person)
    return client


def a_lesson(symbol: str) -> Lesson:
    return Lesson.objects.create(
        lesson_id="01LESSON",
        module="dm",
        lesson_type="pattern",
        level=2,
        symbol=symbol,
        title="of another symbol",
        description="",
        confidence=0.5,
        strand_count=3,
        accumulated_score=1,
        standing="active",
        writer="template",
        created_at=desk.NOON,
        updated_at=desk.NOON,
    )


def deeds(lesson: str, failed: Any, waiting: Any) -> dict[str, tuple[str, dict[str, str]]]:
    """Return every action of the console about something outside, as its address and its form."""

    def at(name: str, *filled: str, **asked: Any) -> str:
        return f"{reverse(f'admin:{name}', args=filled)}?{urlencode(asked)}"

    stop = {"state": "halted"}
    return {
        "stop desk": (at("console_halts_action", "stop"), {**stop, "scope": "desk"}),
        "stop symbol": (at("console_halts_action", "stop"), {**stop, "scope": f"symbol:{OUTSIDE}"}),
        "stop venue": (at("console_halts_action", "stop"), {**stop, "scope": "venue:paper"}),
        "stop module": (at("console_halts_action", "stop"), {**stop, "scope": "module:alpha"}),
        "resume": (at("console_halts_action", "resume"), {"scope": f"symbol:{OUTSIDE}"}),
        "close": (at("console_trades_action", "close", symbol=OUTSIDE), {}),
        "move": (at("console_trades_action", "move", symbol=OUTSIDE), {"stop_loss": "1"}),
        "cancel": (at("console_trades_action", "cancel", symbol=OUTSIDE), {}),
        "requeue": (at("console_messages_action", "requeue", tab="failed", one=failed), {}),
        "skip": (at("console_messages_action", "skip", tab="waiting", one=waiting), {}),
        "activate": (at("console_lesson_action", lesson, "activate"), {}),
        "retire": (at("console_lesson_action", lesson, "retire"), {}),
    }


def test_what_lies_outside_a_mandate_is_refused_to_whoever_may_do_everything_else(bounded: Client) -> None:
    [plan] = desk.failed(symbol=OUTSIDE)
    [_, queued] = desk.said([desk.a_plan(901, symbol=INSIDE), desk.a_plan(902, symbol=OUTSIDE)])
    halting.halt(f"symbol:{OUTSIDE}", HaltState.HALTED, asked=say.asked(by="ada", reason="a look"))
    lesson = a_lesson(OUTSIDE)
    failed = Message.objects.get(strand_id=plan.id).pk
    waiting = Delivery.objects.get(strand_id=queued.id).pk
    before = (*counted(), Delivery.objects.count(), Halt.objects.count())
    for name, (address, told) in deeds(lesson.pk, failed, waiting).items():
        answer = bounded.post(address, {**told, "reason": "as I want it", "_form_submitted": "on"})
        assert answer.status_code == 403, name
    assert (*counted(), Delivery.objects.count(), Halt.objects.count()) == before


def test_what_lies_outside_is_on_no_page_and_in_no_count(bounded: Client) -> None:
    [plan] = desk.failed(symbol=OUTSIDE)
    [own] = desk.failed(symbol=INSIDE, first_number=5)
    failed = Message.objects.get(strand_id=plan.id).pk
    for address in (
        reverse("admin:console_lifecycle", args=[plan.id]),
        reverse("admin:console_lesson", args=[a_lesson(OUTSIDE).pk]),
        reverse("admin:strands_alphastrand_change", args=[plan.id]),
        f"{reverse('admin:console_messages_action', args=['requeue'])}?tab=failed&one={failed}",
        f"{reverse('admin:console_messages_action', args=['why'])}?tab=failed&one={failed}",
    ):
        assert bounded.get(address).status_code == 403, address
    for name in (
        "console_messages",
        "console_live",
        "console_trades",
        "console_decisions",
        "console_signals",
        "console_orders",
        "console_fills",
        "index",
        "strands_alphastrand_changelist",
        "strands_message_changelist",
    ):
        tab = "?tab=failed" if name == "console_messages" else ""
        shown = bounded.get(reverse(f"admin:{name}") + tab)
        assert OUTSIDE not in shown.content.decode(), name
        assert plan.id not in shown.content.decode(), name
    cache.clear()
    menu = bounded.get(reverse("admin:console_messages")).context["sidebar_navigation"]
    assert [item["badge"] for group in menu for item in group["items"] if "badge" in item] == ["1"]
    tabs = bounded.get(reverse("admin:console_messages")).context["tabs"]
    assert {tab["title"]: tab["count"] for tab in tabs}["Failed"] == 1
    assert bounded.get(reverse("admin:console_lifecycle", args=[own.id])).status_code == 200
    for identity, found in ((plan.id, 0), (own.id, 1)):
        answer = bounded.get(reverse("admin:search"), {"s": identity, "extended": "1"}).content.decode()
        assert (f"Lifecycle {identity}" in answer) is bool(found)


def test_within_a_mandate_a_person_halts(bounded: Client) -> None:
    told = {"scope": f"symbol:{INSIDE}", "state": "halted", "reason": "a look", "_form_submitted": "on"}
    assert bounded.post(reverse("admin:console_halts_action", args=["stop"]), told).status_code == 200
    assert Halt.objects.filter(scope=f"symbol:{INSIDE}").exists()


def test_no_page_speaks_for_a_person_without_their_mandates() -> None:
    """`say.asked` is the command line's: what a page asks for is asked by somebody who may be bounded."""
    pages = Path(console.__file__).parent.rglob("*.py")
    assert [str(page) for page in pages if re.search(r"say\.asked\(|acts\.Asked\(", page.read_text())] == []
