"""The SQL of the hot path: each statement named, with what it promises."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from strands import tables

#: Columns that every strand has, with the type that their array parameter is cast to.
COMMON = {
    "id": "text",
    "lifecycle_id": "text",
    "parent_id": "text",
    "module_id": "uuid",
    "kind": "text",
    "symbol": "text",
    "timeframe": "text",
    "session_bucket": "text",
    "regime": "text",
    "tags": "jsonb",
    "at": "timestamptz",
    "hop": "smallint",
}

#: Lock the lanes of the deliveries that come next, each by one transaction at a time, and remember them for this one.
#: A lane that another worker holds is left to it, so strands of one partition are never handled by two at once. What
#: waits behind a failed strand is passed over, so that it cannot fill the batch while other partitions wait, and so are
#: partitions that were found blocked.
LOCK_LANES = """
    SELECT set_config('tradingops.lanes', coalesce(string_agg(lane::text, ','), ''), true)
      FROM (SELECT DISTINCT lane FROM (
                SELECT lane FROM deliveries
                 WHERE listener = %(listener)s AND not_before <= now() AND lane = ANY(%(lanes)s)
                   AND partition <> ALL (%(blocked)s::text[])
                   AND partition <> ALL (ARRAY(SELECT partition FROM deliveries
                                                WHERE listener = %(listener)s AND attempts > 0 AND not_before > now()))
                 ORDER BY priority, seq LIMIT %(limit)s) AS next) AS lanes
     WHERE pg_try_advisory_xact_lock(%(key)s, lane)
"""

_NEXT = """
        SELECT seq, partition, priority FROM deliveries
         WHERE listener = %(listener)s AND not_before <= now()
           AND lane = ANY(string_to_array(nullif(current_setting('tradingops.lanes'), ''), ',')::smallint[])
           AND partition <> ALL (%(blocked)s::text[])
           AND partition <> ALL (ARRAY(SELECT partition FROM deliveries
                                        WHERE listener = %(listener)s AND attempts > 0 AND not_before > now()))
         ORDER BY priority, seq LIMIT %(limit)s"""

#: Take the oldest due deliveries within priority in the locked lanes, and delete them; a partition with a failed strand
#: that still waits for its next try waits with it, and so does what comes after a row that another session holds. A
#: kill before commit leaves every row where it was.
CLAIM = f"""
    WITH next AS MATERIALIZED ({_NEXT}),
    free AS MATERIALIZED (
        SELECT seq FROM deliveries WHERE seq = ANY (ARRAY(SELECT seq FROM next)) FOR UPDATE SKIP LOCKED),
    held AS MATERIALIZED (SELECT * FROM next WHERE seq NOT IN (SELECT seq FROM free)),
    taken AS (
        DELETE FROM deliveries WHERE seq = ANY (ARRAY(
            SELECT seq FROM next
             WHERE NOT EXISTS (SELECT FROM held WHERE held.partition = next.partition
                                 AND (held.priority, held.seq) <= (next.priority, next.seq))))
        RETURNING seq, strand_table, strand_id, tag, partition, lane, priority, ttl_seconds, attempts,
                  expires_at <= now() AS expired, expires_at)
    SELECT taken.*, module_states.turns AS state_turns
      FROM taken LEFT JOIN module_states ON module_states.id = %(listener)s || ':' || taken.partition
     ORDER BY taken.priority, taken.seq
"""

#: Name the partitions among those that come next in which another session holds a row.
BLOCKED = f"""
    WITH next AS MATERIALIZED ({_NEXT}),
    free AS MATERIALIZED (
        SELECT seq FROM deliveries WHERE seq = ANY (ARRAY(SELECT seq FROM next)) FOR UPDATE SKIP LOCKED)
    SELECT DISTINCT partition FROM next WHERE seq NOT IN (SELECT seq FROM free)
"""

#: Hold every lane of some listeners to the end of the transaction, so that no other worker takes from them meanwhile.
HOLD_LANES = """
    SELECT pg_advisory_xact_lock(key, lane) FROM unnest(%(keys)s::int[]) AS key, generate_series(0, %(lanes)s) AS lane
     ORDER BY key, lane
"""

#: Leave no deliveries for these listeners of strands whose turns this transaction has recorded.
HANDLED_HERE = "SELECT set_config('tradingops.handled_here', %(listeners)s, true)"

#: Tell which partitions of some listeners have a state, and how often each was saved.
SAVES = "SELECT listener, partition, turns FROM module_states WHERE listener = ANY(%(listeners)s)"

#: Tell which strands of a table are already there.
KNOWN = "SELECT id FROM {table} WHERE id = ANY(%(ids)b::text[])"

#: Read the rulings after the last one known, in the order they were committed; ``said`` follows it for them.
RULINGS = """
    SELECT said, id, row_to_json(strand)::text FROM op_strands AS strand
     WHERE said > %(after)s AND kind = ANY(%(kinds)s) ORDER BY said
"""

#: Load the states of some partitions.
LOAD_STATES = "SELECT partition, turns, state FROM module_states WHERE id = ANY(%(ids)s)"

#: Save the states that changed; ``turns`` counts the saves, so that a worker knows whether its copy is the newest.
SAVE_STATES = """
    INSERT INTO module_states AS kept (id, listener, partition, state, turns, version, updated_at)
    SELECT %(listener)s || ':' || partition, %(listener)s, partition, state, turns, %(version)s, now()
      FROM unnest(%(partitions)s::text[], %(states)s::text[], %(turns)s::bigint[]) AS new (partition, state, turns)
    ON CONFLICT (id) DO UPDATE SET state = excluded.state, turns = excluded.turns, version = excluded.version,
                                   updated_at = excluded.updated_at
