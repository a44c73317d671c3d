"""Admin of rows that modules write: looked at, filtered, never changed by hand, listed without counting."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.admin import ShowFacets
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import ValidationError
from django.db.models import Field, ForeignKey, JSONField, Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import DropdownFilter, TextFilter
from unfold.paginator import InfinitePaginator
from unfold.views import ChangeList

from strands import cells

#: The parameter of a list's address that names the last row of the page before.
BEFORE = "before"


class KeysetPaginator(InfinitePaginator):  # type: ignore[misc]
    """One page and no count; the next begins where this one ends."""

    template_name = "admin/keyset.html"


class KeysetList(ChangeList):  # type: ignore[misc]
    """A list whose pages are found by the primary key, so that the thousandth costs what the first did."""

    def get_filters_params(self, params: dict[str, Any] | None = None) -> dict[str, Any]:
        self.filter_params.pop(BEFORE, None)
        self.params.pop(BEFORE, None)
        return super().get_filters_params(params)  # type: ignore[no-any-return]

    def get_queryset(self, request: HttpRequest, exclude_parameters: list[str] | None = None) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request, exclude_parameters)
        before = request.GET.get(BEFORE)
        try:
            return rows.filter(pk__lt=before) if before else rows
        except (ValidationError, ValueError) as fault:
            raise IncorrectLookupParameters(f"{BEFORE}: {before!r} is no key of this table") from fault

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


@dataclass(frozen=True)
class Section:
    """A part of the page of one row: facts side by side, or one document."""

    title: str
    facts: list[tuple[str, SafeString]] = field(default_factory=list)
    document: SafeString | None = None


class RecordAdmin(ModelAdmin):  # type: ignore[misc]
    """Rows that are written by modules alone: no adding, no changing, no deleting; JSON told as cards."""

    actions = None
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

    change_form_template = "admin/record.html"

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
            Section("", [(worded(each.name), self.told(row, each)) for each in plain]),
            *(Section(worded(each.name), document=cells.document(getattr(row, each.attname))) for each in kept),
        ]

    def told(self, row: Any, column: Field[Any, Any]) -> SafeString:
        """Return one column of a row in words."""
        if isinstance(column, ForeignKey):
            return cells.related(getattr(row, column.name))
        return cells.value(getattr(row, column.attname))


class KeysetAdmin(RecordAdmin):
    """Records by the million: newest first by primary key, searched by exact words, filtered by known choices."""

    paginator = KeysetPaginator
    ordering = ["-pk"]
    sortable_by: Sequence[str] = ()

    def get_changelist(self, request: HttpRequest, **options: Any) -> type[ChangeList]:
        return KeysetList

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """Allow the filters that are shown and nothing that an address may invent: a free lookup scans the table."""
        return lookup in {getattr(shown, "parameter_name", None) for shown in self.get_list_filter(request)}


def worded(name: str) -> str:
    return name.replace("_", " ")


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


def lately(field: str, words: Iterable[str], *, among: int = 50_000) -> type[DropdownFilter]:
    """Return a filter by a column without an index, which looks through so many rows and no more."""

    class Lately(one_of(field, words, title=f"{worded(field)}, among the newest {among:,}")):  # type: ignore[misc]
        def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
            found = super().queryset(request, queryset)
            return newest(found, among=among, before=request.GET.get(BEFORE)) if self.value() else found

    return Lately


def newest(rows: QuerySet[Any], *, among: int, before: Any = None) -> QuerySet[Any]:
    """Keep what lies among so many rows of the whole table, the newest, or the newest before a key.

    The oldest of them is asked for first: the planner then knows how little is left to look through.
    """
    keys = rows.model._default_manager.order_by("-pk").values_list("pk", flat=True)
    keys = keys.filter(pk__lt=before) if before else keys
    oldest = next(iter(keys[among : among + 1]), None)
    return rows if oldest is None else rows.filter(pk__gt=oldest)


def exactly(field: str, *, title: str | None = None) -> type[TextFilter]:
    """Return a filter by the exact value of a column."""

    class Exactly(TextFilter):  # type: ignore[misc]
        parameter_name = field

        def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
            return queryset.filter(**{field: self.value().strip()}) if self.value() else queryset

    Exactly.title = title or field.replace("_", " ")
    return Exactly
