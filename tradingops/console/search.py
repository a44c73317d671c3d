"""What the command palette finds besides tables: a strand's lifecycle, by an id typed in full, and what it says."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse
from unfold.dataclasses import SearchResult

from strands import ids, models, telling
from tradingops.console.showing import strands
from tradingops.mandates import mandates


def found(request: HttpRequest, search_term: str) -> list[SearchResult]:
    """Return the lifecycle page of an id; the palette hands words over in small letters."""
    word = search_term.strip().upper()
    if ids.moment(word) is None:
        return []
    if _is_outside(request, word):
        return []
    link = reverse("admin:console_lifecycle", args=[word])
    said = _said(request, word) or "From its first cause to its end"
    return [SearchResult(title=f"Lifecycle {word}", description=said, link=link, icon="timeline")]


def _is_outside(request: HttpRequest, identity: str) -> bool:
    """Return whether an id is that of a strand whose symbol this person may not see."""
    if mandates.symbols_of(request.user) is None:
        return False
    rows = (model._default_manager.filter(pk=identity) for model in models.STRANDS.values())
    named = [symbol for each in rows for symbol in each.values_list("symbol", flat=True)]
    return not named or not all(mandates.may_see(request.user, symbol) for symbol in named)


def _said(request: HttpRequest, identity: str) -> str:
    """Return the line of the strand of an id; nothing where there is none that this person may view."""
    for model in models.STRANDS.values():
        if request.user.has_perm(f"strands.view_{model._meta.model_name}"):
            for strand in model._default_manager.filter(pk=identity):
                return telling.text(strands.parts(strand))
    return ""
