"""The dialogs that approve, change or reject: what is decided on is fixed, with its hash, as the dialog opens."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.contrib import messages as told_once
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminTextInputWidget

from portfolio.reviews.models import Review
from strands import figures, ids
from tradingops.console.inbox import queries, words
from tradingops.mandates import mandates
from tradingops.mandates.mandate import Outside
from tradingops.modules.decision.reviews.verdict import CHANGEABLE
from tradingops.people import reviewers, roles, verdicts

#: The plans that are meant, each with the hash of what was seen of it.
Seen = dict[str, str]


class WordForm(BaseDialogForm):  # type: ignore[misc]
    """Why, and of what: kept on the wire."""

    reason = forms.CharField(
        min_length=3,
        max_length=500,
        widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "What you saw, and why this is right"}),
        help_text="Recorded with your name.",
    )
    seen = forms.CharField(widget=forms.HiddenInput)

    def clean_seen(self) -> Seen:
        """Return the plans that are meant; raises ValidationError for what no dialog of ours sent."""
        try:
            seen = json.loads(self.cleaned_data["seen"])
        except json.JSONDecodeError:
            seen = None
        if not isinstance(seen, dict) or not seen or not all(isinstance(each, str) for each in seen.values()):
            raise forms.ValidationError("seen: this names no plan; open the dialog again")
        if len(seen) > verdicts.MOST_AT_ONCE:
            raise forms.ValidationError(f"seen: {len(seen)} plans are more than {verdicts.MOST_AT_ONCE} at once")
        return seen


class ChangeForm(WordForm):
    """And what is to be otherwise; an empty field stays as it is."""

    position_size = forms.FloatField(
        required=False, widget=UnfoldAdminTextInputWidget, label="Size", help_text="share of value, 0.02 for 2 %"
    )
    entry_price = forms.DecimalField(required=False, widget=UnfoldAdminTextInputWidget, label="Entry")
    stop_loss = forms.DecimalField(required=False, widget=UnfoldAdminTextInputWidget, label="Stop")
    take_profit = forms.DecimalField(required=False, widget=UnfoldAdminTextInputWidget, label="Target")
    field_order = ("position_size", "entry_price", "stop_loss", "take_profit", "reason")


FORMS = {"approve": WordForm, "modify": ChangeForm, "reject": WordForm}
TITLES = {"approve": "Approve {}?", "modify": "Change and approve {}?", "reject": "Reject {}?"}
PROMISES = {
    "approve": "Every gate judges the plan again at this moment; what does not pass comes back with its reason.",
    "modify": "The changed plan goes through every gate. Whoever changes a plan is an author of it, and no second "
    "person for it.",
    "reject": "The plan is traded by nobody.",
}
LABELS = {"approve": "Approve", "modify": "Change and approve", "reject": "Reject"}


@require_http_methods(["GET", "HEAD", "POST"])
def dialog(request: HttpRequest, action: str) -> HttpResponse:
    """Answer GET with a dialog, which changes nothing; say the word only when its form is posted with a reason."""
    if action not in FORMS:
        raise Http404(f"inbox: {action!r} is nothing that can be said of a plan")
    if not request.user.has_perm(roles.DECIDE):
        raise PermissionDenied
    sent = request.method == "POST"
    seen = {} if sent else _seen(request)
    form = FORMS[action](request=request, data=request.POST if sent else None, initial={"seen": json.dumps(seen)})
    if sent and form.is_valid():
        return _say(request, action, form.cleaned_data)
    item = _one(request)
    title = TITLES[action].format(f"{item.direction} {item.symbol}" if item else _how_many(len(seen)))
    if item is not None and action == "modify":
        _show_as_planned(form, item)
    asked = {"title": title, "description": PROMISES[action]}
    shown = {"dialog": asked, "form": form, "form_submit_text": LABELS[action]}
    return render(request, "unfold/helpers/dialog.html", shown)


def _show_as_planned(form: Any, item: Review) -> None:
    """Have each field that may be changed show what it holds as it was planned."""
    for name in CHANGEABLE:
        form.fields[name].widget.attrs["placeholder"] = words.as_planned(item, name)


def _one(request: HttpRequest) -> Review | None:
    """Return the one plan that a dialog is about, where it is about one that somebody may see."""
    found = Review.objects.filter(pk=request.GET.get("one", "")).first()
    return found if found is not None and mandates.may_see(request.user, found.symbol) else None


def _seen(request: HttpRequest) -> Seen:
    """Return the one plan that is named, with the hash of the page it was seen on, or all of a filter as they are."""
    if key := request.GET.get("one", ""):
        return {key: request.GET.get("hash", "")}
    try:
        asked = queries.wanted(request.GET)
    except queries.Misasked as wrong:
        raise BadRequest(str(wrong)) from None
    rows = queries.found(asked, request.user).filter(outcome__isnull=True)
    return dict(rows.values_list("id", "hash")[: verdicts.MOST_AT_ONCE])


def _say(request: HttpRequest, action: str, told: Mapping[str, Any]) -> HttpResponse:
    """Say one word of each plan that was seen, in the order of their deadlines, and tell what was not said, and why."""
    seen: Seen = told["seen"]
    changes = {name: _text(told[name]) for name in CHANGEABLE if told.get(name) not in (None, "")}
    items = list(Review.objects.filter(pk__in=seen).order_by("deadline", "id"))
    for each in items if len(items) == 1 else ():
        mandates.refuse_outside(request.user, each.symbol)
    bulk = str(ids.uuid_of("bulk", request.user.pk, *sorted(seen))) if len(seen) > 1 else ""
    able = reviewers.with_the_right()
    said = {"person": request.user, "reason": told["reason"], "changes": changes, "bulk": bulk, "able": able}
    refused = [(each, _refusal(each, action, shown=seen[each.id], **said)) for each in items]
    if len(seen) > 1:
        return _told_one_by_one(request, refused)
    for _, why in refused:
        if why:
            told_once.error(request, why)
        else:
            told_once.success(request, "Said; what became of it stands here in a moment.")
    return HttpResponse(headers={"HX-Redirect": reverse("admin:console_inbox_item", args=list(seen))})


def _refusal(item: Review, action: str, **said: Any) -> str:
    """Say a word of one plan; return why it was not said, empty where it was."""
    try:
        verdicts.decide(item, action, **said)
    except (verdicts.RefusedVerdict, Outside) as fault:
        return str(fault)
    return ""


def _told_one_by_one(request: HttpRequest, refused: Sequence[tuple[Review, str]]) -> HttpResponse:
    """Show what became of each plan of a click: others may have decided on some of them meanwhile."""
    said = sum(not words for _, words in refused)
    shown = {"refused": refused, "said": _how_many(said), "back": f"{reverse('admin:console_inbox')}?tab=waiting"}
    return render(request, "console/inbox/told.html", shown)


def _text(value: Any) -> Any:
    return value if isinstance(value, float) else format(value, "f")


def _how_many(count: int) -> str:
    return f"{figures.count(count)} plan{'' if count == 1 else 's'}"
