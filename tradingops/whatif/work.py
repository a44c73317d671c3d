"""The work on jobs: a row that waits is taken, worked off and left with its result, whoever dies meanwhile.

Whoever works on a row holds a lock of the database for as long as its session lives. A row that is running and that
nobody holds was left by a process that is gone; it is begun again, for a trial has left nothing half done.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import psycopg

from tradingops import environments
from tradingops.engine import Module
from tradingops.replay.postgres import TurnRecord
from tradingops.whatif import alone, period, recorded, turns
from tradingops.whatif import draft as drafts
from tradingops.whatif.alone import Alone
from tradingops.whatif.draft import BadDraft, Draft
from tradingops.whatif.period import Progress
from tradingops.whatif.trial import LISTENER
from tradingops.whatif.turns import Turns

#: The first key of the advisory locks on jobs; the second is the row's id.
LOCK = 0x7768
#: A row that was begun so often and never came to its end takes its process with it, and is left alone.
MOST_TRIES = 3
#: How often a run says how far it is [s].
EVERY = 1.0

DUE = "SELECT id FROM whatif_jobs WHERE state IN ('waiting', 'running') ORDER BY id"
HOLD = "SELECT pg_try_advisory_lock(%s, %s)"
LEAVE = "SELECT pg_advisory_unlock(%s, %s)"
BEGIN = """
    UPDATE whatif_jobs SET state = 'running', tries = tries + 1, progress = 0
     WHERE id = %(id)s AND state IN ('waiting', 'running') RETURNING asks, draft, last, since, until, tries
"""
TELL = "UPDATE whatif_jobs SET progress = %(progress)s WHERE id = %(id)s"
END = """
    UPDATE whatif_jobs SET state = %(state)s, result = %(result)s::jsonb, error = %(error)s, ended_at = now(),
           progress = CASE WHEN %(state)s = 'done' THEN 1 ELSE progress END
     WHERE id = %(id)s
"""
#: A worker that is told to leave gives its job back; that was no try.
GIVE_BACK = "UPDATE whatif_jobs SET state = 'waiting', tries = tries - 1, progress = 0 WHERE id = %(id)s"
TURNS = "SELECT count(*) FROM module_messages WHERE listener = %s AND status = 'delivered'"


class Asked(NamedTuple):
    """What a job asks for."""

    asks: str
    draft: Any
    last: int | None
    since: Any
    until: Any
    tries: int


class Left(Exception):
    """The worker was told to leave."""


def take(
    holder: psycopg.Connection[Any],
    reader: psycopg.Connection[Any],
    *,
    mode: Mapping[str, Any],
    leaving: Callable[[], bool] = lambda: False,
) -> int | None:
    """Work off the first job that nobody works on; return its id, None where there is none.

    ``holder`` is a session of its own that commits each statement, ``reader`` reads what is tried. Where ``leaving``
    says so the job is given back, and Left raised.
    """
    for (identity,) in holder.execute(DUE).fetchall():
        [(held,)] = holder.execute(HOLD, [LOCK, identity]).fetchall()
        if not held:
            continue
        try:
            if _worked_off(holder, reader, identity, mode=mode, leaving=leaving):
                return int(identity)
        finally:
            holder.execute(LEAVE, [LOCK, identity])
    return None


def _worked_off(
    holder: psycopg.Connection[Any],
    reader: psycopg.Connection[Any],
    identity: int,
    *,
    mode: Mapping[str, Any],
    leaving: Callable[[], bool],
) -> bool:
    """Work off one job that is held; return whether it was still to be done."""
    row = holder.execute(BEGIN, {"id": identity}).fetchone()
    if row is None:
        return False
    asked = Asked(*row)
    ended: dict[str, Any] = {"id": identity, "state": "failed", "result": None, "error": ""}
    if asked.tries > MOST_TRIES:
        ended["error"] = f"begun {MOST_TRIES} times, and each time its process was gone before its end"
    else:
        try:
            draft = drafts.checked(asked.draft, own=environments.listening(mode))
            with reader.transaction():
                reader.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
                found = _found(reader, asked, draft, mode=mode, progress=_telling(holder, identity, leaving))
            ended |= {"state": "done", "result": json.dumps(found, default=str)}
        except (Left, KeyboardInterrupt):
            holder.execute(GIVE_BACK, {"id": identity})
            raise
        except BadDraft as bad:
            ended["error"] = str(bad)
        except psycopg.OperationalError:
            raise
        except Exception as fault:  # noqa: BLE001  (whatever a draft makes a desk raise is this job's own end)
            ended["error"] = f"{type(fault).__name__}: {fault}"[:500]
    holder.execute(END, ended)
    return True


def _found(
    reader: psycopg.Connection[Any], asked: Asked, draft: Draft, *, mode: Mapping[str, Any], progress: Progress
) -> dict[str, Any]:
    """Return what a job comes to, as JSON."""
    if asked.asks == "period":
        term = period.Term(since=asked.since, until=asked.until)
        return period.replayed(reader, draft, mode=mode, term=term, progress=progress).to_json()
    module = environments.modules(mode)[draft.policy]
    record = TurnRecord(reader, check=environments.check(mode))
    [(total,)] = reader.execute(TURNS, [module.name]).fetchall()
    return last_of(
        reader, record, module, draft, last=asked.last or 0, progress=_counting(progress, int(total))
    ).to_json()


def last_of(
    reader: psycopg.Connection[Any],
    record: TurnRecord,
    module: Module,
    draft: Draft,
    *,
    last: int,
    progress: Callable[[int], object],
) -> Alone | Turns:
    """Return what became of the last decisions under a draft; of a module that decides no plan, of its last turns."""
    if draft.policy == LISTENER:
        alone.covers(draft)
        return recorded.decide(reader, record, module, draft, last=last, progress=progress)
    turns.covers(draft)
    return turns.take_again(reader, record, module, draft, last=last, progress=progress)


def _counting(progress: Progress, total: int) -> Callable[[int], None]:
    """Return what counts turns, and tells their share of all."""
    taken = 0

    def count(turns: int) -> None:
        nonlocal taken
        taken += turns
        progress(min(1.0, taken / max(1, total)))

    return count


def _telling(holder: psycopg.Connection[Any], identity: int, leaving: Callable[[], bool]) -> Progress:
    """Return what says how far a run is, not more often than people look; raises Left once it is time to leave."""
    said_at = 0.0

    def tell(share: float) -> None:
        nonlocal said_at
        if leaving():
            raise Left
        if time.monotonic() - said_at >= EVERY or share >= 1:
            said_at = time.monotonic()
            holder.execute(TELL, {"id": identity, "progress": min(1.0, share)})

    return tell
