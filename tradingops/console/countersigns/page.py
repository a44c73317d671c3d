"""The dialogs behind the line of what waits for a second person: confirm it, or let it be over."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages as told_once
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminTextInputWidget

from strands import figures
from tradingops.mandates import mandates
from tradingops.people import countersigning, persons, say
from tradingops.people.countersigning import Refused, Request
from tradingops.policies import closing

INTERVENE = "strands.intervene"


class AnswerForm(BaseDialogForm):  # type: ignore[misc]
    """Why a second person answers so; and the hash of what they were shown."""

    reason = forms.CharField(
        min_length=3,
        max_length=500,
        widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "What you looked at"}),
        help_text="Recorded with your name, beside that of who asked.",
    )
    seen = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)


_SUBMITS = {"confirm": "Confirm and close", "decline": "Decline"}


@require_http_methods(["GET", "HEAD", "POST"])
def dialog(request: HttpRequest, action: str) -> HttpResponse:
    """Answer GET with what was asked for and what it would close by now; confirm or decline when it is posted."""
    if action not in _SUBMITS:
        raise Http404(f"countersigns: {action!r} is no answer")
    if not request.user.has_perm(INTERVENE):
        raise PermissionDenied
    try:
        asked = countersigning.find(request.GET.get("request", ""))
    except Refused as fault:
        raise Http404(str(fault)) from None
    for symbol in asked.legs:
        mandates.refuse_outside(request.user, symbol)
    sent = request.method == "POST"
    words, seen = _preview(request, asked, action)
    form = AnswerForm(request=request, data=request.POST if sent else None, initial={"seen": seen})
    if sent and form.is_valid() and _done(request, asked, action, form):
        return HttpResponse(headers={"HX-Refresh": "true"})
    title = f"Confirm what {asked.by} asked for?" if action == "confirm" else f"Decline what {asked.by} asked for?"
    shown = {"dialog": {"title": title, "description": words}, "form": form, "form_submit_text": _SUBMITS[action]}
    return render(request, "unfold/helpers/dialog.html", shown)


def _preview(request: HttpRequest, asked: Request, action: str) -> tuple[str, str]:
    """Return what an answer means in words, and the hash of what it would close."""
    told = f"{asked.by} asked on {asked.since:%Y-%m-%d %H:%M:%S} UTC to {asked.action} {asked.scope}: {asked.reason}."
    if action == "decline":
        return f"{told} Nothing is closed; who still wants it asks again.", ""
    try:
        legs = countersigning.seen_by(asked)
    except Refused as fault:
        return f"{told} {fault}", ""
    held = [
        f"{each.symbol}: {figures.quantity(each.quantity)} worth {figures.money(each.value)}, about "
        f"{figures.money(closing.cost(each))} of costs; {each.orders} orders taken back."
        for each in legs
        if mandates.may_see(request.user, each.symbol)
    ]
    own = "" if asked.person != persons.of_user(request.user) else " You asked for it, so another person confirms it."
    seen = countersigning.digest(legs)
    changed = "" if seen == asked.hash else " What is held has changed since: it cannot be confirmed any more."
    return " ".join([told + own + changed, *held]), seen


def _done(request: HttpRequest, asked: Request, action: str, form: AnswerForm) -> bool:
    """Answer; where it is refused, say so at the form."""
    told: dict[str, Any] = form.cleaned_data
    who = say.asked_by(request.user, reason=told["reason"])
    try:
        if action == "decline":
            countersigning.decline(asked, asked=who)
            told_once.success(request, f"Declined what {asked.by} asked for. Nothing is closed.")
        else:
            legs = countersigning.confirm(asked, asked=who, seen=told["seen"])
            told_once.success(request, f"Asked to close: {', '.join(each.symbol for each in legs)}.")
    except Refused as fault:
        form.add_error("reason", str(fault))
        return False
    return True
