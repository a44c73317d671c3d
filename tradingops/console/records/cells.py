"""Rows of a list as cells: headings and classes are worked out once for a page, and not again for every row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.contrib.admin.utils import lookup_field
from django.utils.html import conditional_escape, escape
from django.utils.safestring import SafeString
from unfold.templatetags import unfold_list
from unfold.utils import display_for_field, display_for_value

from tradingops.console.records.columns import Column
from tradingops.console.showing import html, sparing

_CLASSES = " ".join(unfold_list.ROW_CLASSES)
_LINK = " ".join(unfold_list.LINK_CLASSES)


@dataclass(frozen=True, slots=True)
class Row:
    """One row as Unfold's template takes it: it goes through the cells."""

    instance: Any
    cells: SafeString
    form: None = None

    def __iter__(self) -> Iterator[SafeString]:
        yield self.cells

    def __len__(self) -> int:
        return 1


def shown(cl: Any) -> dict[str, Any]:
    """Return what Unfold's template of a list is shown with, of columns declared by us and of plain fields."""
    headers = list(unfold_list.result_headers(cl))
    opens = [_opening(column, headers[at]["text"]) for at, column in enumerate(cl.list_display)]
    empty = cl.model_admin.get_empty_value_display()
    return {
        "result_headers": headers,
        "num_sorted_fields": sum(bool(each["sortable"] and each["sorted"]) for each in headers),
        "results": [Row(row, _cells(cl, row, opens, empty)) for row in cl.result_list],
    }


def _opening(column: Column | str, heading: str) -> str:
    return f' class="field-{escape(_named(column))} {_CLASSES}" data-label="{escape(heading)}">'


def _named(column: Column | str) -> str:
    return column if isinstance(column, str) else column.__name__


def _cells(cl: Any, row: Any, opens: Sequence[str], empty: str) -> SafeString:
    made = []
    for at, (column, opening) in enumerate(zip(cl.list_display, opens, strict=True)):
        cell = sparing.told(partial(_shown, cl, column, row, empty), partial(html.unreadable, _field(column)))
        if at or cl.list_display_links is None or cl.is_popup:
            made.append(f"<td{opening}{cell}</td>")
        else:
            made.append(f"<th{opening}{_leading(cl, row, cell)}</th>")
    return SafeString("".join(made))


def _leading(cl: Any, row: Any, cell: str) -> str:
    """Return a cell as a link to the row's story, or to its record; as it is where its key leads nowhere."""
    leading = sparing.told(partial(cl.url_for_result, row), lambda: "")
    return f'<a href="{escape(leading)}" class="{_LINK}">{cell}</a>' if leading else cell


def _field(column: Column | str) -> str:
    """Return what a column that cannot be read is called: its first field."""
    return column if isinstance(column, str) else next(iter(column.of), column.__name__)


def _shown(cl: Any, column: Column | str, row: Any, empty: str) -> str:
    if isinstance(column, str):
        field, attribute, value = lookup_field(column, row, cl.model_admin)
        if html.is_unreadable(value):
            return html.unreadable(column)
        if field is not None and not field.auto_created and not field.remote_field:
            return conditional_escape(display_for_field(value, field, empty))
        boolean = getattr(attribute, "boolean", False)
    else:
        value, boolean = column(row), column.boolean
    return value if isinstance(value, SafeString) else conditional_escape(display_for_value(value, empty, boolean))
