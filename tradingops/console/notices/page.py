"""The bell on every page, and the page of one's own notices: what was told, by which ways, and of what."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib import messages as told_once
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from tradingops.notices import events, sending, ways
from tradingops.notices.models import Way
from tradingops.people import roles
from tradingops.sign_in import second_factor

#: How many notices the bell shows, and up to how many it counts.
ON_THE_BELL, COUNTED = 8, 99


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Show one's own notices and ways; looking marks nothing as seen."""
    return _shown(request)


@require_safe
def bell(request: HttpRequest) -> HttpResponse:
    """Show the bell alone, as every page asks for it again and again; looking marks nothing as seen."""
    if second_factor.is_lacking(request.user, permissions=roles.CHANGES):
        # Whoever has to switch a second factor on first is told nothing, and need not ask again and again.
        return render(request, "console/notices/bell.html", {"bell": (), "count": 0, "newest": 0})
    count = ways.unseen(request.user, most=COUNTED + 1)
    newest = list(ways.bell(request.user)[:ON_THE_BELL])
    many = f"{COUNTED}+" if count > COUNTED else count
    shown = {"bell": newest, "count": many, "newest": newest[0].pk if newest else 0}
    return render(request, "console/notices/bell.html", shown)


@require_POST
def act(request: HttpRequest, action: str) -> HttpResponse:
    """Do something about one's own notices or ways."""
    if action not in _ACTS:
        raise Http404(f"notices: {action!r} is nothing that can be done about one's own")
    try:
        answer = _ACTS[action](request)
    except ways.Refused as fault:
        told_once.error(request, str(fault))
        answer = None
    return answer or redirect("admin:console_notices")


def _see(request: HttpRequest) -> HttpResponse | None:
    ways.see(request.user, _number(request, "up_to") or 0)
    return None


def _add(request: HttpRequest) -> HttpResponse | None:
    made = ways.add(request.user, request.POST.get("sort", ""), request.POST.get("address", ""))
    return _with_secret(request, made)


def _choose(request: HttpRequest) -> HttpResponse | None:
    ways.choose(request.user, _number(request, "way"), request.POST.getlist("events"))
    told_once.success(request, "Kept.")
    return None


def _renew(request: HttpRequest) -> HttpResponse | None:
    return _with_secret(request, ways.renew(request.user, _number(request, "way") or 0))


def _remove(request: HttpRequest) -> HttpResponse | None:
    ways.remove(request.user, _number(request, "way") or 0)
    told_once.success(request, "Taken away, with what still waited to go out by it.")
    return None


_ACTS: dict[str, Callable[[HttpRequest], HttpResponse | None]] = {
    "see": _see,
    "add": _add,
    "choose": _choose,
    "renew": _renew,
    "remove": _remove,
}


def _with_secret(request: HttpRequest, way: Way) -> HttpResponse | None:
    """Show a webhook's secret on this answer alone."""
    if way.sort != Way.Sort.WEBHOOK:
        return None
    return _shown(request, secret=sending.secret_of(way), of=way)


def _number(request: HttpRequest, name: str) -> int | None:
    text = request.POST.get(name, "")
    if not text:
        return None
    if not text.isdecimal() or len(text) > 18:
        raise ways.Refused(f"{name}: {text[:20]!r} is no number; use the page's own buttons")
    return int(text)


def _shown(request: HttpRequest, **once: Any) -> HttpResponse:
    told = list(ways.bell(request.user)[: ways.LISTED])
    shown = {
        **admin.site.each_context(request),
        "title": "Notices",
        "told": told,
        "newest": told[0].pk if told else 0,
        "unseen": ways.unseen(request.user),
        "ways": ways.of(request.user),
        "events": list(events.EVENTS.values()),
        "has_mail": settings.HAS_MAIL,
        "private": settings.NOTICES_PRIVATE,
        **once,
    }
    return render(request, "console/notices/page.html", shown)
