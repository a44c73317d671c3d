"""What pages may run: every one of them opened in a browser that tells what its policy forbade."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.contrib import admin
from django.test import Client
from django.urls import NoReverseMatch, reverse

from strands.wires.postgres import PostgresWire
from tests.console import desk, judged, stories
from tests.console.consoles import Console
from tests.console.test_rights import PAGES

if TYPE_CHECKING:
    from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parents[2]
#: What an event's attribute or a script between its tags looks like.
INLINE = re.compile(r"<[^>]*\son[a-z]+\s*=|<script(?![^>]*\bsrc=)(?![^>]*application/json)|javascript:", re.IGNORECASE)


def rooms() -> Iterator[str]:
    """Yield the lists and forms of every table."""
    for model in admin.site._registry:
        for page in ("changelist", "add"):
            try:
                yield reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}")
            except NoReverseMatch:
                continue


@pytest.fixture
def addresses(wire: PostgresWire) -> list[str]:
    """Every page of our own, with something on those that are about something, and a list and a form of a table."""
    braid, told, traded = judged.a_braid(), judged.a_judged_story(), stories.a_story(100)
    judged.learn([braid], connection=wire.connection)
    judged.project(judged.history(5), connection=wire.connection)
    wire.publish([*told, *traded])
    desk.failed(2)
    signal = next(each for each in told if each.kind == "signal")
    filled = {"console_lifecycle": [traded[0].id], "console_evidence": [signal.id], "console_lesson": [braid.id]}
    pages = {name: asked for name, asked in PAGES.items() if not name.endswith("_csv")}
    own = [reverse(f"admin:{name}", args=filled.get(name, args)) for name, (_, args) in pages.items()]
    more = [f"{reverse('admin:console_messages')}?tab=failed", reverse("admin:password_change"), reverse("admin:index")]
    return [*own, *more, reverse("admin:auth_user_changelist"), reverse("admin:auth_user_add")]


@pytest.mark.django_db
def test_no_list_and_no_form_of_a_table_holds_a_script(admin_client: Client) -> None:
    found = {address: INLINE.findall(admin_client.get(address).content.decode()) for address in rooms()}
    assert len(found) > 50
    assert {address: scripts for address, scripts in found.items() if scripts} == {}


@pytest.mark.timeout(600)
def test_no_page_runs_or_loads_what_its_policy_forbids(console: Console, addresses: list[str], page: Page) -> None:
    told: list[str] = []
    page.on(
        "console", lambda said: told.append(f"{page.url}: {said.text}") if "Content Security" in said.text else None
    )
    page.goto(f"{console.origin}/admin/login/")
    page.context.add_cookies([{"name": "tradingops_session", "value": console.cookie, "url": console.origin}])
    for address in addresses:
        page.goto(f"{console.origin}{address}")
    page.goto(f"{console.origin}/admin/")
    page.locator("[hx-get*='halts/stop']").first.click()
    page.get_by_role("dialog", name="Stop trading?").wait_for()
    assert told == []
    script = "const own = document.createElement('script'); own.text = 'window.ran = 1'; document.body.append(own)"
    page.evaluate(script)
    page.wait_for_timeout(50)
    assert page.evaluate("window.ran") is None
    assert told, "what is forbidden is told"


def test_a_filter_is_sent_when_it_is_changed(console: Console, wire: PostgresWire, page: Page) -> None:
    page.context.add_cookies([{"name": "tradingops_session", "value": console.cookie, "url": console.origin}])
    page.goto(f"{console.origin}/admin/messages/?tab=failed")
    page.locator("select[name=listener]").select_option("dm")
    page.wait_for_url(re.compile("listener=dm"))


@pytest.mark.parametrize("template", sorted((ROOT / "templates").rglob("*.html")), ids=lambda path: path.name)
def test_no_template_of_ours_holds_a_script(template: Path) -> None:
    assert INLINE.findall(re.sub(r"{[{%#].*?[}%#]}", "", template.read_text())) == []


@pytest.mark.parametrize(
    "line", ["<b onclick='x'>", "<script>x</script>", "<a href='javascript:x'>", '<select name="a" onchange="b">']
)
def test_what_a_script_in_a_page_looks_like(line: str) -> None:
    assert INLINE.findall(line)


@pytest.mark.django_db
def test_every_answer_carries_the_policy_a_refusal_included() -> None:
    for address in (reverse("admin:login"), "/nowhere/", "/static/console/showing/page.js"):
        if "/static/" in address:
            continue
        policy = Client().get(address, follow=True).headers["Content-Security-Policy"]
        directives = dict(each.strip().split(" ", 1) for each in policy.split(";"))
        assert directives["script-src"] == "'self' 'unsafe-eval'"
        assert "'unsafe-inline'" not in directives["script-src"]
        assert (directives["base-uri"], directives["object-src"]) == ("'none'", "'none'")


def test_a_sign_in_ends_by_itself() -> None:
    assert settings.SESSION_COOKIE_AGE == 12 * 60 * 60
    assert not settings.SESSION_SAVE_EVERY_REQUEST
