"""What the documents ask of the database, laid in a schema of its own and read from PostgreSQL's own catalog.

PostgreSQL itself reads ``documents.sql``, so that a type, a default or an index means here what it means there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DOCUMENTS = Path(__file__).with_name("documents.sql")
SCHEMA = "documents"

#: Documents 000 and 001 say ``dm_strand`` and ``tr_strand`` for what 002 calls ``DM_strands`` and ``TR_strands``: one
#: physical table holds the columns of both, and the singular name is a view of it.
PHYSICAL = {"dm_strand": "dm_strands", "tr_strand": "tr_strands"}

STRANDS = ("ad_strands", "dm_strands", "tr_strands", "rm_strands", "md_strands")
BARS = ("market_data_1m", "market_data_15m", "market_data_1h")

PRICES = ("open", "high", "low", "close", "volume")
#: The columns of money, by table: prices, quantities and amounts with every digit that a market says.
MONEY = {
    **dict.fromkeys(BARS, PRICES),
    "dm_portfolio_state": ("portfolio_value", "cash_balance"),
    "dm_positions": ("size", "entry_price", "current_price", "unrealized_pnl"),
    "tr_positions": ("quantity", "avg_price", "unrealized_pnl", "realized_pnl"),
    "trading_plans": (
        *("entry_price", "stop_loss", "take_profit"),
        *("executed_price", "executed_quantity", "execution_cost", "pnl"),
    ),
}

#: (document's table, column) -> what holds instead of the document's type or default, and why.
TYPES = {
    ("tr_strand", "tags"): ("jsonb", "document 001's own triggers ask for a JSON array, and 002 says JSONB"),
    **{
        (table, column): ("numeric", "DECIMAL(20,8) cuts prices below 1e-8 and refuses volumes from 1e12 on")
        for table, columns in MONEY.items()
        for column in columns
    },
}
DEFAULTS = {
    ("tr_strands", "module"): (
        "'tr'",
        "document 001 writes 'tr', 002 writes 'trader'; the second is read as the first",
    ),
    **{
        (table, "tags"): ("'[]'", "a strand addressed to nobody has no tags, rather than unknown ones")
        for table in (*STRANDS, "dm_strand", "tr_strand")
    },
}

#: Columns that no document gives their table, and what they are for.
STRAND = {
    "lifecycle_id": "document 000's thread, for every strand",
    "parent_id": "document 000's link, for every strand",
    "module_id": "the registered module that spoke (document 003)",
    "lesson_metadata": "document 000's lessons, for every strand",
    "at": "the moment of the first cause",
    "hop": "how many answers since the first cause",
    "said": "the order in which the wire heard",
}
BAR = {
    "row": "a handle of one column for the admin",
    "features": "the features that document 003 keeps from the first version",
}
ADDED: dict[str, dict[str, str]] = {
    **dict.fromkeys(STRANDS, STRAND),
    **dict.fromkeys(BARS, BAR),
    "rm_strands": {
        **STRAND,
        "rm_correlation": "risk says what moves with what",
        "rm_volatility": "risk says how much",
    },
    "md_strands": {
        **STRAND,
        "md_bar": "a closed bar",
        "md_features": "its features",
        "md_timer": "a market's timer",
        "md_instrument": "what is traded under a symbol",
    },
    "dm_portfolio_state": {"at": "the market's moment, which is not the moment of writing"},
    "trading_plans": {"lifecycle_id": "the thread that the plan belongs to"},
    "trading_plan_approvals": {"lifecycle_id": "the thread that the approval belongs to"},
    "module_messages": {
        "listener": "who handled the strand",
        "partition": "whose state the turn changed",
        "tag": "the address that delivered it",
        "strand_table": "where the strand is",
        "strand_id": "the strand",
        "now": "the time that the turn was given",
        "given": "the last ruling that the turn was given, empty for none",
        "module_version": "the code that handled it",
        "sequence": "the order of the turns",
    },
}

#: Columns that are NOT NULL although their document lets them be null.
REQUIRED = {table: {"module", "tags", "created_at", "updated_at"} for table in (*STRANDS, "dm_strand", "tr_strand")}

#: Indexes of the documents that stand under another name.
SAME_INDEX = {"tr_strand_tags": "idx_tr_strands_tags"}


@dataclass(frozen=True)
class Column:
    """One column as PostgreSQL describes it; the default is bare of casts."""

    type: str
    required: bool
    default: str | None


@dataclass(frozen=True)
class Table:
    """One table as PostgreSQL describes it: foreign keys as ``{columns: table}``, indexes as ``{name: definition}``."""

    columns: dict[str, Column]
    primary_key: tuple[str, ...]
    foreign_keys: dict[tuple[str, ...], str]
    unique: frozenset[tuple[str, ...]]
    indexes: dict[str, str]


@contextmanager
def laid(cursor: Any) -> Iterator[None]:
    """Lay the documents' tables in a schema of their own, to be rolled back by the test that asked."""
    cursor.execute(f"CREATE SCHEMA {SCHEMA}")
    cursor.execute(f"SET LOCAL search_path TO {SCHEMA}")
    cursor.execute(DOCUMENTS.read_text())
    cursor.execute("SET LOCAL search_path TO public")
    yield


