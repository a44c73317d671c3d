"""Admin of rows that modules write: looked at, filtered, never changed by hand, listed without counting."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.contrib.admin import ShowFacets
from django.contrib.admin.utils import quote
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Field, ForeignKey, JSONField, Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin
from unfold.paginator import InfinitePaginator

from strands import figures
from tradingops.console.records import keyset
from tradingops.console.records.columns import Column
from tradingops.console.showing import documents, html, sparing
from tradingops.mandates import mandates


@dataclass(frozen=True)
class Section:
    """A part of the page of one row: facts side by side, or one document."""

    title: str
    facts: list[tuple[str, SafeString]] = field(default_factory=list)
    document: SafeString | None = None


def facts(row: Any, names: Iterable[str]) -> list[tuple[str, SafeString]]:
    """Return plain columns of a row, each under its name."""
    return [(figures.spaced(name), fact(row, name)) for name in names]


def fact(row: Any, name: str) -> SafeString:
    """Return one plain column of a row in words, also where it cannot be read."""
    value = getattr(row, name)
    return html.unreadable(name) if html.is_unreadable(value) else html.value(value)


def document(name: str, value: Any) -> Section:
    """Return the section of one document, under its column's name."""
    told = html.unreadable(name) if html.is_unreadable(value) else documents.document(value)
    return Section(figures.spaced(name), document=told)


@functools.cache
def symbol_of(model: type[Model]) -> str | None:
    """Return the look-up that leads from a row to its symbol: its own, its partition's, or its parent's."""
    names = {each.name for each in model._meta.concrete_fields}
    for own in ("symbol", "token", "partition"):
        if own in names:
            return own
    for each in model._meta.concrete_fields:
        related = each.related_model if isinstance(each, ForeignKey) else None
        if related and any(field.name == "symbol" for field in related._meta.concrete_fields):
            return f"{each.name}__symbol"
    return None


class RecordAdmin(ModelAdmin):  # type: ignore[misc]
    """Rows that are written by modules alone: no adding, no changing, no deleting; JSON told as cards."""

    actions = None
    empty_value_display = "—"
    list_fullwidth = True
    list_filter_submit = True
    list_per_page = 50
    paginator = InfinitePaginator
    preserve_filters = False
    show_facets = ShowFacets.NEVER
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.has_perm(f"{self.opts.app_label}.view_{self.opts.model_name}")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the rows that are about symbols within the mandates of who asks."""
        return self.bounded(super().get_queryset(request), request.user)

    def bounded(self, rows: QuerySet[Any], user: Any) -> QuerySet[Any]:
        """Keep what somebody may see; a table that is about no symbol is about none outside."""
        field = symbol_of(self.model)
        return mandates.bounded(rows, user, field=field) if field else rows

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Return the row of an address; raises PermissionDenied where it lies outside a mandate."""
        found = super().get_object(request, object_id, from_field)
        if found is None and mandates.symbols_of(request.user) is not None:
            try:
                if self.model._default_manager.filter(pk=self.model._meta.pk.to_python(object_id)).exists():
                    raise PermissionDenied(f"{object_id}: is about a symbol outside your mandate")
            except (ValidationError, ValueError):
                return None
        return found

    change_form_template = "console/records/record.html"
    change_list_template = "console/records/list.html"

    #: Where the row's story is told: given a row, the page's address, None where it has none.
    story: Callable[[Any], str | None] | None = None

    def get_changelist(self, request: HttpRequest, **options: Any) -> type[keyset.StoryList]:
        return keyset.StoryList

    def story_of(self, row: Any) -> str | None:
        """Return the address of the page that tells what a row belongs to, None where there is none."""
        told = type(self).story
        return told(row) if told else None

    def get_list_display(self, request: HttpRequest) -> Sequence[Any]:
        """Return the columns; where the first of them leads to a story, the last leads to the row as it is kept."""
        shown = super().get_list_display(request)
        return [*shown, Column("record", self._record, of=[])] if type(self).story else shown

    def _record(self, row: Any) -> SafeString:
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"
        return html.link(reverse(name, args=[quote(row.pk)]), "raw")

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **options: Any
    ) -> HttpResponse:
        """Show the row in sections of its own instead of a form with nothing to fill in."""
        row = options.get("obj")
        context["sections"] = self.sections(row) if row is not None else []
        return super().render_change_form(request, context, *args, **options)  # type: ignore[no-any-return]

    def sections(self, row: Any) -> list[Section]:
        """Return what the page of one row shows: its plain columns, then each document that holds something."""
        fields = self.opts.concrete_fields
        plain = [each for each in fields if not isinstance(each, JSONField)]
        kept = [each for each in fields if isinstance(each, JSONField) and getattr(row, each.attname) is not None]
        return [
            Section("", [(figures.spaced(each.name), self._spared(row, each)) for each in plain]),
            *(document(each.name, getattr(row, each.attname)) for each in kept),
        ]

    def _spared(self, row: Any, column: Field[Any, Any]) -> SafeString:
        """Return one column of a row in words, also where it cannot be read."""
        if html.is_unreadable(getattr(row, column.attname)):
            return html.unreadable(column.name)
        return sparing.told(partial(self.told, row, column), partial(html.unreadable, column.name))

    def told(self, row: Any, column: Field[Any, Any]) -> SafeString:
        """Return one column of a row in words."""
        if isinstance(column, ForeignKey):
            return html.related(getattr(row, column.name))
        return html.value(getattr(row, column.attname))


class HistoryAdmin(RecordAdmin):
    """Records that have a moment, newest first."""

    ordering = ["-timestamp"]
    sortable_by: Sequence[str] = ()


class KeysetAdmin(RecordAdmin):
    """Records by the million: newest first by primary key, searched by exact words, filtered by known choices."""

    paginator = keyset.KeysetPaginator
    ordering = ["-pk"]
    sortable_by: Sequence[str] = ()

    def get_changelist(self, request: HttpRequest, **options: Any) -> type[keyset.StoryList]:
        return keyset.KeysetList

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """Allow the filters that are shown and nothing that an address may invent: a free lookup scans the table."""
        return lookup in {getattr(shown, "parameter_name", None) for shown in self.get_list_filter(request)}

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> tuple[Any, bool]:
        """Find rows by an exact word in a searched column, as typed or in capitals; nothing is scanned."""
        word = search_term.strip()
        if not word or not self.search_fields:
            return queryset, False
        exactly = (Q(**{f"{name}__in": (word, word.upper())}) for name in self.search_fields)
        return queryset.filter(functools.reduce(operator.or_, exactly)), False
