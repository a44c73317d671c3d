"""What the database recorded of decisions: which turns made the last of them, and what became of their plans."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import psycopg

from strands import tables, tags
from strands.strand import Strand
from strands.wires import rows
from tradingops.engine import Module
from tradingops.replay.postgres import TurnRecord
from tradingops.whatif import valued
from tradingops.whatif.alone import Alone, unseen
from tradingops.whatif.draft import Draft
from tradingops.whatif.tally import LOOSER, STRICTER, Tally
from tradingops.whatif.trial import LISTENER, Trial, Undecided
from tradingops.whatif.valued import Value

#: Plans looked up together.
PAGE = 500

LAST = """
    SELECT sequence FROM module_messages
     WHERE listener = %(listener)s AND status = 'delivered' AND tag = %(tag)s
     ORDER BY sequence DESC LIMIT %(last)s
"""
ENDED = """
    SELECT id, row_to_json(strand)::text FROM {table} AS strand
     WHERE lifecycle_id = ANY(%(lifecycles)s) AND kind = ANY(%(kinds)s) ORDER BY id
"""
#: Where it is said what became of plans.
ENDINGS = {"trader": (valued.POSITION, valued.EXECUTION), "alpha": (valued.COUNTERFACTUAL,)}


def decide(
    connection: psycopg.Connection[Any],
    record: TurnRecord,
    module: Module,
    draft: Draft,
    *,
    last: int,
    progress: Callable[[int], object] = lambda turns: None,
) -> Alone:
    """Return what became of the last decisions under a draft; the turns are read and forgotten one after another."""
    chosen, tally = last_decisions(connection, last=last), Tally()
    trial, after, foreign = begun(record, module, draft)
    if others := sum(sequence <= after for sequence in chosen):
        tally.leave_out(others, Undecided.OTHER_VERSION, foreign)
    mine = frozenset(sequence for sequence in chosen if sequence > after)
    for turn in record.turns(module.name, "", after=after) if mine else ():
        again = trial.take(turn, decide=turn.sequence in mine)
        if again is not None:
            tally.add(again)
        progress(1)
    return Alone(draft=draft, asked=last, tally=tally, values=_values(connection, tally), unseen=unseen(draft))


def last_decisions(connection: psycopg.Connection[Any], *, last: int) -> list[int]:
    """Return the sequences of the turns that made the last decisions, in their order."""
    asked = {"listener": LISTENER, "tag": tags.EVALUATE_PLAN, "last": last}
    return sorted(sequence for (sequence,) in connection.execute(LAST, asked).fetchall())


def endings(connection: psycopg.Connection[Any], lifecycles: Sequence[str]) -> Iterator[Strand]:
    """Yield what the desk said of how plans ended, or would have ended, in the order it was said by each module."""
    for start in range(0, len(lifecycles), PAGE):
        for module, kinds in ENDINGS.items():
            table = tables.TABLES[module]
            asked = {"lifecycles": list(lifecycles[start : start + PAGE]), "kinds": list(kinds)}
            for _, text in connection.execute(ENDED.format(table=table.name), asked).fetchall():
                yield rows.strand(table, text)


def begun(record: TurnRecord, module: Module, draft: Draft, *, partition: str = "") -> tuple[Trial, int, str]:
    """Return a trial at the first turn that this version of the module took, what was before it, and why it is not."""
    after, count = record.earlier(module.name, partition, module.version)
    trial = Trial(module, draft, partition=partition)
    if not count:
        return trial, 0, ""
    kept = record.taken_over(module.name, partition, module.version)
    if broken := list(trial.fold.take_over(kept)):
        trial.lost = str(broken[0])
    return trial, after, f"up to turn {after} by other versions than {module.version}, whose code is not here"


def _values(connection: psycopg.Connection[Any], tally: Tally) -> dict[str, dict[str, Value]]:
    """Return what the plans that flip came to: those that lived by their fills, the others by what would have been."""
    found = {}
    for way, flips, told in (
        (STRICTER, tally.stricter, valued.carried_out),
        (LOOSER, tally.looser, valued.followed),
    ):
        lifecycles = sorted({each.lifecycle_id or each.strand_id for each in flips})
        found[way] = told(endings(connection, lifecycles))
    return found
