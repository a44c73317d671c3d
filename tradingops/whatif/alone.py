"""Each decision alone: the recorded decisions of the last plans, made again under a draft from their own states."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg

from tradingops.engine import Module
from tradingops.replay.postgres import TurnRecord
from tradingops.whatif import recorded, valued
from tradingops.whatif.draft import BadDraft, Draft
from tradingops.whatif.tally import LOOSER, STRICTER, Tally
from tradingops.whatif.trial import Again, Trial, Undecided
from tradingops.whatif.valued import Value

#: What of the decision maker's policy acts in the turns between decisions, and is not seen in a decision alone.
BETWEEN = ("initial_cash", "judgements_remembered", "reserve_grace_seconds", "curators.learning", "lessons")


@dataclass(frozen=True, kw_only=True)
class Alone:
    """What became of each decision by itself; the plans that flip are valued one by one."""

    draft: Draft
    asked: int
    tally: Tally
    values: dict[str, dict[str, Value]]
    unseen: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the report under the name that tells it from a replay of the whole period."""
        return {
            "policy": self.draft.policy,
            "content": dict(self.draft.content),
            "asked_for": self.asked,
            "each_decision_alone": {
                **self.tally.to_json(),
                "acts_between_decisions": list(self.unseen),
                STRICTER: self._way(STRICTER, self.tally.stricter),
                LOOSER: self._way(LOOSER, self.tally.looser),
                "sizes": [_change(each) for each in self.tally.resized],
            },
        }

    def valued(self, way: str, flips: Sequence[Again]) -> list[Value]:
        """Return what each of these plans came to, in their order."""
        return [self.values[way].get(each.plan_id or "", valued.NOT_VALUED) for each in flips]

    def _way(self, way: str, flips: Sequence[Again]) -> dict[str, Any]:
        values = self.valued(way, flips)
        told = [{**_change(each), "value": value.to_json()} for each, value in zip(flips, values, strict=True)]
        return {"came_to": valued.summary(values), "plans": told}


def covers(draft: Draft) -> None:
    """Raise BadDraft for a policy whose decisions cannot be made again one by one."""
    if draft.policy != recorded.LISTENER:
        raise BadDraft(
            f"policy: {draft.policy!r} decides no plan at one definite turn, so none is decided again alone; "
            "what it would come to shows a replay of the whole period (--period)"
        )
    if draft.symbol is not None:
        raise BadDraft(f"symbol: {draft.symbol!r}: the decision maker has one policy for all symbols; write null")


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
    chosen, tally = recorded.last_decisions(connection, last=last), Tally()
    trial, after, foreign = _begun(record, module, draft)
    if others := sum(sequence <= after for sequence in chosen):
        tally.leave_out(others, Undecided.OTHER_VERSION, foreign)
    mine = frozenset(sequence for sequence in chosen if sequence > after)
    for turn in record.turns(module.name, "", after=after) if mine else ():
        again = trial.take(turn, decide=turn.sequence in mine)
        if again is not None:
            tally.add(again)
        progress(1)
    return Alone(draft=draft, asked=last, tally=tally, values=_values(connection, tally), unseen=unseen(draft))


def unseen(draft: Draft) -> tuple[str, ...]:
    """Return what of a draft acts between decisions, which no decision alone can show."""
    named = tuple(_paths(draft.content))
    return tuple(field for field in BETWEEN if any(each == field or each.startswith(f"{field}.") for each in named))


def _paths(content: Any, within: str = "") -> Iterable[str]:
    for name, value in content.items():
        path = f"{within}{name}"
        yield path
        if isinstance(value, dict):
            yield from _paths(value, f"{path}.")


def _begun(record: TurnRecord, module: Module, draft: Draft) -> tuple[Trial, int, str]:
    """Return a trial at the first turn that this version of the module took, what was before it, and why it is not."""
    after, count = record.earlier(module.name, "", module.version)
    if not count:
        return Trial(module, draft), 0, ""
    trial = Trial(module, draft)
    kept = record.taken_over(module.name, "", module.version)
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
        found[way] = told(recorded.endings(connection, lifecycles))
    return found


def _change(again: Again) -> dict[str, Any]:
    """Return one decision that changed: what it was, what it would be, and every gate that found otherwise."""
    was, now = again.was, again.now
    return {
        "sequence": again.sequence,
        "strand_id": again.strand_id,
        "lifecycle_id": again.lifecycle_id,
        "plan_id": again.plan_id,
        "symbol": again.symbol,
        "at": again.at.isoformat() if again.at else None,
        "was": {"type": was.type, "reason": was.reason, "size": was.size} if was else None,
        "now": {"type": now.type, "reason": now.reason, "size": now.size} if now else None,
        "gates": [each.to_json() for each in again.gates],
    }
