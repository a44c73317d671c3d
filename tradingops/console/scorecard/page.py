"""The scorecard: how right each curator has been, what that was worth, and the decisions behind each figure."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from curators.learning_policy import LearningPolicy
from tradingops.console.scorecard import curator_card, queries, words
from tradingops.console.scorecard.curator_card import Card
from tradingops.console.scorecard.modules import MODULES, Module
from tradingops.console.scorecard.queries import FIGURES, Place
from tradingops.mandates import mandates
from tradingops.people import say
from tradingops.policies import standing


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Show the curators of one module beside one another."""
    module = _module(request, request.GET.get("module"))
    within = mandates.named_of(request.user)
    policy = _policy(module)
    cards = _cards(module, within=within, policy=policy)
    shown = {
        **admin.site.each_context(request),
        "title": "Scorecard",
        "is_fullwidth": "1",
        "module": module,
        "tabs": _tabs(request, module),
        "cards": cards,
        "scored": sum(card.n for card in cards),
        "window": queries.WINDOW,
        "least": policy.min_outcomes,
        "value": queries.portfolio_value() if within is None else None,
        "total": _total(cards),
    }
    return render(request, "console/scorecard/page.html", shown)


@require_safe
def curator(request: HttpRequest, module: str, name: str) -> HttpResponse:
    """Show one curator with all its figures, and the decisions behind the one that was asked for."""
    whose = _module(request, module, strictly=True)
    within = mandates.named_of(request.user)
    policy = _policy(whose)
    card = next(iter(_cards(whose, within=within, policy=policy, curator=name)), None)
    if card is None:
        raise Http404(f"scorecard: {name!r} was never scored in the {whose.title.lower()}")
    figure, bin = _figure(request), _bin(request)
    after = Place.of(request.GET.get("after", ""))
    rows = queries.listed(whose, name, within=within, figure=figure, bin=bin, after=after)
    asked = {"figure": figure, **({"bin": bin} if bin is not None else {})}
    shown = {
        **admin.site.each_context(request),
        "title": f"{card.title}, {whose.title.lower()}",
        "is_fullwidth": "1",
        "module": whose,
        "card": card,
        "window": queries.OWN_WINDOW,
        "least": policy.min_outcomes,
        "value": queries.portfolio_value() if within is None else None,
        "decisions": [words.decision_of(row) for row in rows[: queries.PAGE]],
        "figures": _figures(figure),
        "figure": figure,
        "bin": bin,
        "query": urlencode(asked),
        "older": urlencode({**asked, "after": _after(rows)}) if len(rows) > queries.PAGE else "",
        "first": request.GET.get("after", ""),
    }
    return render(request, "console/scorecard/curator.html", shown)


def _policy(module: Module) -> LearningPolicy:
    """Return how the curators of a module are scored and learn, as it is in force."""
    from tradingops import environments

    in_force: Any = standing.at(environments.governed()[module.name], module.name, moment=say.present())
    learning: LearningPolicy = in_force.curators.learning
    return learning


def _cards(module: Module, *, within: queries.Within, policy: LearningPolicy, curator: str | None = None) -> list[Card]:
    return curator_card.cards(
        queries.sums(module, within=within, curator=curator),
        queries.courses(module, within=within, curator=curator),
        queries.weights(module, within=within, curator=curator),
        policy=policy,
    )


def _total(cards: list[Card]) -> dict[str, Any]:
    """Return what all curators of a module saved and missed together."""
    money = [card.worth.money for card in cards if card.worth.money is not None]
    return {
        "saved": sum(card.worth.saved for card in cards),
        "missed": sum(card.worth.missed for card in cards),
        "net": sum(card.worth.net for card in cards),
        "money": sum(money) if money else None,
        "alerts": sum(len(card.alerts) for card in cards),
        "right": _share(sum(card.correct for card in cards), sum(card.n for card in cards)),
    }


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _module(request: HttpRequest, name: str | None, *, strictly: bool = False) -> Module:
    """Return the module that is asked for, else the first that the user may see."""
    if name is not None and strictly and name not in MODULES:
        raise Http404(f"scorecard: {name!r} has no curators; those that have are {', '.join(MODULES)}")
    allowed = [module for module in MODULES.values() if request.user.has_perm(module.permission)]
    wanted = [module for module in allowed if module.name == name] if name in MODULES else allowed
    if not wanted:
        raise PermissionDenied
    return wanted[0]


def _tabs(request: HttpRequest, shown: Module) -> list[dict[str, Any]]:
    page = reverse("admin:console_scorecard")
    return [
        {"title": module.title, "link": f"{page}?module={module.name}", "active": module is shown}
        for module in MODULES.values()
        if request.user.has_perm(module.permission)
    ]


def _figure(request: HttpRequest) -> str:
    asked = request.GET.get("figure", "")
    return asked if asked in FIGURES else "all"


def _figures(shown: str) -> list[dict[str, Any]]:
    return [
        {"title": title, "link": f"?{urlencode({'figure': name})}#decisions", "active": name == shown}
        for name, (title, _) in FIGURES.items()
    ]


def _bin(request: HttpRequest) -> int | None:
    asked = request.GET.get("bin", "")
    return int(asked) if asked.isascii() and asked.isdigit() and int(asked) < queries.BINS else None


def _after(rows: list[dict[str, Any]]) -> str:
    last = rows[queries.PAGE - 1]
    return str(Place(last["about"], last["id"]))
