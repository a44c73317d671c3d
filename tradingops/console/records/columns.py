"""Columns of lists, declared in a line each: the field, how its value is shown, and the heading above it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString

from strands import figures
from tradingops.console.showing import html


class Column:
    """One column as Django's admin takes it: called with a row, it returns what the cell holds.

    ``of`` are the fields that it shows; a list that may be ordered is ordered by the first of them where ``ordered``.
    """

    def __init__(
        self,
        heading: str,
        cell: Callable[[Any], Any],
        *,
        of: Sequence[str],
        ordered: bool = False,
        boolean: bool = False,
    ) -> None:
        self.__name__ = heading.replace(" ", "_")
        self.short_description = heading
        self.of = tuple(of)
        self.admin_order_field = self.of[0] if ordered else None
        self.boolean = boolean
        self._cell = cell

    def __call__(self, row: Any) -> Any:
        for name in self.of:
            if html.is_unreadable(getattr(row, name, None)):
                return html.unreadable(name)
        return self._cell(row)


def value(field: str, heading: str | None, shown: Callable[[Any], Any]) -> Column:
    """Return the column of a field whose value is shown by a function; its heading is its name where none is given."""
    return Column(heading or figures.spaced(field), lambda row: shown(getattr(row, field)), of=[field], ordered=True)


def moment(field: str, heading: str = "when") -> Column:
    return value(field, heading, html.absolute)


def pill(field: str, heading: str | None = None) -> Column:
    return value(field, heading, html.pill)


def figure(field: str, worded: Callable[[Any], str], heading: str | None = None) -> Column:
    """Return a column of numbers, put into words by one of ``strands.figures``."""
    return value(field, heading, lambda number: html.figure(worded(number)))


def score(field: str, heading: str | None = None) -> Column:
    return figure(field, figures.score, heading)


def price(field: str, heading: str | None = None) -> Column:
    return figure(field, figures.price, heading)


def gain(field: str, heading: str) -> Column:
    """Return a column of money won or lost."""
    return value(field, heading, html.gain)


def identity(field: str, heading: str) -> Column:
    """Return a column of ids, each by its ends."""
    return value(field, heading, lambda key: html.short(str(key) if key else None))


def words(field: str, heading: str | None = None, *, most: int = 120) -> Column:
    """Return a column of free text, cut where it is long."""
    return value(field, heading, lambda text: (text or "")[:most])


def link(
    heading: str,
    page: str,
    key: Callable[[Any], list[str]],
    text: Callable[[Any], str | SafeString],
    *,
    of: Sequence[str],
) -> Column:
    """Return a column of links to a page of the console, named as in ``addresses``; ``key`` gives its arguments."""
    return Column(heading, lambda row: html.link(reverse(f"admin:{page}", args=key(row)), text(row)), of=of)
