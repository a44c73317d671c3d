"""The raw floor under the wire: the same rows in the same tables, by hand, in psycopg's pipeline.

No engine, no strand values, no lanes, no retries, no order within a partition: only what must be written.
"""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import psycopg

CLAIM = """
    WITH taken AS MATERIALIZED (
        DELETE FROM deliveries WHERE seq = ANY (ARRAY(
            SELECT seq FROM deliveries WHERE listener = %s ORDER BY priority, seq LIMIT %s FOR UPDATE SKIP LOCKED))
        RETURNING seq, strand_id, tag, partition)
    SELECT s.id, s.symbol, s.at, s.lifecycle_id, s.{column}, taken.tag, taken.partition
      FROM taken JOIN {table} s ON s.id = taken.strand_id
     WHERE s.id = ANY (ARRAY(SELECT strand_id FROM taken)) ORDER BY taken.seq
"""
SAY = """
    INSERT INTO {table} (id, lifecycle_id, parent_id, module_id, kind, symbol, timeframe, session_bucket, regime, tags,
                         at, hop, {column})
    SELECT id, life, parent, %s::uuid, %s, symbol, '1m', 'EU', NULL, tags::jsonb, at, %s, body::jsonb
      FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::timestamptz[], %s::text[], %s::text[])
        AS n (id, life, parent, symbol, at, tags, body) ON CONFLICT (id) DO NOTHING
"""
RECORD = """
    INSERT INTO module_messages (message_id, receiver_module_id, message_type, message_data, status, delivery_attempts,
                                 last_delivery_attempt, listener, partition, tag, strand_table, strand_id, now,
                                 given, module_version)
    SELECT id, %s, 'trading_plan', data::jsonb, 'delivered', 1, now(), %s, partition, tag, %s, strand, now(), '', '1'
      FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::text[]) AS n (id, data, partition, tag, strand)
"""
KEEP = """
    INSERT INTO module_states (id, listener, partition, state, turns) VALUES (%s, %s, %s, %s, 1)
    ON CONFLICT (id) DO UPDATE SET state = excluded.state, turns = module_states.turns + 1, updated_at = now()
"""


class Stage:
    """One listener of the chain: claims, answers each strand with one, records, keeps a count, commits."""

    def __init__(
        self,
        connection: psycopg.Connection[Any],
        *,
        listener: str,
        source: tuple[str, str],
        target: tuple[str, str],
        tags: list[str],
        module_id: Any,
        letter: str,
    ) -> None:
        self.connection, self.listener, self.source, self.letter = connection, listener, source, letter
        self.claim = CLAIM.format(table=source[0], column=source[1])
        self.say = SAY.format(table=target[0], column=target[1])
        self.tags, self.module_id, self.count = json.dumps(tags), module_id, 0

    def turn(self, limit: int) -> int:
        with self.connection.pipeline(), self.connection.transaction():
            taken = self.connection.execute(self.claim, (self.listener, limit)).fetchall()
            if taken:
                self._write(taken)
        return len(taken)

    def _write(self, taken: list[Any]) -> None:
        self.count += len(taken)
        new = [self.letter + row[0][1:] for row in taken]
        bodies = [json.dumps({"number": row[4]["number"], "count": self.count}) for row in taken]
        self.connection.execute(
            self.say,
            (
                self.module_id,
                "decision",
                1,
                new,
                [row[3] for row in taken],
                [row[0] for row in taken],
                [row[1] for row in taken],
                [row[2] for row in taken],
                [self.tags] * len(taken),
                bodies,
            ),
        )
        records = [json.dumps({"answers": [identity]}) for identity in new]
        self.connection.execute(
            RECORD,
            (
                self.module_id,
                self.listener,
                self.source[0],
                [uuid4() for _ in taken],
                records,
                [row[6] for row in taken],
                [row[5] for row in taken],
                [row[0] for row in taken],
            ),
        )
        for partition in sorted({row[6] for row in taken}):
            state = json.dumps({"count": self.count})
            self.connection.execute(KEEP, (f"{self.listener}:{partition}", self.listener, partition, state))
