"""Steps of a proposal: the words that may name one, brought to one kind each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

ANALYZE, EXECUTE_TRADE, MONITOR = "analyze", "execute_trade", "monitor"
CLOSE, CALCULATE_RISK, ROUNDTABLE = "close", "calculate_risk", "roundtable_conversation"
KINDS = (ANALYZE, EXECUTE_TRADE, MONITOR, CLOSE, CALCULATE_RISK, ROUNDTABLE)
SCALE = "scale"
#: What policies and agents also call a kind; scaling is a trade of a position that is there.
ALIASES = {
    "analyze_signal": ANALYZE,
    "monitor_position": MONITOR,
    "close_position": CLOSE,
    "scale_position": EXECUTE_TRADE,
}
FEWEST, MOST = 1, 20
LONGEST_TITLE = 255


class BadProposal(ValueError):
    """A proposal that is none: nobody has to judge it."""

    def __init__(self, name: str, value: object, rule: str) -> None:
        super().__init__(f"{name}: {str(value)[:80]!r}: {rule}")


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do: its kind, and what is said of it."""

    kind: str
    payload: Mapping[str, Any] = field(default_factory=dict)

    @property
    def scales(self) -> bool:
        """Whether it changes the size of a position that is there."""
        return self.kind == EXECUTE_TRADE and self.payload.get("mode") == SCALE

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "payload": dict(self.payload)}


def canonical(kind: str) -> str:
    """Return the one word for a kind; raises BadProposal for one that there is not."""
    found = ALIASES.get(kind, kind)
    if found not in KINDS:
        raise BadProposal("kind", kind, f"is no kind of step; known are {', '.join((*KINDS, *ALIASES))}")
    return found


def read(title: Any, steps: Any) -> tuple[Step, ...]:
    """Return the steps of a proposal, each a word or an object with kind and payload; raises BadProposal."""
    if not isinstance(title, str) or not 1 <= len(title.strip()) <= LONGEST_TITLE:
        raise BadProposal("title", title, f"must be a text of 1 to {LONGEST_TITLE} letters")
    if not isinstance(steps, Sequence) or isinstance(steps, str) or not FEWEST <= len(steps) <= MOST:
        count = len(steps) if isinstance(steps, Sequence) else steps
        raise BadProposal("proposed_steps", count, f"must be a list of {FEWEST} to {MOST} steps")
    return tuple(_step(each, f"proposed_steps[{place}]") for place, each in enumerate(steps))


def _step(told: Any, path: str) -> Step:
    told = {"kind": told} if isinstance(told, str) else told
    if not isinstance(told, Mapping) or not isinstance(told.get("kind"), str):
        raise BadProposal(path, told, "must be the word of a kind, or an object with a kind and a payload")
    payload = told.get("payload", {})
    if not isinstance(payload, Mapping):
        raise BadProposal(f"{path}.payload", payload, "must be an object")
    more = {"mode": SCALE} if told["kind"] == "scale_position" else {}
    return Step(canonical(told["kind"]), {**payload, **more})


def mission_type(steps: Sequence[Step]) -> str:
    """Return what kind of mission steps make: what they do to a position, else an analysis, or a watch."""
    kinds = {each.kind for each in steps}
    if any(each.scales for each in steps):
        return "scale"
    if any(each.payload.get("mode") == "hedge" for each in steps):
        return "hedge"
    if EXECUTE_TRADE in kinds:
        return "entry"
    if CLOSE in kinds:
        return "exit"
    return "monitor" if kinds == {MONITOR} else "analysis"
