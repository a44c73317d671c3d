"""The rehearsals, in their order: each does to a desk what may happen to it, and looks at what becomes of it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import psycopg

from strands import tags
from strands.rulings.triggers import HALTED
from tradingops.drill import story
from tradingops.drill.scratch import DrillFailed, Scratch

_ENTRY_FILLED = """
    SELECT count(*) FROM tr_strands AS fill JOIN tr_strands AS said ON said.kind = 'order'
       AND said.order_spec ->> 'plan_id' = %(plan)s AND said.lifecycle_id = fill.lifecycle_id
     WHERE fill.kind = 'fill'
"""
_ENTRIES = """
    SELECT count(*) FROM tr_strands
     WHERE kind = 'order' AND order_spec ->> 'plan_id' = %(plan)s AND order_spec ->> 'intent' = 'entry'
"""
_HEARD = """
    SELECT count(*) FROM module_messages AS turn JOIN dm_strands AS said ON said.id = turn.strand_id
     WHERE turn.listener = 'trader' AND turn.status = 'delivered' AND said.dm_decision ->> 'plan_id' = %(plan)s
"""
_WAITING = "SELECT (count(*) = 0)::int FROM deliveries WHERE listener IN ('trader', 'venue')"


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of one rehearsal: ``told`` is what was seen, ``seconds`` how long it took."""

    name: str
    passed: bool
    seconds: float
    told: str


def all_of_them(scratch: Scratch) -> Iterator[Result]:
    """Yield the result of each rehearsal as it is over; a failed one stops none of the others."""
    for name, rehearse in REHEARSALS.items():
        begun = time.monotonic()
        try:
            passed, told = True, rehearse(scratch)
        except (DrillFailed, psycopg.Error) as fault:
            passed, told = False, str(fault)
        yield Result(name=name, passed=passed, seconds=round(time.monotonic() - begun, 2), told=told)


def entry(scratch: Scratch) -> str:
    """A plan becomes a position with a stop and a target at the venue."""
    scratch.decide("drill-entry")
    scratch.until(_ENTRY_FILLED, values={"plan": "drill-entry"}, what="the entry was filled")
    resting = "SELECT (count(*) = 2)::int FROM tr_strands WHERE kind = 'order' AND order_spec ->> 'group' IS NOT NULL"
    scratch.until(resting, what="a stop and a target were sent")
    return "bought, with a stop and a target at the venue"


def halt(scratch: Scratch) -> str:
    """After `halt` nobody gets an order past the database, and after `resume` they do."""
    begun = time.monotonic()
    scratch.manage("halt", "desk", "--reason", "a drill")
    took = time.monotonic() - begun
    if _order_passes(scratch):
        raise DrillFailed("the database took an order on a halted desk")
    scratch.manage("resume", "desk", "--reason", "a drill")
    if not _order_passes(scratch):
        raise DrillFailed("the database refused an order after the desk was resumed")
    return f"in force {took:.1f} s after it was asked for; an order by hand was refused, and passed after resume"


def listener_loss(scratch: Scratch) -> str:
    """A worker that dies loses nothing: what came meanwhile is heard once by the next one."""
    scratch.kill("trader")
    scratch.decide("drill-loss")
    scratch.start("trader")
    scratch.until(_HEARD, values={"plan": "drill-loss"}, what="the next trader heard the plan")
    scratch.until(_WAITING, what="nothing waited any more")
    heard, sent = (scratch.ask(query, {"plan": "drill-loss"}) for query in (_HEARD, _ENTRIES))
    if (heard, sent) != (1, 1):
        raise DrillFailed(f"heard {heard} times, {sent} entries sent; each should be 1")
    return "the plan that came while nobody listened was heard once and ordered once"


def database_restart(scratch: Scratch) -> str:
    """Workers go on by themselves after the database was gone."""
    scratch.manage("pg", "stop")
    begun = time.monotonic()
    scratch.manage("pg", "start")
    scratch.decide("drill-restart")
    scratch.until(_HEARD, values={"plan": "drill-restart"}, what="the trader heard a plan after the restart")
    if not (scratch.runs("trader") and scratch.runs("venue")):
        raise DrillFailed("a worker ended when the database went away")
    return f"the same workers heard the next plan {time.monotonic() - begun:.1f} s after the restart began"


def venue_timeout(scratch: Scratch) -> str:
    """A venue that does not answer gets no second order; when it answers, the first is filled once."""
    scratch.kill("venue")
    scratch.decide("drill-silence")
    scratch.until(_ENTRIES, values={"plan": "drill-silence"}, what="the entry was sent")
    for _ in range(5):
        scratch.minute()
        time.sleep(0.2)
    scratch.start("venue")
    scratch.until(_ENTRY_FILLED, values={"plan": "drill-silence"}, what="the venue, back, filled the entry")
    sent = scratch.ask(_ENTRIES, {"plan": "drill-silence"})
    if sent != 1:
        raise DrillFailed(f"{sent} entries were sent for one plan while the venue was silent")
    return "one order while the venue was silent for five minutes of the market, filled when it was back"


def flatten(scratch: Scratch) -> str:
    """`flatten` leaves nothing at the venue: no position and no order."""
    scratch.manage("halt", "desk", "--reduce-only", "--reason", "a drill")
    with scratch.market():
        done = scratch.manage("flatten", "--yes", "--json", "--wait", "40", "--reason", "a drill")
    legs: dict[str, str] = json.loads(done.stdout)
    if not legs or set(legs.values()) != {"flat"}:
        raise DrillFailed(f"the legs are {legs or 'none'}")
    left = json.loads(scratch.manage("flatten", "--dry-run", "--json").stdout)
    if left:
        raise DrillFailed(f"still held or working: {left}")
    return f"{', '.join(legs)} flat by what the venue says, nothing rests"


REHEARSALS: dict[str, Callable[[Scratch], str]] = {
    "entry": entry,
    "halt": halt,
    "listener loss": listener_loss,
    "database restart": database_restart,
    "venue timeout": venue_timeout,
    "flatten": flatten,
}


def _order_passes(scratch: Scratch) -> bool:
    """Say whether the database takes an order that is written by hand; what it took is taken back."""
    spec = {"intent": "entry", "symbol": story.SYMBOL, "side": "buy", "quantity": "1", "order_type": "market"}
    written = (json.dumps([tags.SUBMIT_ORDER]), json.dumps(spec), story.VENUE)
    with scratch.connect() as session:
        try:
            with session.transaction(force_rollback=True):
                session.execute(
                    "INSERT INTO tr_strands (id, at, kind, symbol, tags, order_spec, route_hint)"
                    " VALUES (%s, %s, 'order', %s, %s, %s, %s)",
                    ("drill-by-hand", scratch.now, story.SYMBOL, *written),
                )
        except psycopg.Error as fault:
            if fault.sqlstate != HALTED:
                raise
            return False
    return True
