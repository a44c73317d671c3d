"""What went wrong is told in the console's own dress, with the way back; a fault of the console asks no database."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404
from django.test import Client, RequestFactory
from django.urls import get_resolver, reverse

from tradingops.console.errors import page

HOME = '<a class="button strong" href="/admin/">'


def dressed(answer: Any, status: int) -> str:
    shown = str(answer.content.decode())
    assert answer.status_code == status
    assert "console/errors/page" in shown
    assert ".css" in shown
    assert HOME in shown
    assert "<script>" not in shown
    assert not re.search(r"\son\w+=", shown)
    return shown


@pytest.mark.django_db
def test_each_fault_is_told_in_the_consoles_dress_with_the_way_back(client: Client) -> None:
    client.force_login(User.objects.create_user("visitor", is_staff=True))
    assert "may not" in dressed(client.get(reverse("admin:console_decisions")), 403)
    client.force_login(User.objects.create_superuser("chief"))
    assert "NONE" in dressed(client.get(reverse("admin:console_lifecycle", args=["NONE"])), 404)
    dressed(client.get("/admin/nowhere/"), 404)
    dressed(client.get("/nowhere/"), 404)
    dressed(client.get(reverse("admin:console_signals"), {"said__gte": "1"}), 400)


@pytest.mark.django_db
def test_a_forged_form_is_refused_in_the_consoles_dress(client: Client) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(User.objects.create_superuser("chief"))
    assert "Nothing was done" in dressed(strict.post(reverse("admin:console_halts_action", args=["stop"])), 403)


def test_a_fault_of_the_console_needs_no_database_and_nothing_of_the_request(settings: Any) -> None:
    """No database is to be had in this test, and a context processor would find neither person nor session."""
    request = RequestFactory().get("/admin/")
    assert "manage.py halt desk" in dressed(get_resolver().resolve_error_handler(500)(request), 500)


def test_a_page_that_raises_is_answered_so(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def stumble(*_: Any, **__: Any) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("django.views.generic.RedirectView.get", stumble)
    client.raise_request_exception = False
    assert "secret detail" not in dressed(client.get("/"), 500)


@pytest.mark.parametrize(
    ("handler", "fault", "said"),
    [
        (page.bad_request, BadRequest("<b>day: 'x' is no day</b>"), "&lt;b&gt;day: &#x27;x&#x27; is no day"),
        (page.forbidden, PermissionDenied("BTC-PERP lies outside your mandate"), "outside your mandate"),
        (page.not_found, Http404("no strand has that id"), "no strand has that id"),
    ],
)
def test_a_page_repeats_what_was_said_for_people_and_escapes_it(handler: Any, fault: Exception, said: str) -> None:
    assert said in handler(RequestFactory().get("/"), fault).content.decode()


def test_what_was_not_written_for_people_is_not_repeated() -> None:
    assert "secret" not in page.bad_request(RequestFactory().get("/"), ValueError("secret")).content.decode()
    tried = Http404({"tried": ["secret"]})
    assert "secret" not in page.not_found(RequestFactory().get("/"), tried).content.decode()
