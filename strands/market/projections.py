"""Bars as rows for people, a table a timeframe: market_data_1m, market_data_15m and so on."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, Protocol

import psycopg

from strands.market.bar import Bar, Timeframe
from strands.strand import Strand

#: The specification keeps bars of 1m, 15m and 1h; those of the other timeframes have tables like theirs.
TABLES = {timeframe: f"market_data_{timeframe.value}" for timeframe in Timeframe}

#: A bar that was read, and not rolled up, stands for more bars than any rollup can hold.
_READ = "2147483647"
_PRICES = ("open", "high", "low", "close", "volume")
_COLUMNS = ("symbol", "timestamp", *_PRICES, "features")


def _upsert(table: str) -> str:
    """Return the statement that writes rows once.

    A row is written again only if that changes it, and never by a rollup of fewer bars than the one that stands there.
    Features of prices that are no longer the row's are dropped; otherwise new ones are added to those known. They all
    arrive as one JSON array, which spares the client the quoting of each inside an array literal.
    """
    old, new = (", ".join(f"{side}.{name}" for name in _PRICES) for side in (table, "excluded"))
    bars = "coalesce((%s.features->>'bars')::int, " + _READ + ")"
    return f"""
        INSERT INTO {table} ({", ".join(_COLUMNS)})
        SELECT symbol, timestamp::timestamptz, {", ".join(f"{name}::numeric" for name in _PRICES)},
               nullif(features, 'null'::jsonb)
          FROM ROWS FROM ({", ".join(f"unnest(%({name})b::text[])" for name in _COLUMNS[:-1])},
                          jsonb_array_elements(%(features)s::jsonb)) AS told ({", ".join(_COLUMNS)})
        ON CONFLICT (symbol, timestamp) DO UPDATE SET ({", ".join(_PRICES)}) = ({new}),
            features = CASE WHEN ({old}) IS DISTINCT FROM ({new}) THEN excluded.features
                            ELSE coalesce({table}.features, '{{}}') || coalesce(excluded.features, '{{}}') END
        WHERE (({old}) IS DISTINCT FROM ({new})
               OR NOT coalesce({table}.features, '{{}}') @> coalesce(excluded.features, '{{}}'))
          AND {bars % "excluded"} >= {bars % table}
    """


_UPSERTS = {timeframe: _upsert(table) for timeframe, table in TABLES.items()}
_COUNTED = " RETURNING (xmax = 0) AS inserted"


class Cursor(Protocol):
    """What a Django cursor and a psycopg cursor have in common."""

    def execute(self, sql: str, params: dict[str, Any], /) -> Any: ...
    def fetchall(self) -> list[Any]: ...


class Kept(NamedTuple):
    """What keeping bars did to a table's rows."""

    inserted: int
    unchanged: int
    replaced: int


def project(connection: psycopg.Connection[Any], strands: Sequence[Strand]) -> None:
    """Write the bars among these strands as rows, with their features, in the caller's transaction."""
    by_timeframe: dict[Timeframe, dict[tuple[str, str], list[Any]]] = {}
    for strand in strands:
        if strand.kind == "bar" and strand.module == "market" and strand.timeframe in TABLES:
            row = _row(strand)
            by_timeframe.setdefault(Timeframe(strand.timeframe), {})[row[0], row[1]] = row
    for timeframe, rows in by_timeframe.items():
        connection.execute(_UPSERTS[timeframe], _arrays(rows.values()))


def keep(cursor: Cursor, timeframe: Timeframe, bars: Sequence[Bar], *, rolled: bool = False) -> Kept:
    """Write bars of one timeframe as rows, without features; return what changed.

    Raises KeyError for a timeframe without a table.
    """
    rows = ([bar.symbol, bar.opened_at.isoformat(), *bar[3:8], {"bars": bar.parts} if rolled else None] for bar in bars)
    cursor.execute(_UPSERTS[timeframe] + _COUNTED, _arrays(rows))
    written = [inserted for (inserted,) in cursor.fetchall()]
    return Kept(sum(written), len(bars) - len(written), len(written) - sum(written))


def _row(strand: Strand) -> list[Any]:
    bar, features = strand.payload["md_bar"], strand.payload["md_features"]
    if "bars" in bar:
        features = {**features, "bars": bar["bars"]}
    return [strand.symbol, bar["opened_at"], *(bar[name] for name in _PRICES), features]


def _arrays(rows: Iterable[Sequence[Any]]) -> dict[str, Any]:
    columns: dict[str, Any] = dict(zip(_COLUMNS, map(list, zip(*rows, strict=True)), strict=True))
    return {**columns, "features": json.dumps(columns["features"])}
