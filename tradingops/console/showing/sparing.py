"""What is shown of rows that anybody may have written: one that cannot be read costs its own words and no other's."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, TypeVar

from django.core.exceptions import ObjectDoesNotExist, SuspiciousOperation, ValidationError
from django.db.models import Model
from django.urls import NoReverseMatch

from strands.json_values import UNREADABLE

T = TypeVar("T")
Row = TypeVar("Row", bound=Model)

#: What reading a value of another shape, range or kind than is expected comes to; a fault of the database is none.
CANNOT_BE_READ = (
    *(TypeError, ValueError, ArithmeticError, LookupError, AttributeError, RecursionError),
    *(ObjectDoesNotExist, ValidationError, NoReverseMatch, SuspiciousOperation),
)


def told(telling: Callable[[], T], otherwise: Callable[[], T]) -> T:
    """Return what is told of a value; where it cannot be read, what is told of it then."""
    try:
        return telling()
    except CANNOT_BE_READ:
        return otherwise()


def rows(found: Iterable[Row], telling: Callable[[Row], dict[str, Any]]) -> list[dict[str, Any]]:
    """Return each row as a page shows it; of one that cannot be read its key, as ``unreadable``."""
    return [told(partial(telling, row), lambda row=row: {"unreadable": str(row.pk)}) for row in found]  # type: ignore[misc]


def lines(found: Iterable[Row], telling: Callable[[Row], list[Any]]) -> Iterator[list[Any]]:
    """Yield each row as a line of a file; of one that cannot be read that word, and its key."""
    for row in found:
        yield told(partial(telling, row), lambda row=row: [str(UNREADABLE), str(row.pk)])  # type: ignore[misc]
