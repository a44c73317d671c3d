"""What the command palette finds besides tables: a strand's lifecycle, by an id typed in full."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse
from unfold.dataclasses import SearchResult

from strands import ids


def found(request: HttpRequest, search_term: str) -> list[SearchResult]:
    """Return the lifecycle page of an id; the palette hands words over in small letters."""
    word = search_term.strip().upper()
    if ids.moment(word) is None:
        return []
    link = reverse("admin:console_lifecycle", args=[word])
    told = "From its first cause to its end"
    return [SearchResult(title=f"Lifecycle {word}", description=told, link=link, icon="timeline")]
