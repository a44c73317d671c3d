"""The work on periods: a row that waits is taken, replayed and left with its result, whoever dies meanwhile.

Whoever works on a row holds a lock of the database for as long as its session lives. A row that is running and that
nobody holds was left by a process that is gone; it is begun again, for a replay has left nothing half done.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

import psycopg

from tradingops import environments
from tradingops.whatif import draft as drafts
from tradingops.whatif import period
from tradingops.whatif.draft import BadDraft

#: The first key of the advisory locks on periods; the second is the row's id.
LOCK = 0x7768
#: A row that was begun so often and never came to its end takes its process with it, and is left alone.
MOST_TRIES = 3
#: How often a run says how far it is [s].
EVERY = 1.0

DUE = "SELECT id FROM whatif_periods WHERE state IN ('waiting', 'running') ORDER BY id"
HOLD = "SELECT pg_try_advisory_lock(%s, %s)"
LEAVE = "SELECT pg_advisory_unlock(%s, %s)"
BEGIN = """
    UPDATE whatif_periods SET state = 'running', tries = tries + 1, progress = 0
     WHERE id = %(id)s AND state IN ('waiting', 'running') RETURNING draft, since, until, tries
"""
TELL = "UPDATE whatif_periods SET progress = %(progress)s WHERE id = %(id)s"
END = """
    UPDATE whatif_periods SET state = %(state)s, result = %(result)s::jsonb, error = %(error)s, ended_at = now(),
           progress = CASE WHEN %(state)s = 'done' THEN 1 ELSE progress END
     WHERE id = %(id)s
"""


def take(holder: psycopg.Connection[Any], reader: psycopg.Connection[Any], *, mode: Mapping[str, Any]) -> int | None:
    """Work off the first period that nobody works on; return its id, None where there is none.

    ``holder`` is a session of its own that commits each statement, ``reader`` reads what is played.
    """
    for (identity,) in holder.execute(DUE).fetchall():
        [(held,)] = holder.execute(HOLD, [LOCK, identity]).fetchall()
        if not held:
            continue
        try:
            if _worked_off(holder, reader, identity, mode=mode):
                return int(identity)
        finally:
            holder.execute(LEAVE, [LOCK, identity])
    return None


def _worked_off(
    holder: psycopg.Connection[Any], reader: psycopg.Connection[Any], identity: int, *, mode: Mapping[str, Any]
) -> bool:
    """Work off one period that is held; return whether it was still to be done."""
    row = holder.execute(BEGIN, {"id": identity}).fetchone()
    if row is None:
        return False
    told, since, until, tries = row
    ended: dict[str, Any] = {"id": identity, "state": "failed", "result": None, "error": ""}
    if tries > MOST_TRIES:
        ended["error"] = f"begun {MOST_TRIES} times, and each time its process was gone before its end"
    else:
        try:
            draft = drafts.checked(told, own=environments.listening(mode))
            with reader.transaction():
                reader.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
                whole = period.replayed(
                    reader,
                    draft,
                    mode=mode,
                    term=period.Term(since=since, until=until),
                    progress=_telling(holder, identity),
                )
            ended |= {"state": "done", "result": json.dumps(whole.to_json(), default=str)}
        except BadDraft as bad:
            ended["error"] = str(bad)
        except psycopg.OperationalError:
            raise
        except Exception as fault:  # noqa: BLE001  (whatever a draft makes a desk raise is this period's own end)
            ended["error"] = f"{type(fault).__name__}: {fault}"[:500]
    holder.execute(END, ended)
    return True


def _telling(holder: psycopg.Connection[Any], identity: int) -> Callable[[float], None]:
    """Return what says how far a run is, not more often than people look."""
    said_at = 0.0

    def tell(share: float) -> None:
        nonlocal said_at
        if time.monotonic() - said_at >= EVERY or share >= 1:
            said_at = time.monotonic()
            holder.execute(TELL, {"id": identity, "progress": min(1.0, share)})

    return tell
