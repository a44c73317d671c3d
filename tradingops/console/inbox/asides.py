"""The dialogs that say something beside a plan, and that give it to somebody."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages as told_once
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from portfolio.reviews.models import Review
from tradingops.mandates import mandates
from tradingops.people import asides, reviewers, roles
from tradingops.people.verdicts import RefusedVerdict


class CommentForm(BaseDialogForm):  # type: ignore[misc]
    """What is said."""

    words = forms.CharField(
        min_length=3,
        max_length=500,
        label="Comment",
        widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "What others should know before they decide"}),
        help_text="Recorded with your name; it decides nothing.",
    )


class AssignForm(CommentForm):
    """And whom it is given to."""

    to = forms.ChoiceField(label="Give it to", widget=UnfoldAdminSelectWidget)
    field_order = ("to", "words")

    def __init__(self, *args: Any, item: Review, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["to"].choices = [(each, each) for each in sorted(reviewers.eligible(item))]


TITLES = {"comment": "Say something beside this plan", "assign": "Give this plan to somebody"}


@require_http_methods(["GET", "HEAD", "POST"])
def dialog(request: HttpRequest, key: str, action: str) -> HttpResponse:
    """Answer GET with a dialog, which changes nothing; say it only when its form is posted."""
    if action not in TITLES:
        raise Http404(f"inbox: {action!r} is nothing that can be done beside a plan")
    if not request.user.has_perm(roles.DECIDE):
        raise PermissionDenied
    item = Review.objects.filter(pk=key).first()
    if item is None:
        raise Http404(f"inbox: {key!r} is no plan that waits or waited for people")
    mandates.refuse_outside(request.user, item.symbol)
    data = request.POST if request.method == "POST" else None
    if action == "assign":
        form: Any = AssignForm(request=request, data=data, item=item)
    else:
        form = CommentForm(request=request, data=data)
    if data is not None and form.is_valid():
        return _said(request, item, action, form.cleaned_data)
    shown = {"dialog": {"title": TITLES[action]}, "form": form, "form_submit_text": "Keep"}
    return render(request, "unfold/helpers/dialog.html", shown)


def _said(request: HttpRequest, item: Review, action: str, told: dict[str, Any]) -> HttpResponse:
    try:
        if action == "assign":
            asides.assign(item, person=request.user, to=told["to"], words=told["words"])
        else:
            asides.comment(item, person=request.user, words=told["words"])
        told_once.success(request, "Kept.")
    except RefusedVerdict as fault:
        told_once.error(request, str(fault))
    return HttpResponse(headers={"HX-Redirect": reverse("admin:console_inbox_item", args=[item.id])})