def tables(cursor: Any, schema: str) -> dict[str, Table]:
    """Return every table of a schema; a partitioned table counts, its partitions do not."""
    cursor.execute(
        "SELECT relname, oid FROM pg_class WHERE relnamespace = %s::regnamespace AND relkind IN ('r', 'p') "
        "AND NOT relispartition",
        [schema],
    )
    return {name: table(cursor, oid) for name, oid in cursor.fetchall()}


def table(cursor: Any, oid: int) -> Table:
    keys = _keys(cursor, oid)
    primary = [columns for kind, columns, _ in keys if kind == "p"]
    return Table(
        columns=columns(cursor, oid),
        primary_key=primary[0] if primary else (),
        foreign_keys={columns: referred for kind, columns, referred in keys if kind == "f"},
        unique=frozenset(columns for kind, columns, _ in keys if kind in "pu"),
        indexes=_indexes(cursor, oid),
    )


def columns(cursor: Any, oid: int) -> dict[str, Column]:
    cursor.execute(
        "SELECT attname, format_type(atttypid, atttypmod), attnotnull, pg_get_expr(adbin, adrelid) FROM pg_attribute "
        "LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum "
        "WHERE attrelid = %s AND attnum > 0 AND NOT attisdropped",
        [oid],
    )
    return {name: Column(kind, required, bare(default)) for name, kind, required, default in cursor.fetchall()}


def bare(default: str | None) -> str | None:
    """Return a default without its cast, and the transaction's time under one name."""
    if default is None:
        return None
    default = re.sub(r"::[a-z ]+(\(\d+\))?", "", default)
    return {"CURRENT_TIMESTAMP": "now()"}.get(default, default)


def _keys(cursor: Any, oid: int) -> list[tuple[str, tuple[str, ...], str]]:
    cursor.execute(
        "SELECT contype, ARRAY(SELECT attname FROM unnest(conkey) WITH ORDINALITY AS key (number, place) "
        "JOIN pg_attribute ON attrelid = conrelid AND attnum = number ORDER BY place)::text[], "
        "(SELECT relname FROM pg_class WHERE pg_class.oid = confrelid) FROM pg_constraint WHERE conrelid = %s",
        [oid],
    )
    return [(kind, tuple(names), referred) for kind, names, referred in cursor.fetchall()]


def _indexes(cursor: Any, oid: int) -> dict[str, str]:
    """Return what each index is, from its method on, so that the same index of two schemas is the same text."""
    cursor.execute(
        "SELECT relname, pg_get_indexdef(indexrelid) FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid "
        "WHERE indrelid = %s",
        [oid],
    )
    return {name: definition[definition.index(" USING ") + 7 :] for name, definition in cursor.fetchall()}