"""

#: Record finished turns; the key is derived from the cause, so a turn recorded twice is a broken transaction.
RECORD_TURNS = """
    INSERT INTO module_messages (message_id, sender_module_id, receiver_module_id, message_type, message_data, priority,
                                 ttl_seconds, status, delivery_attempts, last_delivery_attempt, error_message, listener,
                                 partition, tag, strand_table, strand_id, now, given, module_version)
    SELECT new.message_id::uuid, modules.module_id, %(receiver)s, new.message_type, new.message_data, new.priority,
           new.ttl_seconds, new.status, new.attempts, now(), new.error, %(listener)s, new.partition, new.tag,
           new.strand_table, new.strand_id, new.now, new.given, %(version)s
      FROM ROWS FROM (
           unnest(%(message_id)b::text[]), unnest(%(sender)b::text[]), unnest(%(message_type)b::text[]),
           jsonb_array_elements(%(message_data)s::jsonb), unnest(%(priority)b::int[]), unnest(%(ttl_seconds)b::int[]),
           unnest(%(status)b::text[]), unnest(%(attempts)b::int[]), unnest(%(error)b::text[]),
           unnest(%(partition)b::text[]), unnest(%(tag)b::text[]), unnest(%(strand_table)b::text[]),
           unnest(%(strand_id)b::text[]), unnest(%(now)b::timestamptz[]), unnest(%(given)b::text[])) WITH ORDINALITY
        AS new (message_id, sender, message_type, message_data, priority, ttl_seconds, status, attempts, error,
                partition, tag, strand_table, strand_id, now, given, place)
      LEFT JOIN modules ON modules.module_id = new.sender::uuid
     ORDER BY new.place
"""

#: Put deliveries back under their old numbers: failed ones with a wait and their error, held ones as they were.
PUT_BACK = """
    INSERT INTO deliveries (seq, listener, strand_table, strand_id, tag, partition, lane, priority, ttl_seconds,
                            attempts, not_before, expires_at, last_error)
    SELECT seq, %(listener)s, strand_table, strand_id, tag, partition, lane, priority, ttl_seconds, attempts,
           now() + wait * interval '1 second', expires_at, error
      FROM unnest(%(seq)s::bigint[], %(strand_table)s::text[], %(strand_id)s::text[], %(tag)s::text[],
                  %(partition)s::text[], %(lane)s::smallint[], %(priority)s::smallint[], %(ttl_seconds)s::int[],
                  %(attempts)s::smallint[], %(wait)s::float8[], %(expires_at)s::timestamptz[], %(error)s::text[])
        AS back (seq, strand_table, strand_id, tag, partition, lane, priority, ttl_seconds, attempts, wait, expires_at,
                 error)
    ON CONFLICT (strand_id, listener) DO NOTHING
"""

#: Count what waits.
WAITING = "SELECT count(*) FROM deliveries WHERE %(listener)s::text IS NULL OR listener = %(listener)s"

#: Name the listeners for whom something is due; a step along the index for each, however much waits. What waits behind
#: a failed strand is not due.
DUE = """
    SELECT name FROM unnest(%(listeners)s::text[]) AS name
     WHERE EXISTS (SELECT FROM deliveries
                    WHERE listener = name AND not_before <= now()
                      AND partition <> ALL (ARRAY(SELECT partition FROM deliveries
                                                   WHERE listener = name AND attempts > 0 AND not_before > now())))
"""

#: Tell how long until the next delivery is due, in seconds; null when nothing waits. What waits behind a failed strand
#: is due when that one is.
NEXT_DUE = """
    SELECT extract(epoch FROM min(not_before) - now()) FROM deliveries AS one
     WHERE listener = ANY(%(listeners)s)
       AND (attempts > 0 OR NOT EXISTS (SELECT FROM deliveries AS tried
                                         WHERE tried.listener = one.listener AND tried.partition = one.partition
                                           AND tried.attempts > 0 AND tried.not_before > now()))
"""


@cache
def read(table: str) -> str:
    """Return SQL that reads strands of one table by id, each as one JSON object."""
    return f"SELECT id, row_to_json(strand)::text FROM {table} AS strand WHERE id = ANY(%(ids)b::text[])"


@cache
def publish(table: str, payload: Sequence[str]) -> str:
    """Return SQL that writes strands in the order given; one already there stays as it is and wakes nobody.

    Each column arrives as one parameter: JSON columns as one JSON array, which spares the client the quoting of every
    body inside an array literal, the rest as arrays in binary.
    """
    columns = {**COMMON, **{name: tables.BY_NAME[table].payload[name] for name in payload}}
    names = ", ".join(columns)
    sources = ", ".join(_source(name, kind) for name, kind in columns.items())
    values = ", ".join(_value(name, kind) for name, kind in columns.items())
    return (
        f"INSERT INTO {table} ({names}) SELECT {values} FROM ROWS FROM ({sources}) WITH ORDINALITY "
        f"AS new ({names}, place) ORDER BY place ON CONFLICT (id) DO NOTHING"
    )


def _source(name: str, kind: str) -> str:
    if kind == tables.JSONB:
        return f"jsonb_array_elements(%({name})s::jsonb)"
    return f"unnest(%({name})b::{'text' if kind == 'uuid' else kind}[])"


def _value(name: str, kind: str) -> str:
    if kind == tables.JSONB:
        return f"nullif({name}, 'null'::jsonb)"
    return f"{name}::uuid" if kind == "uuid" else name


@cache
def add_tag(table: str) -> str:
    """Return SQL that adds a tag to strands that lack it."""
    return (
        f"UPDATE {table} SET tags = tags || to_jsonb(%(tag)s::text), updated_at = now() "
        "WHERE id = ANY(%(ids)s) AND NOT tags ? %(tag)s"
    )
