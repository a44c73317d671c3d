"""What people do about a version: send it on, approve or decline it, publish, withdraw, go back to it, rebase it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.contrib import messages as told_once
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminTextInputWidget

from tradingops.console.policies import page, queries, trying
from tradingops.people import acts, roles, say
from tradingops.policies import content as contents
from tradingops.policies import versions
from tradingops.policies.content import RefusedContent
from tradingops.policies.models import Version
from tradingops.policies.versions import RefusedVersion
from tradingops.whatif.draft import BadDraft

#: The right that each action takes, what it is called, and what it does.
RIGHTS = {
    "submit": roles.DRAFT,
    "rebase": roles.DRAFT,
    "approve": roles.PUBLISH,
    "decline": roles.PUBLISH,
    "publish": roles.PUBLISH,
    "withdraw": roles.PUBLISH,
    "rollback": roles.PUBLISH,
    "urgent": roles.URGENT,
    **dict.fromkeys(trying.ACTS, roles.DRAFT),
}
PROMISES = {
    "submit": "Its content stays as it is from now on, and somebody else may approve it.",
    "rebase": "A new draft: what is in force, with what this one changed laid over it. Approvals do not carry over.",
    "approve": "You say that this content, by its hash, may be put in force. You must have written none of it.",
    "decline": "It ends here; whoever wants it begins a new draft.",
    "publish": "Modules go by it from their next turn on, for every symbol, whole.",
    "withdraw": "Its publication will never count. What is in force now stays.",
    "rollback": "This content is published again as a new version, and needs whom any version needs.",
    "urgent": "You put it in force alone, at once. It may only tighten, and is marked until somebody else approves it.",
    **trying.PROMISES,
}


class ReasonForm(BaseDialogForm):  # type: ignore[misc]
    """Why; kept with the version. The hash is that of the content that was shown."""

    reason = forms.CharField(
        min_length=3,
        max_length=500,
        widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "Why this is right"}),
        help_text="Recorded with your name.",
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False)


class TermForm(ReasonForm):
    """And between which moments of market time it counts."""

    begins = forms.DateTimeField(
        required=False, widget=UnfoldAdminTextInputWidget, label="From", help_text="UTC; empty is now."
    )
    ends = forms.DateTimeField(
        required=False,
        widget=UnfoldAdminTextInputWidget,
        label="Until",
        help_text="UTC; what was in force before counts again then. Empty is until another version.",
    )
    field_order = ("reason", "begins", "ends")


@require_http_methods(["GET", "HEAD", "POST"])
def dialog(request: HttpRequest, policy: str, number: int, action: str) -> HttpResponse:
    """Answer GET with a dialog; do what was asked only when its form is posted."""
    if action not in RIGHTS:
        raise Http404(f"policies: {action!r} is nothing that can be done about a version; {', '.join(RIGHTS)} are")
    page.must(request, RIGHTS[action])
    shown = page.found(policy, page.about(request, policy), number)
    if action not in trying.ALONE:
        page.must_reach(request, shown)
    sent = request.method == "POST"
    sort, at = _form_of(action)
    form = sort(request=request, data=request.POST if sent else None, initial={"seen": shown.hash})
    if sent and form.is_valid() and (kept := _done(request, action, shown, form, at=at)) is not None:
        told_once.success(request, f"{kept}: {kept.get_state_display()}.")
        return HttpResponse(headers={"HX-Redirect": page.address(kept)})
    asked = {"title": f"{trying.NAMES.get(action, action.capitalize())}: {shown}?", "description": PROMISES[action]}
    return render(
        request,
        "unfold/helpers/dialog.html",
        {"dialog": asked, "form": form, "form_submit_text": trying.NAMES.get(action, action.capitalize())},
    )


def _form_of(action: str) -> tuple[type[BaseDialogForm], str]:
    """Return the form of an action, and the field at which a refusal is told."""
    return trying.FORMS.get(action) or ((TermForm if action == "publish" else ReasonForm), "reason")


def _done(request: HttpRequest, action: str, shown: Version, form: BaseDialogForm, *, at: str) -> Version | None:
    """Do what was asked and return the version that it came to; say at the form why it is refused."""
    try:
        return _ACTS[action](request, shown, form.cleaned_data)
    except (RefusedVersion, RefusedContent, BadDraft) as refused:
        form.add_error(at, str(refused))
        return None


def _submit(request: HttpRequest, shown: Version, told: dict[str, Any]) -> Version:
    versions.submit(shown)
    return shown


def _approve(request: HttpRequest, shown: Version, told: dict[str, Any]) -> Version:
    versions.approve(shown, person=request.user, seen=told["seen"], note=told["reason"])
    return shown


def _decline(request: HttpRequest, shown: Version, told: dict[str, Any]) -> Version:
    versions.decline(shown, answer=told["reason"])
    return shown


def _publish(request: HttpRequest, shown: Version, told: dict[str, Any]) -> Version:
    edges = {"begins": told.get("begins"), "ends": told.get("ends")}
    utc = {name: timezone.localtime(at, timezone.get_default_timezone()) for name, at in edges.items() if at}
    versions.publish(shown, asked=say.asked_by(request.user, reason=told["reason"]), term=acts.Term(**utc))
    return shown


def _urgent(request: HttpRequest, shown: Version, told: dict[str, Any]) -> Version:
    asked = say.asked_by(request.user, reason=told["reason"])
    versions.publish_urgently(shown, own=queries.governed()[shown.policy], asked=asked)
    return shown


def _withdraw(request: HttpRequest, shown: Version, told: dict[str, Any]) -> Version:
    versions.withdraw(shown, asked=say.asked_by(request.user, reason=told["reason"]))
    return shown


def _rollback(request: HttpRequest, shown: Version, told: dict[str, Any]) -> Version:
    asked = say.asked_by(request.user, reason=told["reason"])
    return versions.again(shown, own=queries.governed()[shown.policy], asked=asked)


def _rebase(request: HttpRequest, shown: Version, told: dict[str, Any]) -> Version:
    moment = say.present()
    base = page.found(shown.policy, shown.symbol, shown.base)
    counts = versions.in_force(shown.policy, shown.symbol, at=moment)
    together = contents.rebased(base.content, in_force=counts.content if counts else {}, draft=shown.content)
    return versions.draft(
        shown.policy,
        together,
        own=queries.governed()[shown.policy],
        at=moment,
        reason=told["reason"],
        symbol=shown.symbol,
    )


_ACTS: Mapping[str, Callable[[HttpRequest, Version, dict[str, Any]], Version]] = {
    "submit": _submit,
    "approve": _approve,
    "decline": _decline,
    "publish": _publish,
    "withdraw": _withdraw,
    "rollback": _rollback,
    "rebase": _rebase,
    "urgent": _urgent,
    **trying.ACTS,
}
