"""Instruments as rows for people: what each symbol is, as the market last told it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg

from strands.market.instruments.instrument import VALUES, BadInstrument, instrument_from
from strands.strand import Strand
from strands.written import Written

_NUMBERS = (
    *("tick", "lot", "contract_size", "funding_hours"),
    *("least_quantity", "greatest_quantity", "least_notional", "greatest_notional"),
)
WRITTEN = Written(
    columns={
        "symbol": "text",
        **{name: "numeric" if name in _NUMBERS else "text" for name in VALUES},
        "sources": "jsonb",
        "at": "timestamptz",
        "strand_id": "text",
    }
)
_KEEP = f"""
    INSERT INTO instruments ({WRITTEN.names})
    SELECT {WRITTEN.names} FROM {WRITTEN.of_json}
    ON CONFLICT (symbol) DO UPDATE SET ({WRITTEN.names}) = ({", ".join(f"excluded.{each}" for each in WRITTEN.columns)})
"""


def project(connection: psycopg.Connection[Any], strands: Sequence[Strand]) -> None:
    """Write the instruments among these strands as rows, the last told of each, in the caller's transaction."""
    told = {each.symbol or "": each for each in strands if each.kind == "instrument" and each.module == "market"}
    rows = [row for symbol in sorted(told) if (row := _row(told[symbol])) is not None]
    if rows:
        connection.execute(_KEEP, WRITTEN.json(rows))


def _row(strand: Strand) -> dict[str, Any] | None:
    """Return a strand's row; None for one from outside that tells of no instrument."""
    try:
        told = instrument_from(strand.payload.get("md_instrument") or {}).to_json()
    except BadInstrument:
        return None
    values = {name: told.get(name) for name in VALUES}
    at = strand.at.isoformat()
    return {"symbol": strand.symbol, **values, "sources": told["sources"], "at": at, "strand_id": strand.id}
