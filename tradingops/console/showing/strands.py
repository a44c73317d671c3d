"""A strand of the wire as every page tells it: its payload, and the line of its kind."""

from __future__ import annotations

from typing import Any

from strands import kinds, models, tables
from strands.telling import Part


def payload(row: models.Strand) -> dict[str, Any]:
    """Return the columns of a strand's payload that are not empty."""
    return {name: value for name in _table(row).payload if (value := getattr(row, name)) is not None}


def parts(row: models.Strand) -> list[Part]:
    """Return the line that tells a strand."""
    return kinds.parts(_table(row).module, row.kind, payload(row))


def _table(row: models.Strand) -> tables.Table:
    return tables.BY_NAME[row._meta.db_table]
