"""The account of a person: codes of an app switched on and off, and signing out everywhere; for others by who may."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.contrib import messages as told_once
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from tradingops.audit import audited, events
from tradingops.people import roles
from tradingops.sign_in import second_factor, sessions

NOT_RIGHT = (
    "That code is not right. Codes change every 30 seconds and count once; after wrong ones wait a little. Compare the "
    "clock of your device with this page's."
)


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Show one's own account."""
    return _shown(request, request.user)


@require_safe
def page_of(request: HttpRequest, key: int) -> HttpResponse:
    """Show somebody else's account to whoever manages people."""
    return _shown(request, _managed(request, key))


@require_POST
@sensitive_post_parameters("code")
def act(request: HttpRequest, action: str) -> HttpResponse:
    """Do something about one's own account."""
    if action not in _OWN:
        raise Http404(f"account: {action!r} is nothing that can be done about one's own")
    return _OWN[action](request)


@require_POST
def act_of(request: HttpRequest, key: int, action: str) -> HttpResponse:
    """Take somebody else's second factor or sign-ins away, as whoever manages people."""
    person = _managed(request, key)
    if action not in ("reset", "sign-out"):
        raise Http404(f"account: {action!r} is nothing that can be done about another's")
    if action == "reset":
        had = second_factor.reset(person)
        done = "The second factor is gone; the next sign-in asks for none." if had else "There was no second factor."
        told_once.success(request, f"{person.get_username()}: {done}")
    else:
        told_once.success(request, f"{person.get_username()}: {_signed_out(person)} sign-ins ended.")
    return redirect("admin:console_account_of", key)


def _managed(request: HttpRequest, key: int) -> Any:
    if not request.user.has_perm(roles.MANAGE):
        raise PermissionDenied("Other people's accounts are an administrator's.")
    return get_object_or_404(get_user_model(), pk=key)


def _begin(request: HttpRequest) -> HttpResponse:
    if second_factor.device_of(request.user) is not None:
        told_once.warning(request, "The codes are switched on already. Switch them off first to use another app.")
        return redirect("admin:console_account")
    begun = second_factor.begin(request.user)
    return _shown(request, request.user, secret=second_factor.secret_of(begun), picture=second_factor.drawn(begun))


def _confirm(request: HttpRequest) -> HttpResponse:
    codes = second_factor.confirm(request.user, request.POST.get("code", ""))
    if codes is None:
        told_once.error(request, NOT_RIGHT)
        return redirect("admin:console_account")
    # Whoever is signed in elsewhere by the password alone signs in again, with a code.
    sessions.end(request.user, but=request.session.session_key)
    return _shown(request, request.user, codes=codes)


def _off(request: HttpRequest) -> HttpResponse:
    if second_factor.passes(request.user, request.POST.get("code", "")):
        second_factor.reset(request.user)
        told_once.success(request, "The codes are switched off; the password alone signs you in.")
    else:
        told_once.error(request, NOT_RIGHT)
    return redirect("admin:console_account")


def _sign_out(request: HttpRequest) -> HttpResponse:
    _signed_out(request.user)
    return redirect("admin:login")


_OWN: dict[str, Callable[[HttpRequest], HttpResponse]] = {
    "begin": _begin,
    "confirm": _confirm,
    "off": _off,
    "sign-out": _sign_out,
}


def _signed_out(person: Any) -> int:
    """End a person's sign-ins, and let the audit say so; return how many."""
    ended = sessions.end(person)
    events.record(audited.SIGNED_OUT, key=person.get_username())
    return ended


def _shown(request: HttpRequest, person: Any, **once: Any) -> HttpResponse:
    """Return an account's page; ``once`` is what is shown on this answer alone, and kept nowhere that could show it."""
    is_own = person.pk == request.user.pk
    shown = {
        **admin.site.each_context(request),
        "title": "Account and security" if is_own else f"Account of {person.get_username()}",
        "person": person,
        "is_own": is_own,
        "device": second_factor.device_of(person),
        "begun": is_own and second_factor.device_of(person, confirmed=False) is not None,
        "codes_left": second_factor.codes_left(person),
        "sign_ins": len(sessions.of(person)),
        "lacks": second_factor.is_lacking(person, permissions=roles.CHANGES),
        **once,
    }
    return render(request, "console/account/page.html", shown)
