"""A line for each kind of strand that judgement and learning say, for the timeline of a story."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tradingops.console.showing import facts
from tradingops.console.showing.lines import Line, Tone

Row = Mapping[str, Any]


def of(kind: str, row: Row) -> Line | None:
    """Return the line of a strand about judgement or learning; None for every other kind."""
    teller = _TELLERS.get(kind)
    return teller(row, facts.mapping(row.get("lesson_metadata"))) if teller else None


def _scores(_: Row, told: Row) -> Line:
    scores = [each for each in facts.objects(told.get("scores")) if isinstance(each.get("correct"), bool)]
    right = sum(each["correct"] for each in scores)
    moved = len(facts.items(told.get("weights")))
    weights = f" · {moved} weight{'' if moved == 1 else 's'} moved" if moved else ""
    return Line(f"{right} of {len(scores)} curators were right{weights}")


def _withheld(row: Row, _: Row) -> Line:
    strength, confidence = facts.score(row.get("sig_sigma")), facts.score(row.get("sig_confidence"))
    return Line(
        f"{facts.word(row.get('sig_direction'))} withheld · strength {strength}, confidence {confidence}", Tone.WARN
    )


def _counterfactual(_: Row, told: Row) -> Line:
    outcome = facts.mapping(told.get("outcome"))
    pnl = facts.number(outcome.get("pnl_percent"))
    if pnl is None:
        return Line(f"would not have been entered: {facts.spaced(outcome.get('close_reason')) or 'no result'}")
    tone = Tone.CALM if not pnl else Tone.GOOD if pnl > 0 else Tone.BAD
    return Line(f"would have come to {100 * pnl:+.2f} % · {facts.spaced(outcome.get('close_reason'))}", tone)


def _braid(_: Row, told: Row) -> Line:
    count = facts.word(told.get("strand_count"))
    title = facts.word(facts.dig(told.get("lesson"), "title"))
    return Line(" · ".join(filter(None, ("learned", title, f"from {count} members" if count else ""))), Tone.GOOD)


def _lesson(_: Row, told: Row) -> Line:
    before, standing = facts.word(told.get("before")), facts.word(told.get("standing"))
    turned = f"{before} → {standing}" if before != standing else f"{standing}, measured again"
    return Line(" · ".join(filter(None, (f"lesson {turned}", facts.word(told.get("note"))))))


_TELLERS: dict[str, Callable[[Row, Row], Line]] = {
    "curator_scores": _scores,
    "withheld": _withheld,
    "counterfactual": _counterfactual,
    "braid": _braid,
    "meta_braid": _braid,
    "meta2_braid": _braid,
    "lesson": _lesson,
}

#: The kinds that have a line here.
KINDS = tuple(_TELLERS)
