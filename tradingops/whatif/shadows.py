"""Shadows: drafts that decide beside the published policy, on the turns that the decision maker has taken.

A shadow reads what was recorded and writes rows of its own. It takes no delivery, holds no lock that a module waits for
and says no strand, so nothing live can differ for it. Where it has got to is kept in the transaction of its rows.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg

from strands import tags
from tradingops.engine import Module
from tradingops.replay.postgres import PAGE, TurnRecord
from tradingops.replay.refold import Recorded
from tradingops.whatif.draft import Draft
from tradingops.whatif.tally import LOOSER, STRICTER
from tradingops.whatif.trial import LISTENER, Again, Trial, Undecided, asks

SAME, SIZE, MISSING = "same", "size", "missing"

#: The state as it is and the last turn it holds, of one snapshot.
BEGIN = """
    SELECT (SELECT state FROM module_states WHERE id = %(id)s AND version = %(version)s),
           coalesce((SELECT max(sequence) FROM module_messages
                      WHERE listener = %(listener)s AND status = 'delivered'), 0)
"""
PUT = """
    INSERT INTO whatif_shadows (draft, made_on, state, error, began, sequence, version, kept, lost, started_by,
                                compared, stricter, looser, resized)
    VALUES (%(draft)s::jsonb, 0, 'following', '', %(sequence)s, %(sequence)s, %(version)s, %(kept)s, %(lost)s, %(by)s,
            0, 0, 0, 0)
    RETURNING id
"""
#: Of two processes that follow, one takes a shadow's next turns and the other passes on.
NEXT = """
    SELECT id, draft, sequence, version, kept, lost FROM whatif_shadows
     WHERE id = %(id)s AND state = 'following' FOR UPDATE SKIP LOCKED
"""
WAITING = "SELECT id FROM whatif_shadows WHERE state = 'waiting' ORDER BY id"
TAKE_UP = """
    UPDATE whatif_shadows
       SET state = 'following', began = %(sequence)s, sequence = %(sequence)s, version = %(version)s, kept = %(kept)s,
           lost = %(lost)s
     WHERE id = %(id)s AND state = 'waiting'
"""
FOLLOWING = "SELECT id FROM whatif_shadows WHERE state = 'following' ORDER BY id"
DECISION = """
    INSERT INTO whatif_shadow_decisions (shadow_id, sequence, strand_id, lifecycle_id, plan_id, symbol, at, differs,
                                         was, now, gates, told)
    VALUES (%(shadow)s, %(sequence)s, %(strand_id)s, %(lifecycle_id)s, %(plan_id)s, %(symbol)s, %(at)s, %(differs)s,
            %(was)s::jsonb, %(now)s::jsonb, %(gates)s::jsonb, %(told)s)
"""
MOVE = """
    UPDATE whatif_shadows
       SET sequence = %(sequence)s, version = %(version)s, kept = %(kept)s, lost = %(lost)s, state = %(state)s,
           error = %(error)s, compared = compared + %(compared)s, stricter = stricter + %(stricter)s,
           looser = looser + %(looser)s, resized = resized + %(resized)s
     WHERE id = %(id)s
"""
SET_ASIDE = "UPDATE whatif_shadows SET state = 'set aside', error = %(error)s WHERE id = %(id)s"
STOP = "UPDATE whatif_shadows SET state = 'stopped' WHERE id = %(id)s AND state <> 'stopped'"
#: All live decisions since a shadow began, also those that it never came to.
STANDING = """
    SELECT shadow.id, shadow.draft, shadow.state, shadow.error, shadow.compared, shadow.stricter, shadow.looser,
           shadow.resized,
           (SELECT count(*) FROM module_messages
             WHERE listener = %(listener)s AND status = 'delivered' AND tag = %(tag)s AND sequence > shadow.began)
      FROM whatif_shadows AS shadow ORDER BY shadow.id
"""


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How one shadow stands; ``compared`` + ``missing`` are all live decisions since it began."""

    id: int
    draft: Mapping[str, Any]
    state: str
    error: str
    compared: int
    missing: int
    stricter: int
    looser: int
    resized: int


def begin(connection: psycopg.Connection[Any], module: Module, draft: Draft, *, by: str) -> int:
    """Start a shadow at the state that the decision maker has now; return its id."""
    told = {"policy": draft.policy, "symbol": draft.symbol, "content": dict(draft.content)}
    with connection.transaction():
        return int(_only(connection, PUT, {**_place(connection, module), "draft": json.dumps(told), "by": by})[0])


def take_up(connection: psycopg.Connection[Any], module: Module) -> None:
    """Let the shadows that wait begin at the state that the decision maker has now."""
    for (identity,) in connection.execute(WAITING).fetchall():
        with connection.transaction():
            connection.execute(TAKE_UP, {**_place(connection, module), "id": identity})


def _place(connection: psycopg.Connection[Any], module: Module) -> dict[str, Any]:
    """Return the decision maker's state and the last turn that it holds."""
    asked = {"id": f"{LISTENER}:", "listener": LISTENER, "version": module.version}
    kept, sequence = _only(connection, BEGIN, asked)
    lost = "" if kept or not sequence else "no state of this version of the decision maker is kept"
    return {"sequence": sequence, "version": module.version, "kept": kept, "lost": lost}


