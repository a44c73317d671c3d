"""Lists of one kind of strand: a line a row, its story behind the first cell, counted, sorted, as CSV."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import BadRequest, PermissionDenied
from django.db.models import DecimalField, Func, QuerySet
from django.db.models.expressions import BaseExpression, Combinable, OrderBy
from django.http import HttpRequest, StreamingHttpResponse

from strands import figures, telling
from tradingops.console.records import keyset, record
from tradingops.console.records.columns import Column
from tradingops.console.showing import csv, html

#: Rows are counted up to here; by another order than time, the newest so many are sorted.
MOST_COUNTED, MOST_SORTED = 10_000, 2_000
#: Rows of a CSV file that are asked for at once.
TOGETHER = 500
#: What an address says of a page and not of what a list holds.
OF_A_PAGE = (keyset.BEFORE, "o", "p", "e")

Order = str | BaseExpression | Combinable
Rows = QuerySet[Any]


class Number(Func):
    """The number at a ``path`` of a JSON column; null where there is none."""

    template = (
        "CASE WHEN %(expressions)s #>> '{%(path)s}' ~ '^-?[0-9]{1,40}([.][0-9]{1,40})?$'"
        " THEN (%(expressions)s #>> '{%(path)s}')::numeric END"
    )

    def __init__(self, column: str, *, path: str) -> None:
        super().__init__(column, path=path, output_field=DecimalField())


class Told(Column):
    """One column: ``plain`` gives a row's value as a file has it, ``shown`` puts that into the page's words.

    ``by`` is what the list is ordered by when a person asks for this column; a column that the page has no room for may
    be in the file alone.
    """

    def __init__(
        self,
        heading: str,
        plain: Callable[[Any], Any],
        *,
        shown: Callable[[Any], Any] = html.value,
        by: Order | None = None,
        in_file_only: bool = False,
    ) -> None:
        super().__init__(heading, lambda row: shown(plain(row)), of=[])
        self.plain = plain
        self.in_file_only = in_file_only
        self.admin_order_field = by  # type: ignore[assignment]


def when() -> Told:
    """Return the column of the moment in market time, by which a list stands."""
    return Told("when", lambda row: row.at, shown=html.absolute, by="pk")


def amount(worded: Callable[[Any], str]) -> Callable[[Any], Any]:
    """Return how a number is shown, put into words by one of ``strands.figures``."""
    return lambda number: html.figure(worded(number))


def clipped(text: Any) -> Any:
    """Return words that take what room there is, the whole on hover."""
    return html.clipped(telling.words(text))


class ToldList(keyset.KeysetList):
    """A page of such a list; by time it goes on by the key, by another column over the newest rows alone."""

    matching: Rows
    result_list: Any

    def __init__(self, request: HttpRequest, *args: Any, **options: Any) -> None:
        super().__init__(request, *args, **options)
        self.title = self.model_admin.title

    def get_ordering(self, request: HttpRequest, queryset: Rows) -> list[Any]:
        """Return the order asked for; what has no value comes last, whichever way round."""
        asked = super().get_ordering(request, queryset)
        return [
            OrderBy(each.expression, descending=each.descending, nulls_last=True) if isinstance(each, OrderBy) else each
            for each in asked
        ]

    def page_of(self, rows: Rows, before: str | None) -> Rows:
        self.matching = rows.order_by("-pk")
        if self.by_time:
            beyond = "pk__gt" if self.oldest_first else "pk__lt"
            return rows.filter(**{beyond: before}) if before else rows
        newest = list(self.matching.values_list("pk", flat=True)[:MOST_SORTED])
        sorted_rows: Rows = rows.model._default_manager.filter(pk__in=newest).order_by(*rows.query.order_by)
        return sorted_rows

    def get_queryset(self, request: HttpRequest, exclude_parameters: list[str] | None = None) -> Rows:
        self.order = self.get_ordering(request, self.root_queryset)
        return super().get_queryset(request, exclude_parameters)

    @property
    def by_time(self) -> bool:
        return self.order[0] in ("pk", "-pk")

    @property
    def oldest_first(self) -> bool:
        return bool(self.order[0] == "pk")

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.result_list = list(self.result_list)
        self.model_admin.follow(self.result_list)

    def url_for_result(self, result: Any) -> str:
        return html.story(result.lifecycle_id or result.pk, of=result.pk)

    @property
    def older(self) -> str | None:
        """The address of the page after this one, None when this one is the last."""
        if self.by_time:
            return super().older
        more = len(self.result_list) == self.list_per_page and self.page_num * self.list_per_page < MOST_SORTED
        return self.get_query_string({"p": self.page_num + 1}) if more else None

    @property
    def onward(self) -> str:
        """What the link to the next page says."""
        return "Older" if self.by_time and not self.oldest_first else "Newer" if self.by_time else "Next"

    @property
    def counted(self) -> str:
        """How many rows match, in words; beyond what is worth counting, that there are more."""
        found = self.matching.values("pk")[: MOST_COUNTED + 1].count()
        one, many = self.model_admin.nouns
        if found > MOST_COUNTED:
            return f"more than {figures.count(MOST_COUNTED)} {many}"
        return f"{figures.count(found)} {one if found == 1 else many}"

    @property
    def sorted_among(self) -> str:
        """What to say where the order is not that of time."""
        return "" if self.by_time else f"sorted among the newest {figures.count(MOST_SORTED)}"

    @property
    def csv_address(self) -> str:
        return f"csv/{self.get_query_string(remove=list(OF_A_PAGE))}"


class ToldAdmin(record.KeysetAdmin):
    """A list of one kind of strand; what differs from one to another is declared."""

    list_before_template = "console/decisions/above.html"
    list_filter_sheet = True
    preserve_filters = False

    title: str
    kind: str
    #: One of them, and many.
    nouns: tuple[str, str]
    #: What to say while there is none.
    nothing_yet: str
    columns: Sequence[Told]

    def get_changelist(self, request: HttpRequest, **options: Any) -> type[ToldList]:
        return ToldList

    def get_list_display(self, request: HttpRequest) -> Sequence[Any]:
        return [each for each in self.columns if not each.in_file_only]

    def get_sortable_by(self, request: HttpRequest) -> Sequence[Any]:
        return [each for each in self.columns if each.admin_order_field]

    def get_queryset(self, request: HttpRequest) -> Rows:
        rows: Rows = self.bounded(self.model._default_manager.filter(kind=self.kind), request.user)
        return rows

    def follow(self, rows: Sequence[Any]) -> None:
        """Put to each of these rows what came of it, with as few questions as there are kinds of answers."""

    def csv(self, request: HttpRequest) -> StreamingHttpResponse:
        """Answer with all that the filters keep, the newest first; raises PermissionDenied, or BadRequest by name."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        asked = request.GET.copy()
        for name in OF_A_PAGE:
            asked.pop(name, None)
        request.GET = asked  # type: ignore[assignment]
        try:
            rows = self.get_changelist_instance(request).matching
        except IncorrectLookupParameters as fault:
            raise BadRequest(f"{request.GET.urlencode()[:200]}: no list is filtered like that") from fault
        header = [_headed(each) for each in self.columns]
        return csv.answer(self.nouns[1], [*header, "story", "id"], self._lines(rows))

    def _lines(self, rows: Rows) -> Iterator[list[Any]]:
        last = None
        while together := list((rows.filter(pk__lt=last) if last else rows)[:TOGETHER]):
            self.follow(together)
            for row in together:
                yield [*(each.plain(row) for each in self.columns), row.lifecycle_id, row.pk]
            last = together[-1].pk


def _headed(column: Told) -> str:
    return f"{column.short_description} (UTC)" if column.short_description == "when" else column.short_description
