"""Admin of rows that modules write: looked at, filtered, never changed by hand, listed without counting."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.contrib.admin import ShowFacets
from django.db.models import JSONField, Model, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import DropdownFilter, TextFilter
from unfold.paginator import InfinitePaginator
from unfold.views import ChangeList

from strands import cells

#: The parameter of a list's address that names the last row of the page before.
BEFORE = "before"


class KeysetPaginator(InfinitePaginator):
    """One page and no count; the next begins where this one ends."""

    template_name = "admin/keyset.html"


class KeysetList(ChangeList):
    """A list whose pages are found by the primary key, so that the thousandth costs what the first did."""

    def get_filters_params(self, params: dict[str, Any] | None = None) -> dict[str, Any]:
        self.filter_params.pop(BEFORE, None)
        self.params.pop(BEFORE, None)
        return super().get_filters_params(params)  # type: ignore[no-any-return]

    def get_queryset(self, request: HttpRequest, exclude_parameters: list[str] | None = None) -> QuerySet[Any]:
        rows = super().get_queryset(request, exclude_parameters)
        before = request.GET.get(BEFORE)
        return rows.filter(pk__lt=before) if before else rows

    def get_results(self, request: HttpRequest) -> None:
        """Read the page; the count stands for a number nobody asked the database for, and is not to be shown."""
        super().get_results(request)
        self.full_result_count = self.result_count

    @property
    def older(self) -> str | None:
        """The address of the page after this one, None when this one is the last."""
        rows = list(self.result_list)
        return self.get_query_string({BEFORE: rows[-1].pk}) if len(rows) == self.list_per_page else None

    @property
    def newest(self) -> str:
        return str(self.get_query_string())


class RecordAdmin(ModelAdmin):  # type: ignore[misc]
    """Rows that are written by modules alone: no adding, no changing, no deleting; JSON told as cards."""

    actions = None
    compressed_fields = True
    empty_value_display = "—"
    list_fullwidth = True
    list_filter_submit = True
    list_per_page = 50
    paginator = InfinitePaginator
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

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """Return the plain columns first, then one section of documents for the JSON columns that hold something."""
        fields = self.opts.concrete_fields
        plain = [field.name for field in fields if not isinstance(field, JSONField)]
        documents = [
            told(field.name)
            for field in fields
            if isinstance(field, JSONField) and (obj is None or getattr(obj, field.attname) is not None)
        ]
        sections: list[tuple[str | None, dict[str, Any]]] = [(None, {"fields": plain})]
        return [*sections, ("What it holds", {"fields": documents})] if documents else sections


class KeysetAdmin(RecordAdmin):
    """Records by the million: newest first by primary key, searched by exact words, filtered by known choices."""

    paginator = KeysetPaginator
    ordering = ["-pk"]
    sortable_by: Sequence[str] = ()

    def get_changelist(self, request: HttpRequest, **options: Any) -> type[ChangeList]:
        return KeysetList

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:  # type: ignore[override]
        """Allow the filters that are shown and nothing that an address may invent: a free lookup scans the table."""
        return lookup in {getattr(shown, "parameter_name", None) for shown in self.get_list_filter(request)}


def told(name: str) -> Callable[[Model], SafeString]:
    """Return a read-only field that tells a JSON column as cards."""

    def field(row: Model) -> SafeString:
        return cells.document(getattr(row, name))

    field.__name__ = name
    field.short_description = name.replace("_", " ")  # type: ignore[attr-defined]
    return field


def one_of(field: str, words: Iterable[str], *, title: str | None = None) -> type[DropdownFilter]:
    """Return a filter by a column that has these few values: choosing from them reads no table."""

    class OneOf(DropdownFilter):  # type: ignore[misc]
        parameter_name = field

        def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
            return [(word, word.replace("_", " ")) for word in words]

        def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
            return queryset.filter(**{field: self.value()}) if self.value() else queryset

    OneOf.title = title or field.replace("_", " ")
    return OneOf


def exactly(field: str, *, title: str | None = None) -> type[TextFilter]:
    """Return a filter by the exact value of a column."""

    class Exactly(TextFilter):  # type: ignore[misc]
        parameter_name = field

        def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
            return queryset.filter(**{field: self.value().strip()}) if self.value() else queryset

    Exactly.title = title or field.replace("_", " ")
    return Exactly
