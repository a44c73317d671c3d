"""Lists whose pages are found by the primary key, however many rows lie before them."""

from __future__ import annotations

from typing import Any

from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.paginator import InfinitePaginator
from unfold.views import ChangeList

from tradingops.console.records import cells

#: The parameter of a list's address that names the last row of the page before.
BEFORE = "before"


class KeysetPaginator(InfinitePaginator):  # type: ignore[misc]
    """One page and no count; the next begins where this one ends."""

    template_name = "console/records/keyset.html"


class StoryList(ChangeList):  # type: ignore[misc]
    """A list whose rows lead to the story that they belong to; a row without one leads to itself."""

    @property
    def shown(self) -> dict[str, Any]:
        """What the template of the rows is shown with."""
        return cells.shown(self)

    def url_for_result(self, result: Any) -> str:
        return str(self.model_admin.story_of(result) or super().url_for_result(result))


class KeysetList(StoryList):
    """A list whose pages are found by the primary key, so that the thousandth costs what the first did."""

    def get_filters_params(self, params: dict[str, Any] | None = None) -> dict[str, Any]:
        self.filter_params.pop(BEFORE, None)
        self.params.pop(BEFORE, None)
        return super().get_filters_params(params)  # type: ignore[no-any-return]

    def get_queryset(self, request: HttpRequest, exclude_parameters: list[str] | None = None) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request, exclude_parameters)
        before = request.GET.get(BEFORE)
        try:
            return self.page_of(rows, before)
        except (ValidationError, ValueError) as fault:
            raise IncorrectLookupParameters(f"{BEFORE}: {before!r} is no key of this table") from fault

    def page_of(self, rows: QuerySet[Any], before: str | None) -> QuerySet[Any]:
        """Return the rows that come after a key, all of them where there is none."""
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


def newest(rows: QuerySet[Any], *, among: int, before: Any = None, of: QuerySet[Any] | None = None) -> QuerySet[Any]:
    """Keep what lies among so many rows of the whole table, or of others, the newest, or the newest before a key.

    The oldest of them is asked for first: the planner then knows how little is left to look through.
    """
    whole = rows.model._default_manager.all() if of is None else of
    keys = whole.order_by("-pk").values_list("pk", flat=True)
    keys = keys.filter(pk__lt=before) if before else keys
    oldest = next(iter(keys[among : among + 1]), None)
    return rows if oldest is None else rows.filter(pk__gt=oldest)
