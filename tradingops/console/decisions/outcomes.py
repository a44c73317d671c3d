"""What came of decisions: asked of the strands of their stories, so that it is what every other page says."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import DecimalField, Exists, OuterRef, QuerySet, Subquery

from portfolio import ledger
from strands import figures, json_values
from strands.kinds import refusals
from strands.models import TraderStrand
from tradingops.console.decisions.listing import Number

Rows = QuerySet[Any]

#: What can have come of a decision, the furthest first.
WON, LOST, OPEN, ORDERED, WAITS, NOT_TRADED = "won", "lost", "open", "ordered", "not ordered", "not traded"
OUTCOMES = (WON, LOST, OPEN, NOT_TRADED)
_FOLLOWED = ("order", "fill", "position")


@dataclass
class Came:
    """What the trader said after a decision: the kinds of its strands, and what each closed position earned."""

    kinds: set[str] = field(default_factory=set)
    earned: list[Decimal] = field(default_factory=list)

    @property
    def pnl(self) -> Decimal | None:
        """What it earned in money after fees and funding, None while nothing is closed."""
        return ledger.total(self.earned) if self.earned else None


def follow(decisions: Sequence[Any]) -> None:
    """Put to each decision what came of it, as ``came``."""
    came = {each.pk: Came() for each in decisions}
    stories: dict[str, list[str]] = {}
    for each in decisions:
        stories.setdefault(each.lifecycle_id, []).append(each.pk)
        each.came = came[each.pk]
    for story, kind, decision, outcome in _said_of(stories):
        for key in [decision] if decision else stories[story]:
            if key in came:
                _add(came[key], kind, outcome)


def _said_of(stories: Iterable[str]) -> Iterable[tuple[str, str, str | None, Any]]:
    said = TraderStrand.objects.filter(lifecycle_id__in=[*filter(None, stories)], kind__in=_FOLLOWED)
    return said.values_list("lifecycle_id", "kind", "decision_id", "tr_outcome")


def _add(came: Came, kind: str, outcome: Any) -> None:
    came.kinds.add(kind)
    pnl = figures.decimal(json_values.dig(outcome, "pnl"))
    if kind == "position" and pnl is not None:
        came.earned.append(pnl)


def of(decision: Any) -> str:
    """Return in a word what came of a decision that was followed."""
    came: Came = decision.came
    if came.pnl is not None:
        return WON if came.pnl > 0 else LOST
    if "fill" in came.kinds:
        return OPEN
    if refusals.is_refusal(json_values.dig(decision.dm_decision, "decision_type")):
        return NOT_TRADED
    return ORDERED if "order" in came.kinds else WAITS


def kept(decisions: Rows, outcome: str) -> Rows:
    """Return the decisions of which this came."""
    closed, filled = _of_story("position"), _of_story("fill")
    if outcome in (WON, LOST):
        earned = Number("tr_outcome", path="pnl")
        gained = closed.annotate(earned=earned).filter(**{f"earned__{'gt' if outcome == WON else 'lte'}": 0})
        return decisions.filter(Exists(gained))
    if outcome == OPEN:
        return decisions.filter(Exists(filled), ~Exists(closed))
    return decisions.filter(~Exists(filled))


def _of_story(kind: str) -> Rows:
    return TraderStrand.objects.filter(lifecycle_id=OuterRef("lifecycle_id"), kind=kind)


def earned() -> Any:
    """Return what a decision earned, to order by."""
    pnl = _of_story("position").order_by("-pk").annotate(earned=Number("tr_outcome", path="pnl")).values("earned")
    return Subquery(pnl[:1], output_field=DecimalField())
