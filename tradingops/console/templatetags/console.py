"""Cells and figures for the console's own templates."""

from __future__ import annotations

from typing import Any

from django import template
from django.template import defaultfilters

from strands import figures
from strands.calendar import Beyond
from strands.json_values import UNREADABLE
from tradingops.console import navigation
from tradingops.console.showing import documents, html

register = template.Library()

for name in ("moment", "absolute", "pill", "chip", "parts", "gain", "lifecycle", "short", "setting"):
    register.filter(name, getattr(html, name))
register.filter("document", documents.document)
for name in ("money", "price", "quantity", "percent", "score", "count", "factor", "age"):
    register.filter(name, getattr(figures, name))


@register.filter(expects_localtime=True, is_safe=False)
def date(at: Any, format: str | None = None) -> str:
    """Return a moment as Django's own filter writes it; one beyond the calendar is unreadable."""
    return str(UNREADABLE) if isinstance(at, Beyond) else str(defaultfilters.date(at, format))


@register.filter
def fixed(value: Any, digits: int) -> str:
    """Return a number with just so many decimals."""
    return figures.fixed(value, digits=digits)


@register.filter
def words(code: str) -> str:
    """Return a code such as ``max_exposure`` as words."""
    return figures.spaced(code)


@register.simple_tag(takes_context=True)
def trail(context: Any, parts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the way to the page at hand, in the sidebar's words."""
    return navigation.trail(context["request"].path, parts)
