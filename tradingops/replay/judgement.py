"""What judged a run: which plans were entered, what vetoes were worth, what was learned, and who knew how sure to be.

A plan belongs to the moment of the strand that first told it: its signal, or what alpha withheld.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from curators import calibration
from strands.strand import Strand

#: Kinds by what they tell.
TELLS_A_PLAN = ("signal", "withheld")
LEARNED = ("braid", "meta_braid", "meta2_braid")
SCORES, CHANGE, COUNTERFACTUAL = "curator_scores", "lesson", "counterfactual"
VETO, ENTRY = "veto", "entry"

#: Between 0 and 1, the reliability bins of the calibration error.
BINS = 10
DIGITS = 6

ByKind = Mapping[str, Sequence[Strand]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """A plan of which at least a part was bought or sold short.

    ``pnl`` is its even part of what its position came to, net of fees [currency]; None while that is open.
    """

    plan_id: str
    symbol: str
    direction: str
    at: str
    pnl: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Vetoes:
    """One curator's vetoes whose plans' outcomes are known; money in fractions of the portfolio's value."""

    count: int
    right: int
    saved: float
    missed: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Lessons:
    """How many lessons were learned, how they stand at the end, and how many judgements each module let them touch."""

    learned: Mapping[str, int]
    standing: Mapping[str, int]
    applied: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sureness:
    """How far stated confidence lay from what came true: the expected calibration error, None without outcomes."""

    outcomes: int
    error: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What judged a run; ``vetoes`` by module and curator, ``stopped`` by module and curator counts every veto."""

    entered: Mapping[str, Entered]
    stopped: Mapping[str, int]
    vetoes: Mapping[str, Vetoes]
    lessons: Lessons
    closed: Sureness
    counterfactual: Sureness


def build(strands: Iterable[Strand], *, since: datetime | None = None) -> Judgement:
    """Return what judged a run, from its strands in the order they were said.

    With ``since`` only plans told at that moment or later count; lessons are counted whenever they were learned.
    """
    by_kind: defaultdict[str, list[Strand]] = defaultdict(list)
    for strand in strands:
        by_kind[strand.kind].append(strand)
    plans = _plans(by_kind, since)
    confidences = _confidences(by_kind["decision"], plans)
    return Judgement(
        entered=_entered(by_kind, plans),
        stopped=_stopped(by_kind, plans),
        vetoes=_vetoes(by_kind[SCORES], plans),
        lessons=_lessons(by_kind, since),
        closed=_sureness(confidences, _closed(by_kind["position"])),
        counterfactual=_sureness(confidences, _followed(by_kind[COUNTERFACTUAL])),
    )


def bin_errors(outcomes: Sequence[tuple[float, bool]]) -> float | None:
    """Return the expected calibration error of pairs of stated confidence and whether it came true, 0 to 1."""
    error = calibration.expected_error(calibration.filled(outcomes, count=BINS))
    return None if error is None else round(error, DIGITS)


def plan_ids(outcome: Mapping[str, Any]) -> list[str]:
    """Return the plans that a closed position carried out, the first that opened it first."""
    return [each for each in outcome.get("plan_ids") or [outcome.get("plan_id")] if each]


def _plans(by_kind: ByKind, since: datetime | None) -> dict[str, Strand]:
    """Return by plan the strand that first told it, as far as it counts."""
    told: dict[str, Strand] = {}
    for kind in TELLS_A_PLAN:
        for strand in by_kind.get(kind, ()):
            plan_id = (strand.payload.get("trading_plan") or {}).get("plan_id")
            if plan_id and (since is None or strand.at >= since):
                told.setdefault(plan_id, strand)
    return told


def _entered(by_kind: ByKind, plans: Mapping[str, Strand]) -> dict[str, Entered]:
    """Return the plans whose entry orders were filled, in the order of their first fills."""
    specs = {each.id: each.payload["order_spec"] for each in by_kind.get("order", ())}
    filled = (specs.get(told["order_id"]) for each in by_kind.get("fill", ()) for told in each.payload["fills"])
    entries = dict.fromkeys(spec["plan_id"] for spec in filled if spec and spec["intent"] == ENTRY)
    earned = _earned(by_kind.get("position", ()))
    return {
        plan_id: Entered(
            plan_id=plan_id,
            symbol=plans[plan_id].symbol or "",
            direction=plans[plan_id].payload["trading_plan"]["direction"],
            at=plans[plan_id].at.isoformat(),
            pnl=earned.get(plan_id),
        )
        for plan_id in entries
        if plan_id in plans
    }


def _earned(positions: Sequence[Strand]) -> dict[str, Decimal]:
    earned: dict[str, Decimal] = {}
    for position in positions:
        outcome = position.payload["tr_outcome"]
        for plan_id in (among := plan_ids(outcome)):
            earned[plan_id] = earned.get(plan_id, Decimal(0)) + Decimal(outcome["pnl"]) / len(among)
    return earned


def _confidences(decisions: Sequence[Strand], plans: Mapping[str, Strand]) -> dict[str, float]:
    """Return by plan how confident its decision was, lessons applied, or alpha where it came to no decision."""
    stated = {plan_id: told.payload.get("sig_confidence") for plan_id, told in plans.items()}
    for each in decisions:
        plan_id = each.payload["dm_decision"].get("plan_id")
        if plan_id in plans:
            stated[plan_id] = (each.payload.get("dm_alpha") or {}).get("confidence_score", stated[plan_id])
    return {plan_id: share for plan_id, share in stated.items() if share is not None}


def _closed(positions: Sequence[Strand]) -> dict[str, bool]:
    told = (each.payload["tr_outcome"] for each in positions)
    return {plan_id: Decimal(outcome["pnl"]) > 0 for outcome in told for plan_id in plan_ids(outcome)}


def _followed(counterfactuals: Sequence[Strand]) -> dict[str, bool]:
    """Return by plan whether it would have won, where it would have been entered at all."""
    told = (each.payload["lesson_metadata"]["outcome"] for each in counterfactuals)
    return {each["plan_id"]: each["pnl_percent"] > 0 for each in told if each is not None}


def _sureness(confidences: Mapping[str, float], won: Mapping[str, bool]) -> Sureness:
    outcomes = [(confidences[plan_id], right) for plan_id, right in won.items() if plan_id in confidences]
    return Sureness(outcomes=len(outcomes), error=bin_errors(outcomes))


def hearings(strand: Strand) -> list[Mapping[str, Any]]:
    """Return what each curator said in a strand that records a panel; empty for others."""
    columns = strand.payload
    told = columns.get("curator_decisions") or columns.get("curator_feedback") or columns.get("tr_execution")
    return list((told.get("curators") if isinstance(told, Mapping) else told) or ())


def _stopped(by_kind: ByKind, plans: Mapping[str, Strand]) -> dict[str, int]:
    """Return how many plans each curator vetoed, whatever became of them."""
    found: set[tuple[str, str]] = set()
    for kind in (*TELLS_A_PLAN, "decision", "execution"):
        for strand in by_kind.get(kind, ()):
            plan_id = _plan_of(strand)
            vetoed = (each for each in hearings(strand) if plan_id in plans and each["action"] == VETO)
            found |= {(_named(strand, each["curator_type"]), str(plan_id)) for each in vetoed}
    return dict(sorted(Counter(name for name, _ in found).items()))


def _plan_of(strand: Strand) -> str | None:
    columns = ("trading_plan", "dm_decision", "order_spec")
    told = (strand.payload.get(each) for each in columns)
    return next((each["plan_id"] for each in told if each and each.get("plan_id")), None)


def _vetoes(scored: Sequence[Strand], plans: Mapping[str, Strand]) -> dict[str, Vetoes]:
    given: defaultdict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for strand, score in _scores(scored, plans):
        if score["action"] == VETO and score["correct"] is not None:
            given[_named(strand, score["curator"])].append(score)
    return {
        name: Vetoes(
            count=len(scores),
            right=sum(bool(each["correct"]) for each in scores),
            saved=round(sum(each["effect"]["saved"] for each in scores), DIGITS),
            missed=round(sum(each["effect"]["missed"] for each in scores), DIGITS),
        )
        for name, scores in sorted(given.items())
    }


def _scores(scored: Sequence[Strand], plans: Mapping[str, Strand]) -> Iterator[tuple[Strand, Mapping[str, Any]]]:
    for strand in scored:
        told = strand.payload["lesson_metadata"]
        if told["plan_id"] in plans:
            yield from ((strand, score) for score in told["scores"])


def _named(strand: Strand, curator: str) -> str:
    return f"{strand.module} {curator}"


def _lessons(by_kind: ByKind, since: datetime | None) -> Lessons:
    standing: dict[str, str] = {}
    for kind in LEARNED:
        standing |= {each.id: each.payload["lesson_metadata"]["standing"] for each in by_kind.get(kind, ())}
    for strand in by_kind.get(CHANGE, ()):
        change = strand.payload["lesson_metadata"]
        if change.get("standing") and change["lesson_id"] in standing:
            standing[change["lesson_id"]] = change["standing"]
    return Lessons(
        learned={kind: len(by_kind[kind]) for kind in LEARNED if by_kind.get(kind)},
        standing=dict(sorted(Counter(standing.values()).items())),
        applied=_applied(by_kind, since),
    )


def _applied(by_kind: ByKind, since: datetime | None) -> dict[str, int]:
    """Return by module how many judgements a lesson had a say in."""
    touched = Counter(
        strand.module
        for kind in (*TELLS_A_PLAN, "decision", "execution")
        for strand in by_kind.get(kind, ())
        if (since is None or strand.at >= since) and _lessons_in(strand)
    )
    return dict(sorted(touched.items()))


def _lessons_in(strand: Strand) -> bool:
    story = strand.payload.get("tr_execution") or {}
    told = story.get("lessons") or strand.payload.get("lesson_metadata") or {}
    return bool(told.get("lessons_applied"))
