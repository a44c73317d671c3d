"""Each decision alone: the recorded decisions of the last plans, made again under a draft from their own states."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from tradingops.whatif import valued
from tradingops.whatif.draft import BadDraft, Draft
from tradingops.whatif.tally import LOOSER, STRICTER, Tally
from tradingops.whatif.trial import LISTENER, Again
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

    @property
    def is_complete(self) -> bool:
        """Whether every decision was decided again."""
        return self.tally.decided == self.tally.taken

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
    if draft.policy != LISTENER:
        raise BadDraft(
            f"policy: {draft.policy!r} decides no plan at one definite turn, so none is decided again alone; "
            "its turns are taken again instead (whatif), or a whole period is replayed (--period)"
        )
    if draft.symbol is not None:
        raise BadDraft(f"symbol: {draft.symbol!r}: the decision maker has one policy for all symbols; write null")


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
