"""The ledger of questions in PostgreSQL, on a connection of its own: money spent stays spent when a turn is undone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zlib import crc32

import psycopg
from psycopg.types.json import Jsonb

from strands.endpoint.budget import Call

Connection = psycopg.Connection[Any]

#: The advisory lock under which calls are reserved: one after the other, on whatever host.
LOCK = crc32(b"lesson_writer_calls")

SPENT = """
    SELECT coalesce(sum(cost), 0) FROM lesson_writer_calls WHERE at >= %(from)s AND at < %(until)s
"""
CACHED = """
    SELECT answer FROM lesson_writer_calls
     WHERE prompt_hash = %(prompt_hash)s AND status = 'answered' AND answer IS NOT NULL ORDER BY id DESC LIMIT 1
"""
COLUMNS = (
    *("at", "lesson_id", "model", "prompt_hash", "status", "prompt_tokens", "answer_tokens"),
    *("cost", "seconds", "answer", "reason"),
)
PLACES = ", ".join(f"%({name})s" for name in COLUMNS)
KEEP = f"INSERT INTO lesson_writer_calls ({', '.join(COLUMNS)}) VALUES ({PLACES})"
# A statement sees what was committed before it began, so the lock is taken by one of its own before it.
TAKE_TURN = "SELECT pg_advisory_xact_lock(%(lock)s)"
RESERVE = f"""
    INSERT INTO lesson_writer_calls ({", ".join(COLUMNS)})
    SELECT {PLACES} WHERE ({SPENT}) + %(cost)s <= %(cap)s
    RETURNING id
"""
SETTLE = f"""
    UPDATE lesson_writer_calls SET {", ".join(f"{name} = %({name})s" for name in COLUMNS if name != "at")}
     WHERE id = %(id)s
"""


class PostgresLedger:
    """Calls as rows of ``lesson_writer_calls``; ``connect`` opens an autocommit connection that is nobody else's."""

    def __init__(self, connect: Callable[[], Connection]) -> None:
        self._connect = connect
        self._connection: Connection | None = None

    @property
    def connection(self) -> Connection:
        if self._connection is None or self._connection.closed:
            self._connection = self._connect()
        return self._connection

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def spent_today(self, day: date) -> Decimal:
        row = self.connection.execute(SPENT, _bounds(day)).fetchone()
        return Decimal(row[0]) if row else Decimal(0)

    def cached(self, prompt_hash: str) -> Mapping[str, Any] | None:
        row = self.connection.execute(CACHED, {"prompt_hash": prompt_hash}).fetchone()
        return row[0] if row else None

    def reserve(self, call: Call, *, cap: Decimal) -> int | None:
        asked = {**_row(call), **_bounds(call.day), "cap": cap}
        with self.connection.transaction():
            self.connection.execute(TAKE_TURN, {"lock": LOCK})
            row = self.connection.execute(RESERVE, asked).fetchone()
        return int(row[0]) if row else None

    def settle(self, number: int, call: Call) -> None:
        self.connection.execute(SETTLE, {**_row(call), "id": number})

    def keep(self, call: Call) -> None:
        self.connection.execute(KEEP, _row(call))


def _row(call: Call) -> dict[str, Any]:
    return {
        "at": call.at,
        "lesson_id": call.lesson_id,
        "model": call.model,
        "prompt_hash": call.prompt_hash,
        "status": call.status.value,
        "prompt_tokens": call.spent.prompt_tokens,
        "answer_tokens": call.spent.answer_tokens,
        "cost": call.spent.cost,
        "seconds": call.seconds,
        "answer": None if call.answer is None else Jsonb(dict(call.answer)),
        "reason": call.reason,
    }


def _bounds(day: date) -> dict[str, datetime]:
    """Return the moments between which a day lies in UTC, the second one excluded."""
    begun = datetime.combine(day, time(), tzinfo=UTC)
    return {"from": begun, "until": begun + timedelta(days=1)}