def stop(connection: psycopg.Connection[Any], identity: int) -> bool:
    """Let a shadow follow no further; return whether there was one that did."""
    return connection.execute(STOP, {"id": identity}).rowcount > 0


def following(connection: psycopg.Connection[Any]) -> list[int]:
    """Return the shadows that follow."""
    return [identity for (identity,) in connection.execute(FOLLOWING).fetchall()]


def standings(connection: psycopg.Connection[Any]) -> list[Standing]:
    """Return how every shadow stands, the oldest first."""
    asked = {"listener": LISTENER, "tag": tags.EVALUATE_PLAN}
    return [_standing(*row) for row in connection.execute(STANDING, asked).fetchall()]


def _standing(identity: int, draft: Any, state: str, error: str, compared: int, *counts: int) -> Standing:
    stricter, looser, resized, live = counts
    return Standing(
        id=identity,
        draft=draft,
        state=state,
        error=error,
        compared=compared,
        missing=live - compared,
        stricter=stricter,
        looser=looser,
        resized=resized,
    )


def set_aside(connection: psycopg.Connection[Any], identity: int, reason: str) -> None:
    """Let a shadow follow no further, for a reason that a person reads."""
    connection.execute(SET_ASIDE, {"id": identity, "error": reason[:500]})


def follow(connection: psycopg.Connection[Any], record: TurnRecord, module: Module, identity: int) -> int:
    """Let one shadow take the next page of turns; return how many it took.

    Its rows, its counters and how far it is commit together; a draft that raises sets its own shadow aside.
    """
    with connection.transaction():
        row = connection.execute(NEXT, {"id": identity}).fetchone()
        if row is None:
            return 0
        _, told, sequence, version, kept, lost = row
        trial = _trial(module, told, version=version, kept=kept, lost=lost)
        found: list[Again] = []
        taken, ended = 0, {"id": identity, "state": "following", "error": ""}
        for turn in record.turns(LISTENER, "", after=sequence):
            taken, sequence = taken + 1, turn.sequence
            again = trial.take(turn, decide=not isinstance(turn, Recorded) or asks(turn.strand))
            if again is not None and (isinstance(turn, Recorded) or _is_plan(connection, sequence)):
                found.append(again)
                if again.undecided is Undecided.NO_ANSWER:
                    ended |= {"state": "set aside", "error": again.told}
                    break
            if taken == PAGE:
                break
        if taken:
            _keep(connection, module, trial, found, {**ended, "sequence": sequence})
        return taken


def _trial(module: Module, told: Mapping[str, Any], *, version: str, kept: str | None, lost: str) -> Trial:
    draft = Draft(policy=told["policy"], content=told["content"], symbol=told.get("symbol"))
    if version != module.version:
        return Trial(module, draft, lost=f"it was begun beside version {version} of the decision maker; start it anew")
    return Trial(module, draft, None if kept is None else module.load(json.loads(kept)), lost)


def _keep(
    connection: psycopg.Connection[Any], module: Module, trial: Trial, found: Sequence[Again], ended: dict[str, Any]
) -> None:
    """Write what a shadow decided, and where it has got to."""
    rows = [_row(ended["id"], each) for each in found]
    if rows:
        connection.cursor().executemany(DECISION, rows)
    counted = {name: sum(row["differs"] == name for row in rows) for name in (STRICTER, LOOSER, SIZE, MISSING)}
    state = trial.fold.state
    connection.execute(
        MOVE,
        {
            **ended,
            "version": module.version,
            "kept": None if state is None else json.dumps(module.dump(state)),
            "lost": trial.lost,
            "compared": len(rows) - counted[MISSING],
            "stricter": counted[STRICTER],
            "looser": counted[LOOSER],
            "resized": counted[SIZE],
        },
    )


def _row(shadow: int, again: Again) -> dict[str, Any]:
    was, now = again.was, again.now
    return {
        "shadow": shadow,
        "sequence": again.sequence,
        "strand_id": again.strand_id,
        "lifecycle_id": again.lifecycle_id,
        "plan_id": again.plan_id,
        "symbol": again.symbol,
        "at": again.at,
        "differs": _differs(again),
        "was": json.dumps(was and {"type": was.type, "reason": was.reason, "size": was.size}),
        "now": json.dumps(now and {"type": now.type, "reason": now.reason, "size": now.size}),
        "gates": json.dumps([each.to_json() for each in again.gates]),
        "told": f"{again.undecided}: {again.told}" if again.undecided else "",
    }


def _differs(again: Again) -> str:
    if again.was is None or again.now is None:
        return MISSING
    if again.flipped:
        return STRICTER if again.was.passes else LOOSER
    return SIZE if again.resized else SAME


def _is_plan(connection: psycopg.Connection[Any], sequence: int) -> bool:
    """Return whether a turn that cannot be read back was one that decided."""
    asked = [LISTENER, sequence, tags.EVALUATE_PLAN]
    found = "SELECT EXISTS (SELECT FROM module_messages WHERE listener = %s AND sequence = %s AND tag = %s)"
    return bool(_only(connection, found, asked)[0])


def _only(connection: psycopg.Connection[Any], statement: str, asked: Any) -> tuple[Any, ...]:
    [row] = connection.execute(statement, asked).fetchall()
    return tuple(row)
