"""Cells and figures for the console's own templates."""

from __future__ import annotations

from django import template

from strands import cells, figures
from tradingops.console import dashboard

register = template.Library()

for name in ("moment", "pill", "parts", "gain", "lifecycle", "short", "document"):
    register.filter(name, getattr(cells, name))
for name in ("money", "price", "quantity", "percent", "score", "count"):
    register.filter(name, getattr(figures, name))
register.filter("lag", dashboard.lag)


@register.filter
def words(code: str) -> str:
    """Return a code such as ``max_exposure`` as words."""
    return code.replace("_", " ")
