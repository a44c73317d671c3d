"""Each turn alone: the last turns of a module that decides no plan, taken again under a draft from their own states.

What the draft says, leaves unsaid or says otherwise there is counted by kind; what comes of it is thrown away.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import psycopg

from strands.strand import Strand
from strands.wire import State
from tradingops.engine import Module
from tradingops.replay.postgres import TurnRecord
from tradingops.replay.refold import Fold, Recorded, Unfoldable, plain
from tradingops.whatif import recorded
from tradingops.whatif.draft import BadDraft, Draft
from tradingops.whatif.trial import LISTENER, Undecided

#: Whose turns are taken again: those who have a policy and speak in turns, but for who decides plans.
MODULES = ("alpha", "risk", "trader", "venue")
SAME, OTHER, FEWER, MORE = "same", "other", "fewer", "more"
OWN_POLICY = "its symbol has a policy of its own"
#: Changes that are kept one by one, and reasons of one sort in words.
KEPT, TOLD = 500, 3

LAST = """
    SELECT sequence FROM module_messages
     WHERE listener = %(listener)s AND status = 'delivered' AND module_version = %(version)s
     ORDER BY sequence DESC LIMIT %(last)s
"""
OWN = "SELECT DISTINCT symbol FROM policy_versions WHERE policy = %s AND symbol <> '' AND said IS NOT NULL"


@dataclass
class Turns:
    """What became of the turns: ``taken`` are those taken again and those that cannot be, by reason."""

    draft: Draft
    asked: int
    again: int = 0
    undecided: Counter[str] = field(default_factory=Counter)
    told: dict[str, list[str]] = field(default_factory=dict)
    said: dict[str, Counter[str]] = field(default_factory=dict)
    changes: list[dict[str, Any]] = field(default_factory=list)

    @property
    def taken(self) -> int:
        """How many turns were taken up."""
        return self.again + self.undecided.total()

    @property
    def is_complete(self) -> bool:
        """Whether every turn was taken again."""
        return not self.undecided

    @property
    def same(self) -> bool:
        """Whether every turn was taken again, and said what it had said."""
        return not self.undecided and all(set(each) <= {SAME} for each in self.said.values())

    def leave_out(self, reason: str, told: str) -> None:
        """Count a turn that cannot be taken again."""
        self.undecided[reason] += 1
        words = self.told.setdefault(reason, [])
        if told and len(words) < TOLD and told not in words:
            words.append(told)

    def add(self, turn: Recorded, was: Mapping[str, Any], now: Mapping[str, Strand]) -> None:
        """Count what one turn said and would say, by kind."""
        self.again += 1
        for identity in dict.fromkeys((*was, *now)):
            strand = now.get(identity) or was[identity]
            way = MORE if identity not in was else FEWER if identity not in now else _compared(was, now, identity)
            self.said.setdefault(strand.kind, Counter())[way] += 1
            if way != SAME and len(self.changes) < KEPT:
                self.changes.append(_change(turn, strand, way))

    def to_json(self) -> dict[str, Any]:
        """Return the report; ``taken_again`` and the sum of ``not_decidable`` are ``turns``."""
        return {
            "policy": self.draft.policy,
            "content": dict(self.draft.content),
            "asked_for": self.asked,
            "each_turn_alone": {
                "turns": self.taken,
                "taken_again": self.again,
                "not_decidable": {
                    reason: {"count": count, "told": self.told.get(reason, [])}
                    for reason, count in sorted(self.undecided.items())
                },
                "said": {kind: dict(counts) for kind, counts in sorted(self.said.items())},
                "changes": self.changes,
            },
        }


def covers(draft: Draft) -> None:
    """Raise BadDraft for a policy whose turns cannot be taken again one by one."""
    if draft.policy not in MODULES:
        raise BadDraft(
            f"policy: {draft.policy!r} speaks in no turns; those that do are {', '.join(MODULES)}, {LISTENER}"
        )
    if draft.symbol is not None:
        raise BadDraft(f"symbol: {draft.symbol!r}: turns are taken again under one policy for all symbols; write null")


def take_again(
    connection: psycopg.Connection[Any],
    record: TurnRecord,
    module: Module,
    draft: Draft,
    *,
    last: int,
    progress: Callable[[int], object] = lambda turns: None,
) -> Turns:
    """Return what the last turns of a module would have said under a draft, each from the state it was taken in.

    Turns that another version of the module took are no turns of this one, and not among them.
    """
    asked = {"listener": module.name, "version": module.version, "last": last}
    chosen = frozenset(sequence for (sequence,) in connection.execute(LAST, asked).fetchall())
    own = {symbol for (symbol,) in connection.execute(OWN, [draft.policy]).fetchall()}
    found = Turns(draft, last)
    for _, partition in record.partitions(module.name):
        for turn in _of_partition(record, module, draft, partition, chosen, found, own=partition in own):
            progress(turn)
    return found


def _of_partition(
    record: TurnRecord,
    module: Module,
    draft: Draft,
    partition: str,
    chosen: frozenset[int],
    found: Turns,
    *,
    own: bool,
) -> Iterator[int]:
    """Take one partition's turns, and yield how many at a time."""
    trial, after, _ = recorded.begun(record, module, draft, partition=partition)
    fold, lost = trial.fold, trial.lost
    for turn in record.turns(module.name, partition, after=after):
        yield 1
        before = fold.state
        differences = list(fold.take(turn))
        wanted = turn.sequence in chosen
        if isinstance(turn, Unfoldable) or any(each.what == "turn" for each in differences):
            if wanted:
                found.leave_out(Undecided.NOT_RECORDED, str(differences[0]))
            lost = lost or f"turn {turn.sequence}: {differences[0]}"
        elif wanted and (lost or own or differences):
            reason = Undecided.STATE_LOST if lost else OWN_POLICY if own else Undecided.CHANGED
            found.leave_out(reason, lost or ("" if own else str(differences[0])))
        elif wanted:
            _take(module, fold, before, turn, draft, found)


def _take(module: Module, fold: Fold, before: State | None, turn: Recorded, draft: Draft, found: Turns) -> None:
    state = module.start(fold.partition) if before is None else before
    try:
        _, answers = module.handle(state, turn.strand, draft.given(turn.given))
    except Exception as fault:  # noqa: BLE001  (whatever a draft makes a module raise is why there is no answer)
        found.leave_out(Undecided.NO_ANSWER, f"{type(fault).__name__}: {fault}"[:500])
        return
    found.add(turn, turn.answers, {each.id: each for each in answers})


def _compared(was: Mapping[str, Any], now: Mapping[str, Strand], identity: str) -> str:
    before, after = was[identity], now[identity]
    alike = plain(dict(before.payload)) == plain(dict(after.payload)) and set(before.tags) == set(after.tags)
    return SAME if alike else OTHER


def _change(turn: Recorded, strand: Strand, way: str) -> dict[str, Any]:
    return {
        "sequence": turn.sequence,
        "strand_id": strand.id,
        "lifecycle_id": strand.lifecycle_id,
        "symbol": strand.symbol,
        "at": strand.at.isoformat(),
        "kind": strand.kind,
        "way": way,
    }
