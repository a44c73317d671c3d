"""The inbox: the list of plans that wait for people, and the page of one of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from portfolio.reviews.models import Review
from tradingops.console.inbox import queries, words
from tradingops.console.showing import candles, sparing
from tradingops.mandates import mandates
from tradingops.people import roles, say

VIEW = "portfolio_reviews.view_review"


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Show the plans of a filter, the nearest deadline first; raises BadRequest for a filter that is none."""
    if not request.user.has_perm(VIEW):
        raise PermissionDenied
    try:
        asked = queries.wanted(request.GET)
        found, last = queries.page(asked, request.user)
    except queries.Misasked as wrong:
        raise BadRequest(str(wrong)) from None
    now = say.present()
    given = words.given(queries.notes(each.lifecycle_id for each in found))
    shown = {
        **admin.site.each_context(request),
        "title": "Inbox",
        "is_fullwidth": "1",
        "asked": asked,
        "rows": sparing.rows(
            found, lambda each: {**words.row(each, now=now), "given": given.get(each.lifecycle_id, "")}
        ),
        "is_given": bool(given),
        "tabs": [(tab, queries.Wanted(tab=tab).address()) for tab in queries.TABS],
        "needs": Review.Needs.values,
        "query": asked.address(),
        "after": asked.address(after=last) if last else "",
        "may_decide": request.user.has_perm(roles.DECIDE),
    }
    return render(request, "console/inbox/page.html", shown)


@require_safe
def item(request: HttpRequest, key: str) -> HttpResponse:
    """Show one plan with all that bears on it; looking changes nothing."""
    if not request.user.has_perm(VIEW):
        raise PermissionDenied
    told = queries.one(key)
    if told is None:
        raise Http404(f"inbox: {key!r} is no plan that waits or waited for people")
    found, now = told
    mandates.refuse_outside(request.user, found.symbol)
    strand = queries.shown(found)
    notes = queries.notes([found.lifecycle_id])
    shown = {
        **admin.site.each_context(request),
        "title": f"{found.direction} {found.symbol}",
        "is_fullwidth": "1",
        **words.row(found, now=now),
        "chart": _chart(found, now),
        "changes": words.changes(strand),
        "lessons": queries.titles(words.lessons(strand)),
        "notes": words.notes(notes),
        "given": words.given(notes).get(found.lifecycle_id, ""),
        "gates": words.gates(strand),
        "curators": words.curators(strand),
        "risk": words.risk(strand),
        "answers": words.answers(found),
        "alike": queries.alike(found),
        "may_decide": found.outcome is None and request.user.has_perm(roles.DECIDE),
    }
    return render(request, "console/inbox/item.html", shown)


@require_safe
def step(request: HttpRequest, key: str, way: str) -> HttpResponse:
    """Lead to the plan that waits next, or the one before; to the list where there is none."""
    if not request.user.has_perm(VIEW):
        raise PermissionDenied
    here = get_object_or_404(Review, pk=key)
    mandates.refuse_outside(request.user, here.symbol)
    found = queries.beside(here, request.user, way=way)
    return redirect("admin:console_inbox_item", found) if found else redirect("admin:console_inbox")


def _chart(item: Review, now: datetime) -> dict[str, Any] | None:
    """Return the candles from before a plan was made until it ended, or now, with its prices as lines."""
    window = candles.window(item.symbol, item.timeframe, [item.asked_at, item.ended_at or max(now, item.asked_at)])
    prices = {name: words.text(getattr(item, name)) for name in ("entry_price", "stop_loss", "take_profit")}
    return candles.chart(candles.read(window), plan=prices) if window else None
