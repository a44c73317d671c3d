"""Filters of lists that cost an index look-up, however many rows a table has."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.exceptions import BadRequest
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.admin import DropdownFilter, TextFilter

from strands import figures, ids
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


Rows = QuerySet[Any]


def chosen(
    parameter: str, words: Callable[[], Iterable[str]], kept: Callable[[Rows, str], Rows], *, title: str
) -> type[DropdownFilter]:
    """Return a filter that keeps what belongs to one of these words; any other word is refused by name."""

    class Chosen(DropdownFilter):  # type: ignore[misc]
        parameter_name = parameter

        def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
            return [(word, figures.spaced(word)) for word in words()]

        def queryset(self, request: HttpRequest, queryset: Rows) -> Rows:
            word = self.value()
            if not word:
                return queryset
            known = list(words())
            if word not in known:
                raise BadRequest(f"{parameter}: {word[:60]!r} is none of {', '.join(known)}")
            return kept(queryset, word)

    Chosen.title = title
    return Chosen


def day(*, title: str = "day, in UTC, as 2026-01-31") -> type[TextFilter]:
    """Return a filter by the day of market time; ids begin with the moment, so the key finds it."""

    class Day(TextFilter):  # type: ignore[misc]
        parameter_name = "day"

        def queryset(self, request: HttpRequest, queryset: Rows) -> Rows:
            asked = (self.value() or "").strip()
            if not asked:
                return queryset
            try:
                begun = datetime.strptime(asked, "%Y-%m-%d").replace(tzinfo=UTC)
                bounds = [ids.lower_bound(each) for each in (begun, begun + timedelta(days=1))]
            except (ValueError, OverflowError) as fault:
                raise BadRequest(f"day: {asked[:60]!r} is no day since 1970 as 2026-01-31") from fault
            return queryset.filter(pk__gte=bounds[0], pk__lt=bounds[1])

    Day.title = title
    return Day
