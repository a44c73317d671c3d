"""The banner that every page carries, and the dialogs behind its buttons: stop a scope, let it trade again."""

from __future__ import annotations

from collections.abc import Container
from typing import Any

from django import forms
from django.contrib import messages as told_once
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminRadioSelectWidget, UnfoldAdminTextInputWidget, UnfoldBooleanWidget

from strands.given import DESK, HaltState
from tradingops.mandates import mandates
from tradingops.people import countersigning, halting, persons, say

VIEW, CHANGE, INTERVENE = "strands.view_halt", "strands.add_halt", "strands.intervene"
STATES = [
    (HaltState.HALTED.value, "halted: only stops and targets"),
    (HaltState.REDUCE_ONLY.value, "reduce-only: exits go on"),
]
PROMISES = {
    "stop": "Orders of the scope are refused from the moment you submit. Stops and targets stay at the venue, entries "
    "that are out are asked back, and positions stay as they are: this closes nothing.",
    "resume": "Orders of the scope pass again. This closes nothing and forgives no loss, and other scopes that are "
    "halted stay so.",
}


class ReasonForm(BaseDialogForm):  # type: ignore[misc]
    """Which scope, and why; kept on the wire."""

    scope = forms.CharField(
        max_length=200,
        initial=DESK,
        widget=UnfoldAdminTextInputWidget,
        help_text="desk, venue:NAME, symbol:NAME or module:NAME",
    )
    reason = forms.CharField(
        min_length=3,
        max_length=500,
        widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "What happened"}),
        help_text="Recorded with your name, and shown on every page.",
    )


class StopForm(ReasonForm):
    """And how far it may still trade. A reason stands there already: in a hurry, one press is enough."""

    state = forms.ChoiceField(choices=STATES, initial=HaltState.HALTED.value, widget=UnfoldAdminRadioSelectWidget)
    field_order = ("scope", "state", "reason")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["reason"].initial = "stopped by hand"


class ResumeForm(ReasonForm):
    """And whether the losses that halted it are forgotten, for what comes."""

    measure_from_here = forms.BooleanField(
        required=False,
        widget=UnfoldBooleanWidget,
        help_text="Measure the day's loss and the drawdown from what the book is worth now. The references before and "
        "after are recorded; needed where the limit that halted the desk is still reached.",
    )


FORMS = {"stop": StopForm, "resume": ResumeForm}


def standing(request: HttpRequest) -> dict[str, Any]:
    """Return what the banner shows to this user, nothing where they may not see halts."""
    if not request.user.has_perm(VIEW):
        return {"may_see": False}
    symbols, known = mandates.symbols_of(request.user), halting.kept()
    stands = [each for each in halting.standing(known=known) if symbols is None or _concerns(each.scope, symbols)]
    found = countersigning.standing() if known.waiting else []
    waits = [each for each in found if symbols is None or symbols.issuperset(each.legs)]
    seen = ".".join((*(each.strand for each in stands), *(each.id for each in waits)))
    return {
        "may_see": True,
        "stands": stands,
        "waits": waits,
        "seen": seen,
        "may_halt": request.user.has_perm(CHANGE),
        "may_countersign": request.user.has_perm(INTERVENE),
        "person": persons.of_user(request.user),
    }


def _concerns(scope: str, symbols: Container[str]) -> bool:
    """Return whether a scope may stop something of these symbols."""
    sort, _, name = scope.partition(":")
    return sort != "symbol" or name in symbols


@require_safe
def banner(request: HttpRequest) -> HttpResponse:
    """Answer with the banner alone, which open pages ask for every few seconds; with nothing where it is as ``seen``.

    So nothing under the pointer or the focus is replaced without need.
    """
    shown = standing(request)
    if request.GET.get("seen") == shown.get("seen", ""):
        return HttpResponse(status=204)
    return render(request, "console/halts/banner.html", {"halts": shown})


@require_http_methods(["GET", "HEAD", "POST"])
def dialog(request: HttpRequest, action: str) -> HttpResponse:
    """Answer GET with a dialog; halt or resume only when its form is posted with a scope and a reason."""
    if action not in FORMS:
        raise Http404(f"halts: {action!r} is nothing that can be done about one")
    if not request.user.has_perm(CHANGE):
        raise PermissionDenied
    sent = request.method == "POST"
    initial = {"scope": request.GET["scope"]} if "scope" in request.GET else None
    form = FORMS[action](request=request, data=request.POST if sent else None, initial=initial)
    if sent and form.is_valid() and _done(request, action, form):
        return HttpResponse(headers={"HX-Refresh": "true"})
    asked = {"title": _TITLES[action], "description": PROMISES[action]}
    shown = {"dialog": asked, "form": form, "form_submit_text": _ACTS[action]}
    return render(request, "unfold/helpers/dialog.html", shown)


_TITLES = {"stop": "Stop trading?", "resume": "Trade again?"}
_ACTS = {"stop": "Stop now", "resume": "Resume"}


def _done(request: HttpRequest, action: str, form: ReasonForm) -> bool:
    """Do what was asked; where it is refused, say so at the form."""
    told, asked = form.cleaned_data, say.asked_by(request.user, reason=form.cleaned_data["reason"])
    try:
        if action == "stop":
            halting.halt(told["scope"], HaltState(told["state"]), asked=asked)
        else:
            halting.resume(told["scope"], asked=asked, measure_from_here=told["measure_from_here"])
    except halting.RefusedHalt as fault:
        form.add_error("scope", str(fault))
        return False
    told_once.success(request, f"Halted: {halting.told(halting.standing())}.")
    return True
