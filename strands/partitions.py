"""SQL that partitions append-only tables by the time in their keys, so that retention drops whole months.

A strand's id begins with the moment of its first cause, and so does the id of a turn's record: the primary key alone
can be the partition key, and uniqueness holds over the whole table. Keys of another make, and moments that no month
was made for, live in the default partition.
"""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from strands import ids

STRAND_TABLES = (
    "ad_strands",
    "dm_strands",
    "tr_strands",
    "rm_strands",
    "md_strands",
    "vn_strands",
    "op_strands",
    "co_strands",
)
MESSAGES = "module_messages"


def convert(table: str, key: str) -> str:
    """Return SQL that replaces an empty plain table by a partitioned one with the same columns, rules and names.

    A table that is partitioned already stays as it is, with its rows.
    """
    return f"""
        DO $$
        DECLARE named record;
        BEGIN
            IF (SELECT relkind FROM pg_class WHERE oid = '{table}'::regclass) = 'p' THEN RETURN; END IF;
            ALTER TABLE {table} RENAME TO {table}_plain;
            CREATE TABLE {table} (LIKE {table}_plain INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING COMMENTS)
                   PARTITION BY RANGE ({key});
            FOR named IN SELECT conname, pg_get_constraintdef(oid) AS definition FROM pg_constraint
                          WHERE conrelid = '{table}_plain'::regclass AND contype = 'f' LOOP
                EXECUTE format('ALTER TABLE {table} ADD CONSTRAINT %I %s', named.conname, named.definition);
            END LOOP;
            CREATE TEMPORARY TABLE kept_indexes ON COMMIT DROP AS
                SELECT pg_get_indexdef(indexrelid) AS definition FROM pg_index
                 WHERE indrelid = '{table}_plain'::regclass AND NOT indisprimary;
            DROP TABLE {table}_plain;
            FOR named IN SELECT definition FROM kept_indexes LOOP
                EXECUTE replace(named.definition, '{table}_plain', '{table}');
            END LOOP;
            DROP TABLE kept_indexes;
            ALTER TABLE {table} ADD CONSTRAINT {table}_pkey PRIMARY KEY ({key});
            CREATE TABLE {table}_default PARTITION OF {table} DEFAULT;
        END $$
    """


def month(table: str, at: datetime) -> str:
    """Return SQL that makes the partition of the month that a moment lies in; making it again changes nothing."""
    start = datetime(at.year, at.month, 1, tzinfo=UTC)
    end = datetime(at.year + at.month // 12, at.month % 12 + 1, 1, tzinfo=UTC)
    low, high = (bound(table, edge) for edge in (start, end))
    return (
        f"CREATE TABLE IF NOT EXISTS {table}_{start:%Y_%m} PARTITION OF {table} FOR VALUES FROM ('{low}') TO ('{high}')"
    )


def bound(table: str, at: datetime) -> str | UUID:
    """Return the smallest key of a moment in a table."""
    return ids.lowest_message_id(at) if table == MESSAGES else ids.lower_bound(at)
