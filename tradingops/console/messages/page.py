"""The messages page: what waits, failed or expired; handing a strand over again, or passing over it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin
from django.contrib import messages as told_once
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminTextareaWidget

from strands import figures, models, tags
from tradingops.console.messages import queries
from tradingops.mandates import mandates
from tradingops.people import recovery, say

VIEW, CHANGE = "strands.view_delivery", "strands.change_delivery"
ACTIONS: dict[str, Callable[..., recovery.Recovered]] = {"requeue": recovery.requeue, "skip": recovery.skip}
#: What each action's dialog says that it does.
PROMISES = {
    "requeue": "Delivers the strand again with no attempts counted. The record of the failed turn stays.",
    "skip": "The listener never handles the strand. A failed turn records who skipped it, and why.",
}
DONE = {"requeue": "requeued", "skip": "skipped"}


class ReasonForm(BaseDialogForm):  # type: ignore[misc]
    """Why a person does it; kept on the wire."""

    reason = forms.CharField(
        min_length=3,
        max_length=500,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3, "placeholder": "What happened, and why this is right"}),
        help_text="Recorded as a note, with your name.",
    )


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """List the messages of one state."""
    _must(request, VIEW)
    wanted = queries.Wanted.of(request.GET)
    rows, after = queries.page(wanted, symbols=mandates.symbols_of(request.user))
    shown = {
        **admin.site.each_context(request),
        "title": "Messages",
        "is_fullwidth": "1",
        "wanted": wanted,
        "rows": rows,
        "tabs": _tabs(wanted, mandates.symbols_of(request.user)),
        "listeners": list(tags.LISTENERS),
        "query": urlencode(wanted.parameters),
        "older": urlencode({**wanted.parameters, "after": after}) if after else "",
        "action": wanted.tab.action if request.user.has_perm(CHANGE) else None,
    }
    return render(request, "console/messages/page.html", shown)


@require_http_methods(["GET", "HEAD", "POST"])
def dialog(request: HttpRequest, action: str) -> HttpResponse:
    """Answer GET with a dialog; do what it asks only when its form is posted with a reason."""
    wanted = queries.Wanted.of(request.GET)
    if action == "why":
        return _why(request, wanted)
    if action not in ACTIONS or action != wanted.tab.action:
        raise Http404(f"messages: {action!r} is nothing that can be done to {wanted.tab} messages")
    _must(request, CHANGE)
    rows = _meant(request, wanted)
    form = ReasonForm(request=request, data=request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        return _do(request, action, rows, reason=form.cleaned_data["reason"], back=wanted)
    asked = {"title": f"{action.capitalize()} {_how_many(len(recovery.keys(rows)))}?", "description": PROMISES[action]}
    shown = {"dialog": asked, "form": form, "form_submit_text": action.capitalize()}
    return render(request, "unfold/helpers/dialog.html", shown)


def _how_many(count: int) -> str:
    first = "the first " if count == recovery.MOST_AT_ONCE else ""
    return f"{first}{figures.count(count)} message{'' if count == 1 else 's'}"


def _do(request: HttpRequest, action: str, rows: QuerySet[Any], *, reason: str, back: queries.Wanted) -> HttpResponse:
    asked = say.asked_by(request.user, reason=reason)
    done = ACTIONS[action](recovery.keys(rows), asked=asked)
    if done.count:
        told_once.success(request, f"{figures.count(done.count)} {DONE[action]}.")
    else:
        told_once.warning(request, f"Nothing {DONE[action]}: it already waits, was handled, or is gone.")
    return HttpResponse(headers={"HX-Redirect": f"{reverse('admin:console_messages')}?{urlencode(back.parameters)}"})


def _why(request: HttpRequest, wanted: queries.Wanted) -> HttpResponse:
    _must(request, VIEW)
    message = _meant(request, wanted).first()
    if message is None:
        raise Http404("messages: this one is gone; it was handled, requeued or skipped meanwhile")
    row, payload = queries.told(message)
    return render(request, "console/messages/why.html", {"row": row, "payload": payload})


def _meant(request: HttpRequest, wanted: queries.Wanted) -> QuerySet[Any]:
    """Return the one row that is named, or all that the filter finds."""
    key, symbols = request.GET.get("one", ""), mandates.symbols_of(request.user)
    if not key:
        return recovery.within(queries.found(wanted), symbols)
    named = queries.one(wanted, key)
    inside = recovery.within(named, symbols)
    if symbols is not None and named.exists() and not inside.exists():
        raise PermissionDenied("messages: this one is about a symbol outside your mandate")
    return inside


def _tabs(wanted: queries.Wanted, symbols: Iterable[str] | None) -> list[dict[str, Any]]:
    counts = recovery.within(models.Delivery.objects.all(), symbols).aggregate(
        waiting=Count("pk", filter=Q(attempts=0)), retrying=Count("pk", filter=Q(attempts__gt=0))
    )
    counts["failed"] = recovery.within(queries.found(queries.Wanted(tab=queries.Tab.FAILED)), symbols).count()
    link = {name: value for name, value in wanted.parameters.items() if name in ("listener", "q")}
    return [
        {
            "title": tab.capitalize(),
            "count": counts.get(tab),
            "link": f"?{urlencode({**link, 'tab': str(tab)})}",
            "active": tab is wanted.tab,
        }
        for tab in queries.Tab
    ]


def _must(request: HttpRequest, permission: str) -> None:
    if not request.user.has_perm(permission):
        raise PermissionDenied
