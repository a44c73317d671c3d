"""The dialogs that close a position, move its stop or target, take an order back, or flatten everything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages as told_once
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminTextInputWidget

from portfolio import ledger
from strands import figures
from strands.given import DESK
from tradingops.console.trades import words
from tradingops.countersigns.rule import Rule
from tradingops.mandates import mandates
from tradingops.people import acts, countersigning, flattening, say
from tradingops.people.flattening import Leg
from tradingops.people.resting import Resting
from tradingops.policies import closing

INTERVENE = "strands.intervene"
#: What closes positions.
CLOSES = ("close", "flatten")
#: What is typed before everything is closed.
WORD = "flatten"


class ReasonForm(BaseDialogForm):  # type: ignore[misc]
    """Why a person does it; kept on the wire."""

    reason = forms.CharField(
        min_length=3,
        max_length=500,
        widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "What you saw, and why this is right"}),
        help_text="Recorded with your name.",
    )
    seen = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)


class MoveForm(ReasonForm):
    """Where stop and target are to rest; an empty one stays where it is."""

    stop_loss = forms.CharField(required=False, max_length=80, widget=UnfoldAdminTextInputWidget, label="Stop")
    take_profit = forms.CharField(required=False, max_length=80, widget=UnfoldAdminTextInputWidget, label="Target")
    field_order = ("stop_loss", "take_profit", "reason")


class FlattenForm(ReasonForm):
    """The word that says that everything is meant."""

    word = forms.CharField(
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
        label=f"Type {WORD} to close all of this",
    )
    field_order = ("reason", "word")

    def clean_word(self) -> str:
        """Refuse any other word."""
        word = str(self.cleaned_data["word"])
        if word != WORD:
            raise forms.ValidationError(f"{word!r} is not {WORD}; type it to close everything, or cancel")
        return word


@dataclass(frozen=True)
class Action:
    """One thing that a person may do about a leg, or about all of them."""

    title: str
    form: type[ReasonForm]
    submit: str
    promise: str


ACTIONS = {
    "close": Action(
        "Close {symbol}?",
        ReasonForm,
        "Close",
        "Leaves the position at market, takes its entries back, and lets nothing of it rest. It is done when the venue "
        "says so.",
    ),
    "move": Action(
        "Move stop or target of {symbol}?",
        MoveForm,
        "Move",
        "The orders that rest at the venue are replaced. Stop, price and target have to follow one another.",
    ),
    "cancel": Action(
        "Cancel an order of {symbol}?",
        ReasonForm,
        "Cancel the order",
        "The order is asked back from its venue; what was filled before stays. Nothing is sent in its place; what is "
        "held keeps its stop and target.",
    ),
    "flatten": Action(
        "Close everything?",
        FlattenForm,
        "Close everything",
        "Every position is left at market and every entry taken back. It halts nothing: stop the desk first, or plans "
        "may enter again.",
    ),
}


@require_http_methods(["GET", "HEAD", "POST"])
def dialog(request: HttpRequest, action: str) -> HttpResponse:
    """Answer GET with a dialog; do what it asks only when its form is posted."""
    if action not in ACTIONS:
        raise Http404(f"trades: {action!r} is nothing that can be done about a position")
    if not request.user.has_perm(INTERVENE):
        raise PermissionDenied
    legs = _meant(request, action)
    asked, sent = ACTIONS[action], request.method == "POST"
    two = countersigning.rule_for(legs) if action in CLOSES else None
    initial = {**_initial(legs), "seen": countersigning.digest(legs)}
    form = asked.form(request=request, data=request.POST if sent else None, initial=initial)
    if sent and form.is_valid():
        if two is None:
            return _do(request, action, legs, form.cleaned_data)
        if _asked_for(request, action, legs, form):
            return HttpResponse(headers={"HX-Refresh": "true"})
    title = asked.title.format(symbol=legs[0].symbol if legs else "")
    words = " ".join([asked.promise, *_takes_two(two), *_meaning(request, action, legs)])
    submit = "Ask for a second person" if two else asked.submit
    shown = {"dialog": {"title": title, "description": words}, "form": form, "form_submit_text": submit}
    return render(request, "unfold/helpers/dialog.html", shown)


def _takes_two(two: Rule | None) -> list[str]:
    """Return that nothing is closed yet, where it takes a second person."""
    if two is None or two.above is None:
        return []
    above = figures.money(two.above)
    return [
        f"This is above {above}: nothing is closed before another person confirms it, within {two.minutes} minutes."
    ]


def _asked_for(request: HttpRequest, action: str, legs: Sequence[Leg], form: ReasonForm) -> bool:
    """Ask for a second person, for what this one was shown; where that is refused, say so at the form."""
    told, scope = form.cleaned_data, DESK if action == "flatten" else f"symbol:{legs[0].symbol}"
    asked, now = say.asked_by(request.user, reason=told["reason"]), countersigning.digest(legs)
    shown = countersigning.SHOWN
    try:
        if told["seen"] != now:
            raise countersigning.Refused(
                f"hash: {told['seen'][:shown] or 'nothing'} was shown and {now[:shown]} is held: look again"
            )
        countersigning.ask(legs, action=action, scope=scope, asked=asked)
    except countersigning.Refused as fault:
        form.add_error("reason", str(fault))
        return False
    told_once.warning(request, "Nothing is closed yet: this waits for a second person, and every page says so.")
    return True


def _meant(request: HttpRequest, action: str) -> list[Leg]:
    """Return the leg that the address names, all of them to flatten."""
    if action == "flatten":
        return [each for each in flattening.legs(DESK) if mandates.may_see(request.user, each.symbol)]
    symbol = request.GET.get("symbol", "")
    mandates.refuse_outside(request.user, symbol)
    found = [each for each in flattening.legs() if each.symbol == symbol]
    if not found:
        raise Http404(f"trades: nothing is held or under way in {symbol!r} any more")
    return found


def _order(request: HttpRequest, leg: Leg) -> Resting:
    """Return the order that the address names, where a person may take it back."""
    wanted = request.GET.get("order", "")
    found = [each for each in leg.resting if each.identity == wanted and each.may_be_cancelled]
    if not found:
        raise Http404(f"trades: {wanted!r} is no entry that is out or waits in {leg.symbol} any more")
    return found[0]


def _meaning(request: HttpRequest, action: str, legs: Sequence[Leg]) -> list[str]:
    """Return what the act means for each leg, in sentences."""
    if action == "cancel":
        order = _order(request, legs[0])
        at_venue = f" at {order.venue}" if order.venue else ", which waits to be entered"
        return [f"{order.side} {figures.quantity(order.quantity)} {legs[0].symbol}{at_venue}."]
    return [] if action == "move" else [*map(_words, legs)]


def _initial(legs: Sequence[Leg]) -> dict[str, Any]:
    if len(legs) != 1:
        return {}
    names = {"stop_loss": legs[0].stop, "take_profit": legs[0].target}
    return {name: ledger.text(price) for name, price in names.items() if price is not None}


def _do(request: HttpRequest, action: str, legs: Sequence[Leg], told: Mapping[str, Any]) -> HttpResponse:
    asked = say.asked_by(request.user, reason=told["reason"])
    if action == "cancel":
        order = _order(request, legs[0])
        say.publish(acts.intervention(legs[0].symbol, "cancel", asked=asked, order_id=order.identity))
        told_once.success(
            request, f"{legs[0].symbol}: asked the order back. It is gone from here once its venue says so."
        )
    elif action == "move":
        _move(legs[0], told, asked=asked)
        told_once.success(request, f"{legs[0].symbol}: asked to move. The trader says so here if it cannot be.")
    else:
        flattening.close(legs, asked=asked)
        told_once.success(request, f"Asked to close: {', '.join(each.symbol for each in legs) or 'nothing is held'}.")
    return HttpResponse(headers={"HX-Refresh": "true"})


def _move(leg: Leg, told: Mapping[str, Any], *, asked: acts.Asked) -> None:
    wanted = {name: told[name].strip() for name in ("stop_loss", "take_profit") if told[name].strip()}
    mark = {"mark": ledger.text(leg.mark)} if leg.mark else {}
    flattening.must_be_allowed(leg, asked=asked)
    say.publish(acts.intervention(leg.symbol, "move", asked=asked, **wanted, **mark))


def _words(leg: Leg) -> str:
    """Return what closing a leg means."""
    held = f"{leg.symbol}: {words.apart(leg) or figures.quantity(leg.quantity)} worth {figures.money(leg.value)}, about"
    return f"{held} {figures.money(closing.cost(leg))} of costs; {leg.orders} orders taken back."
