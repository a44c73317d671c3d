"""What the console lets whom do: nothing by an address alone, nothing without a permission, nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils.html import escape

from strands import models
from tests.console import desk

pytestmark = pytest.mark.django_db

OWN_PAGES = ("index", "console_dashboard", "console_live", "console_messages", "console_scorecard")
ACTION_SETS = ("actions_list", "actions_row", "actions_detail", "actions_submit_line")


def client_of(person: User, **options: Any) -> Client:
    client = Client(**options)
    client.force_login(person)
    return client


@pytest.fixture
def chief() -> Client:
    return client_of(User.objects.create_superuser("chief"))


@pytest.fixture
def visitor() -> Client:
    """Somebody who may sign in, and nothing else."""
    return client_of(User.objects.create_user("visitor", is_staff=True))


def requeue() -> str:
    return f"{reverse('admin:console_messages_action', args=['requeue'])}?tab=failed"


@pytest.mark.parametrize("room", admin.site._registry.values(), ids=str)
def test_every_action_of_a_room_asks_by_a_dialog(room: Any) -> None:
    names = [name for each in ACTION_SETS for name in room._extract_action_names(getattr(room, each))]
    assert [name for name in names if getattr(getattr(room, name), "dialog", None) is None] == []


@pytest.mark.parametrize("room", admin.site._registry.values(), ids=str)
def test_no_room_of_the_desk_offers_to_delete_what_is_selected(room: Any) -> None:
    if room.opts.app_label != "auth":
        assert room.actions is None
        assert not room.list_editable


def test_an_address_alone_changes_nothing(chief: Client) -> None:
    desk.failed()
    before = list(models.Message.objects.values_list("pk", "status")), models.Delivery.objects.count()
    for method in (chief.get, chief.head):
        assert method(requeue()).status_code == 200
    assert (list(models.Message.objects.values_list("pk", "status")), models.Delivery.objects.count()) == before


def test_a_post_without_its_token_is_refused() -> None:
    desk.failed()
    client = client_of(User.objects.create_superuser("chief"), enforce_csrf_checks=True)
    assert client.post(requeue(), {"reason": "from elsewhere", "_form_submitted": "on"}).status_code == 403
    assert models.Delivery.objects.count() == 0


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_no_other_method_does_anything(chief: Client, method: str) -> None:
    assert getattr(chief, method)(requeue()).status_code == 405


def test_without_a_permission_neither_page_nor_action_is_there(visitor: Client) -> None:
    desk.failed()
    refused = ("console_dashboard", "console_live", "console_messages")
    assert {visitor.get(reverse(f"admin:{name}")).status_code for name in refused} == {403}
    assert visitor.post(requeue(), {"reason": "I may not", "_form_submitted": "on"}).status_code == 403
    assert models.Delivery.objects.count() == 0


def test_the_dashboard_shows_nothing_of_the_desk_to_whoever_may_not_see_it(visitor: Client) -> None:
    desk.a_state(desk.NOON, "123456.78")
    page = visitor.get(reverse("admin:index"))
    assert page.context["may_see_desk"] is False
    assert "123,456.78" not in page.content.decode()


def test_the_menu_leads_only_where_a_person_may_go(visitor: Client, chief: Client) -> None:
    def titles(client: Client) -> list[str]:
        groups = client.get(reverse("admin:index")).context["sidebar_navigation"]
        return [item["title"] for group in groups for item in group["items"] if item["has_permission"]]

    assert titles(visitor) == []
    assert {"Home", "Messages", "Decisions", "Users"} <= set(titles(chief))


def test_the_menu_says_how_many_strands_were_set_aside(chief: Client) -> None:
    cache.clear()
    desk.failed(3)
    groups = chief.get(reverse("admin:index")).context["sidebar_navigation"]
    badges = {item["title"]: item["badge"] for group in groups for item in group["items"] if "badge" in item}
    assert badges == {"Messages": "3"}


def test_every_entry_of_the_menu_answers(chief: Client) -> None:
    groups = chief.get(reverse("admin:index")).context["sidebar_navigation"]
    links = [str(item["link"]) for group in groups for item in group["items"]]
    assert {link: chief.get(link).status_code for link in links} == dict.fromkeys(links, 200)


def patterns(resolver: URLResolver) -> Iterator[URLPattern]:
    for each in resolver.url_patterns:
        if isinstance(each, URLResolver):
            yield from patterns(each)
        else:
            yield each


def test_whoever_is_not_signed_in_is_sent_to_the_sign_in_from_every_page() -> None:
    open_to_all = {"login", "logout", "jsi18n"}
    site = next(each for each in get_resolver().url_patterns if getattr(each, "namespace", None) == "admin")
    names = [each.name for each in patterns(site) if each.name and not each.pattern.regex.groups]
    asked = {name: Client().get(reverse(f"admin:{name}")) for name in names if name not in open_to_all}
    assert {name: answer.status_code for name, answer in asked.items()} == dict.fromkeys(asked, 302)
    assert all(answer.headers["Location"].startswith("/admin/login/") for answer in asked.values())


def test_signing_in_leads_to_the_dashboard() -> None:
    User.objects.create_superuser("chief", password="only for tests")
    client = Client()
    asked = client.get(reverse("admin:login")).headers["Location"]
    answer = client.post(asked, {"username": "chief", "password": "only for tests"})
    assert (answer.status_code, answer.headers["Location"]) == (302, reverse("admin:index"))


@pytest.mark.parametrize("name", OWN_PAGES)
def test_a_page_may_load_nothing_from_another_host_nor_be_framed(chief: Client, name: str) -> None:
    policy = chief.get(reverse(f"admin:{name}")).headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "http" not in policy


@pytest.mark.parametrize("word", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7 * 7 }}"])
def test_what_a_strand_says_is_shown_as_text(chief: Client, word: str) -> None:
    [plan] = desk.failed(symbol=word)
    for address in (
        reverse("admin:strands_alphastrand_changelist"),
        reverse("admin:strands_alphastrand_change", args=[plan.id]),
        reverse("admin:console_messages"),
    ):
        shown = chief.get(address).content.decode()
        assert escape(word) in shown
        assert "<" not in word or word not in shown


def test_which_world_the_desk_trades_in_is_said_in_words_on_every_page(chief: Client, settings: Any) -> None:
    for mode, word in (("paper", "Paper"), ("live", "Live")):
        settings.MODE = mode
        assert all(
            word in chief.get(reverse(f"admin:{name}")).content.decode()
            for name in OWN_PAGES
            if name != "console_dashboard"
        )
