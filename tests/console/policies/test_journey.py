"""Two people change a policy in a browser: tried, approved, published, gone by, and gone back from."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from strands.wires.postgres import PostgresWire
from tests import deciding
from tests.console import browsers  # noqa: F401  (lets Django and playwright share a thread)
from tests.console.consoles import Console
from tradingops import environments
from tradingops.people import say
from tradingops.policies import versions

if TYPE_CHECKING:
    from playwright.sync_api import Page

MINUTE = timedelta(minutes=1)


def cookie_of(name: str) -> str:
    person = User.objects.create_user(name, is_staff=True)
    person.groups.set([Group.objects.get(name="risk officer")])
    client = Client()
    client.force_login(person)
    return str(client.session.session_key)


def decided(wire: PostgresWire, *, minute: int) -> str:
    signal = deciding.a_signal(at=deciding.NOON + minute * MINUTE)
    wire.publish([signal])
    call_command("run_module", "dm", "--once", stderr=StringIO())
    return str(signal.lifecycle_id)


def does(page: Page, action: str, **told: str) -> None:
    page.click(f"text={action}…")
    page.wait_for_selector("#dialog button[type=submit]")
    for name, value in told.items():
        page.fill(f"#dialog [name={name}]", value)
    with page.expect_navigation():
        page.click("#dialog button[type=submit]")


def test_two_people_change_a_policy_the_next_decision_names_it_and_they_go_back(
    console: Console, page: Page, wire: PostgresWire
) -> None:
    wire.publish([deciding.a_bar(), deciding.a_risk_update()])
    decided(wire, minute=0)
    guarded = versions.draft(
        "people", {"second_person": ["dm"]}, own=environments.governed()["people"], at=say.present(), reason="two"
    )
    versions.publish(guarded, asked=say.asked(by="ada", reason="two"))

    def as_(cookie: str) -> Any:
        context = page.context.browser.new_context()
        context.add_cookies([{"name": "tradingops_session", "value": cookie, "url": console.origin}])
        return context.new_page()

    ann, bob = as_(cookie_of("ann")), as_(cookie_of("bob"))

    def at(name: str, *filled: Any) -> str:
        return f"{console.origin}{reverse(f'admin:console_{name}', args=filled)}"

    ann.goto(at("policy_draft", "dm"))
    ann.fill("#reason", "calmer")
    ann.fill("[name=min_confidence]", "7")
    ann.click("text=Keep the draft")
    assert "less than or equal to 1" in ann.inner_text("#fault-min_confidence")
    ann.fill("[name=min_confidence]", "0.97")
    ann.click("text=Keep the draft")
    ann.wait_for_url("**/policies/dm/1/")

    does(ann, "What if")
    assert "waits for a worker" in ann.inner_text("#policy-trials")
    call_command("try_drafts", "--once", stderr=StringIO())
    ann.wait_for_selector("#policy-trials table.rows", timeout=15_000)
    tried = ann.inner_text("#policy-trials")
    assert "1 decided again + 0 not decidable = 1 recorded decisions" in tried
    assert "1 stricter" in tried
    does(ann, "Submit", reason="as tried")
    ann.click("text=Publish…")
    ann.fill("#dialog [name=reason]", "alone")
    ann.click("#dialog button[type=submit]")
    ann.wait_for_selector("#dialog :text('needs a second person')")

    bob.goto(at("policy_version", "dm", 1))
    does(bob, "Approve", reason="as agreed")
    does(bob, "Publish", reason="as agreed")
    story = decided(wire, minute=1)
    bob.goto(at("lifecycle", story))
    assert "dm version 1" in bob.inner_text("article.story")

    bob.goto(at("policy_version", "dm", 0))
    does(bob, "Rollback", reason="too strict")
    bob.wait_for_url("**/policies/dm/2/")
    ann.goto(at("policy_version", "dm", 2))
    does(ann, "Approve", reason="too strict")
    does(ann, "Publish", reason="too strict")
    story = decided(wire, minute=2)
    ann.goto(at("lifecycle", story))
    assert "dm version 2" in ann.inner_text("article.story")
    for each in (ann, bob):
        each.context.close()
