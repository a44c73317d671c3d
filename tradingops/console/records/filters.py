"""Filters of lists that cost an index look-up, however many rows a table has."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.admin import DropdownFilter, TextFilter

from strands import figures
from tradingops.console.records import keyset


def one_of(field: str, words: Iterable[str], *, title: str | None = None) -> type[DropdownFilter]:
    """Return a filter by a column that has these few values: choosing from them reads no table."""

    class OneOf(DropdownFilter):  # type: ignore[misc]
        parameter_name = field

        def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
            return [(word, figures.spaced(word)) for word in words]

        def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
            return queryset.filter(**{field: self.value()}) if self.value() else queryset

    OneOf.title = title or figures.spaced(field)
    return OneOf


def lately(field: str, words: Iterable[str], *, among: int = 50_000) -> type[DropdownFilter]:
    """Return a filter by a column without an index, which looks through so many rows and no more."""

    class Lately(one_of(field, words, title=f"{figures.spaced(field)}, among the newest {figures.count(among)}")):  # type: ignore[misc]
        def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
            found = super().queryset(request, queryset)
            return keyset.newest(found, among=among, before=request.GET.get(keyset.BEFORE)) if self.value() else found

    return Lately


def exactly(field: str, *, title: str | None = None) -> type[TextFilter]:
    """Return a filter by the exact value of a column."""

    class Exactly(TextFilter):  # type: ignore[misc]
        parameter_name = field

        def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
            return queryset.filter(**{field: self.value().strip()}) if self.value() else queryset

    Exactly.title = title or figures.spaced(field)
    return Exactly
