"""Between strands and their rows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from strands import tables
from strands.kinds import declared
from strands.strand import Strand
from strands.wires import statements

_encode = json.JSONEncoder(separators=(",", ":"), allow_nan=False, ensure_ascii=False).encode
_COMMON = tuple(name for name in statements.COMMON if name != "tags")


def encode(value: Any) -> str:
    """Return JSON; raises ValueError for a number that is not finite, TypeError for a value that is no JSON."""
    return _encode(value)


def decode(text: str) -> Any:
    """Return the value of JSON text."""
    return json.loads(text)


def columns(table: tables.Table, strands: Sequence[Strand]) -> tuple[tuple[str, ...], dict[str, Any]]:
    """Return the payload columns that these strands fill, and one parameter a column: a JSON array or a list.

    Raises Undeclared for a strand whose kind, columns or tags its role does not declare.
    """
    for strand in strands:
        declared.check(strand)
    used = {name for strand in strands for name, value in strand.payload.items() if value is not None}
    payload = tuple(name for name in table.payload if name in used)
    arrays: dict[str, Any] = {name: [getattr(strand, name) for strand in strands] for name in _COMMON}
    arrays["tags"] = encode([strand.tags for strand in strands])
    for name in payload:
        values = [strand.payload.get(name) for strand in strands]
        arrays[name] = encode(values) if table.payload[name] == tables.JSONB else values
    return payload, arrays


def strand(table: tables.Table, text: str) -> Strand:
    """Return the strand in one row's JSON."""
    row = json.loads(text)
    return Strand(
        id=row["id"],
        module=table.module,
        kind=row["kind"] or "",
        at=datetime.fromisoformat(row["at"]),
        symbol=row["symbol"],
        timeframe=row["timeframe"],
        tags=tuple(row["tags"]),
        parent_id=row["parent_id"],
        lifecycle_id=row["lifecycle_id"],
        session_bucket=row["session_bucket"],
        regime=row["regime"],
        module_id=row["module_id"],
        hop=row["hop"],
        payload={name: row[name] for name in table.payload if row[name] is not None},
    )
