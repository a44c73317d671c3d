"""What people ask of a draft before anybody goes by it: their forms, and how each asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils import timezone
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminTextInputWidget

from tradingops.people import say
from tradingops.policies.models import Version
from tradingops.whatif import asking

NAMES = {"try": "What if", "replay": "Replay a period", "shadow": "Run beside the desk", "unshadow": "Stop beside"}
PROMISES = {
    "try": "The last recorded decisions are made again under this draft, each alone. Nobody goes by it meanwhile.",
    "replay": "All that the market told is played again, as it was and under this draft, in the background.",
    "shadow": "It decides beside what is in force from the next plan on, and says nothing that anybody carries out.",
    "unshadow": "It follows no further; what it found stays.",
}


class LastForm(BaseDialogForm):  # type: ignore[misc]
    """How many decisions."""

    last = forms.IntegerField(
        min_value=1,
        max_value=asking.MOST,
        initial=asking.LAST,
        label="Last plans",
        widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "numeric"}),
        help_text=f"1 to {asking.MOST}",
    )


class SpanForm(BaseDialogForm):  # type: ignore[misc]
    """From when up to when."""

    since = forms.DateTimeField(
        required=False, widget=UnfoldAdminTextInputWidget, label="Since", help_text="UTC; empty is from the beginning."
    )
    until = forms.DateTimeField(
        required=False, widget=UnfoldAdminTextInputWidget, label="Until", help_text="UTC; empty is up to the end."
    )


class PlainForm(BaseDialogForm):  # type: ignore[misc]
    """Nothing but yes, and where it is told why not."""

    sure = forms.CharField(widget=forms.HiddenInput, required=False)


#: The form of each act, and the field at which a refusal is told.
FORMS: Mapping[str, tuple[type[BaseDialogForm], str]] = {
    "try": (LastForm, "last"),
    "replay": (SpanForm, "since"),
    "shadow": (PlainForm, "sure"),
    "unshadow": (PlainForm, "sure"),
}


def _try(request: HttpRequest, version: Version, told: Mapping[str, Any]) -> Version:
    asking.decisions(version, last=told["last"], by=request.user.get_username(), at=say.present())
    return version


def _replay(request: HttpRequest, version: Version, told: Mapping[str, Any]) -> Version:
    zone = timezone.get_default_timezone()
    edges = {name: at and timezone.localtime(at, zone) for name in ("since", "until") for at in [told.get(name)]}
    asking.whole_period(version, by=request.user.get_username(), at=say.present(), **edges)
    return version


def _shadow(request: HttpRequest, version: Version, told: Mapping[str, Any]) -> Version:
    asking.shadow(version, by=request.user.get_username(), at=say.present())
    return version


def _unshadow(request: HttpRequest, version: Version, told: Mapping[str, Any]) -> Version:
    asking.stop(version)
    return version


#: What tells its result to whoever asked alone, so that it takes no mandate over all that a policy bears on.
ALONE = ("try", "replay")
ACTS: Mapping[str, Callable[[HttpRequest, Version, Mapping[str, Any]], Version]] = {
    "try": _try,
    "replay": _replay,
    "shadow": _shadow,
    "unshadow": _unshadow,
}
