"""Cells and figures for the console's own templates."""

from __future__ import annotations

from django import template

from strands import figures
from tradingops.console.showing import documents, html, moments

register = template.Library()

for name in ("moment", "pill", "chip", "parts", "gain", "lifecycle", "short"):
    register.filter(name, getattr(html, name))
register.filter("document", documents.document)
for name in ("money", "price", "quantity", "percent", "score", "count"):
    register.filter(name, getattr(figures, name))
register.filter("lag", moments.lag)


@register.filter
def words(code: str) -> str:
    """Return a code such as ``max_exposure`` as words."""
    return code.replace("_", " ")
