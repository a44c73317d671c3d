"""What curators said, what became of it, and what was learned: rows and strands for the pages of judgement."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg

from curators import projections
from strands import ids
from strands.lessons import projections as lessons
from strands.strand import Strand, first
from strands.wires.postgres import PostgresWire

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
STEP = timedelta(minutes=15)

ROSTERS = {
    "alpha": ("dsi", "pattern", "regime", "divergence", "evolution", "performance"),
    "dm": ("risk_curator", "budget_curator", "execution_curator", "portfolio_curator"),
    "trader": ("execution_curator", "venue_curator", "risk_curator", "position_curator"),
}


def a_spread(nth: int, *, of: int = 97) -> float:
    """A number from 0 to 1 that looks random and is not."""
    return (nth * 61 % of) / of


def an_outcome(nth: int = 0, *, pnl: float | None = None, actual: bool = True) -> dict[str, Any]:
    """What a plan came to."""
    pnl = round(0.03 * (a_spread(nth) - 0.45), 6) if pnl is None else pnl
    at = NOON + nth * STEP
    return {
        "plan_id": str(ids.uuid_of("plan", nth)),
        "actual": actual,
        "pnl_percent": pnl,
        "r_multiple": round(pnl / 0.01, 4),
        "close_reason": "take_profit" if pnl > 0 else "stop_loss",
        "direction": "long",
        "opened_at": at.isoformat(),
        "closed_at": (at + STEP).isoformat(),
    }


def a_score(
    curator: str = "risk_curator",
    *,
    action: str = "approve",
    confidence: float = 0.8,
    outcome: dict[str, Any],
    **more: Any,
) -> dict[str, Any]:
    """How right one curator was."""
    contribution = more.get("contribution", 0.0)
    against = action == "veto" or contribution < 0
    correct = against != (outcome["pnl_percent"] > 0)
    size = 0.05 if action == "veto" and not outcome["actual"] else 0.0
    return {
        "curator": curator,
        "action": action,
        "contribution": contribution,
        "confidence": confidence,
        "weight": 1.0,
        "correct": correct,
        "accuracy": round(1 - (confidence - correct) ** 2, 6),
        "impact": 0.55 if correct else 0.45,
        "effect": {
            "saved": round(max(0.0, -outcome["pnl_percent"]) * size, 6),
            "missed": round(max(0.0, outcome["pnl_percent"]) * size, 6),
        },
        "actual": outcome["actual"],
        "reason": "",
        **more,
    }


def a_change(curator: str, *, before: float, after: float, at: datetime, n: int) -> dict[str, Any]:
    """How one weight moved."""
    return {
        "curator": curator,
        "before": before,
        "after": after,
        "factor": 1.1 if after > before else 0.9,
        "perf": 0.72,
        "accuracy": 0.7,
        "calibration": 0.8,
        "impact": 0.5,
        "confidence": 0.71,
        "n": n,
        "cause": "outcome",
        "at": at.isoformat(),
    }


def scores(
    nth: int = 0,
    *,
    module: str = "dm",
    symbol: str = "BTC-PERP",
    told: Sequence[dict[str, Any]] | None = None,
    outcome: dict[str, Any] | None = None,
    changes: Sequence[dict[str, Any]] = (),
    subject: str | None = None,
    parent: Strand | None = None,
) -> Strand:
    """A module's scores of its curators at one outcome."""
    outcome = outcome or an_outcome(nth, actual=nth % 3 != 0)
    at = NOON + nth * STEP
    payload = {
        "plan_id": outcome["plan_id"],
        "subject_id": subject or ids.strand_id(at, 2, module, nth),
        "outcome": outcome,
        "scores": list(told if told is not None else _told(nth, module, outcome)),
        "weights": list(changes),
    }
    if parent is not None:
        return parent.answer(module=module, kind="curator_scores", payload={"lesson_metadata": payload})
    return first(
        module=module, kind="curator_scores", at=at, symbol=symbol, payload={"lesson_metadata": payload}, cause=(nth,)
    )


def history(count: int = 120, *, module: str = "dm", symbol: str = "BTC-PERP", after: int = 10) -> list[Strand]:
    """Many outcomes with their scores and the weights that they moved."""
    said = []
    weights = dict.fromkeys(ROSTERS[module], 0.3)
    for nth in range(count):
        at = NOON + nth * STEP
        changes = []
        for place, name in enumerate(ROSTERS[module]):
            moved = round(weights[name] * (1 + 0.002 * math.sin(nth / 15 + place) + 0.0007 * (place - 1)), 6)
            if nth >= after:
                changes.append(a_change(name, before=weights[name], after=moved, at=at, n=nth + 1))
                weights[name] = moved
        said.append(scores(nth, module=module, symbol=symbol, changes=changes))
    return said


def project(strands: Sequence[Strand], *, connection: psycopg.Connection[Any] | None = None) -> None:
    """Write the rows of scores on a connection, or on Django's own."""
    projections.project(connection or _djangos(), strands)


def _djangos() -> psycopg.Connection[Any]:
    """Return Django's own connection, in the test's transaction: without one, a wire would commit its own."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    own: psycopg.Connection[Any] = connection.connection
    return own


def _told(nth: int, module: str, outcome: dict[str, Any]) -> list[dict[str, Any]]:
    told = []
    for place, name in enumerate(ROSTERS[module]):
        draw = a_spread(nth * 7 + place * 13)
        confidence = round(0.35 + 0.6 * a_spread(nth * 3 + place * 29), 4)
        if not outcome["actual"] and place == nth % len(ROSTERS[module]):
            told.append(a_score(name, action="veto", confidence=confidence, outcome=outcome))
        elif draw < 0.5:
            nudge = round(0.1 * (draw - 0.2), 4)
            told.append(a_score(name, action="nudge", confidence=confidence, outcome=outcome, contribution=nudge))
        else:
            told.append(a_score(name, confidence=confidence, outcome=outcome))
    return told


def a_braid(
    nth: int = 0,
    *,
    module: str = "dm",
    level: int = 2,
    standing: str = "active",
    symbol: str = "BTC-PERP",
    members: int = 5,
    **lesson: Any,
) -> Strand:
    """A lesson as its module says it."""
    at = NOON + nth * STEP
    results = [round(0.02 * (a_spread(nth * 5 + place) - 0.35), 6) for place in range(members)]
    sources = [
        {
            "id": ids.strand_id(at - (members - place) * STEP, 2, module, nth, place),
            "score": 0.6,
            "outcome": 0.6,
            "won": pnl > 0,
            "pnl_percent": pnl,
        }
        for place, pnl in enumerate(results)
    ]
    words = {
        "title": f"Longs of {symbol} in a rising market paid",
        "description": f"{sum(pnl > 0 for pnl in results)} of {members} such plans won.",
        "conditions": {"symbol": symbol, "regime": "trending_up", "timeframe": "15m"},
        "recommendations": [
            {
                "type": "confidence_boost",
                "condition": {"regime": "trending_up"},
                "boost_factor": 1.08,
                "because": "most won",
            },
            {
                "type": "curator_weight_adjustment",
                "curator_type": "risk_curator",
                "adjustment": 0.9,
                "because": "it vetoed winners",
            },
        ],
        "confidence": 0.66,
        **lesson,
    }
    kind = {2: "braid", 3: "meta_braid", 4: "meta2_braid"}[level]
    told = {
        "lesson_type": {"alpha": "alpha_braid", "dm": "decision_braid", "trader": "execution_braid"}[module],
        "module": module,
        "braid_level": level,
        "clustering_columns": {"symbol": symbol, "regime": "trending_up"},
        "source_strands": sources,
        "strand_count": members,
        "accumulated_score": round(0.6 * members, 4),
        "mean_outcome": 0.6,
        "confidence": 0.66,
        "recommendations": words["recommendations"],
        "lesson": words,
        "standing": standing,
        "writer": "template",
        "created_at": at.isoformat(),
    }
    return first(
        module=module,
        kind=kind,
        at=at,
        symbol=symbol,
        timeframe="15m",
        regime="trending_up",
        payload={"lesson_metadata": told},
        cause=("braid", nth),
    )


def a_change_of(braid: Strand, *, standing: str, before: str = "active", nth: int = 0, **more: Any) -> Strand:
    """A module's word that a lesson stands differently, or was measured again."""
    told = {"lesson_id": braid.id, "standing": standing, "before": before, "cause": "effect", **more}
    return first(
        module=braid.module,
        kind="lesson",
        at=braid.at + (nth + 1) * STEP,
        symbol=braid.symbol,
        payload={"lesson_metadata": told},
        cause=(braid.id, nth),
    )


def learn(strands: Sequence[Strand], *, connection: psycopg.Connection[Any] | None = None) -> None:
    """Say braids and changes, with the rows of lessons, on a connection, or on Django's own."""
    connection = connection or _djangos()
    PostgresWire(lambda: connection).publish(strands)
    lessons.project(connection, strands)


def hearings() -> list[dict[str, Any]]:
    """What a panel of four said: a nudge, an approval, a silence and a failure."""
    return [
        a_hearing("risk_curator", action="nudge", contribution=0.021, reason="half of the risk budget is free"),
        a_hearing("budget_curator", reason="Kelly bears the size"),
        a_hearing("execution_curator", action="abstained", confidence=None),
        a_hearing("portfolio_curator", action="failed", confidence=None, reason="KeyError: 'correlation'"),
    ]


def a_hearing(curator: str, *, action: str = "approve", **more: Any) -> dict[str, Any]:
    """One curator's record."""
    return {
        "curator_type": curator,
        "action": action,
        "stops": action == "veto",
        "contribution": more.get("contribution", 0.0),
        "confidence": more.get("confidence", 0.72),
        "reason": more.get("reason", ""),
        "evidence": {"quality": 0.61, "weight_adjustment": 1.04},
    }


def bars(signal_at: datetime, *, symbol: str = "BTC-PERP", count: int = 128) -> list[Strand]:
    """The 1-minute bars up to a moment, wandering, the last closing at it."""
    told = []
    for nth in range(count):
        closed = signal_at - (count - 1 - nth) * timedelta(minutes=1)
        price = 46_000 + 120 * math.sin(nth / 9) + 3 * nth
        close = price + 25 * math.cos(nth / 2)
        bar = {
            "opened_at": (closed - timedelta(minutes=1)).isoformat(),
            "open": f"{price:.1f}",
            "high": f"{max(price, close) + 12 + nth % 5:.1f}",
            "low": f"{min(price, close) - 9 - nth % 7:.1f}",
            "close": f"{close:.1f}",
            "volume": f"{10 + 6 * abs(math.sin(nth / 5)):.3f}",
        }
        told.append(
            first(
                module="market",
                kind="bar",
                at=closed,
                symbol=symbol,
                timeframe="1m",
                regime="trending_up",
                payload={"md_bar": bar, "md_features": {"regime": "trending_up"}},
            )
        )
    return told  # fmt: skip


def evidence_of(told: Sequence[Strand]) -> dict[str, Any]:
    """What the experts find on the tape of bars, for a long."""
    from curators.dsi import evidence
    from curators.dsi.policy import DsiPolicy

    names = ("open", "high", "low", "close", "volume")
    rows = [[bar.at.timestamp(), *(float(bar.payload["md_bar"][name]) for name in names)] for bar in told]
    policy = DsiPolicy()
    found = evidence.gather(rows, direction="long", standing=evidence.start(policy), policy=policy)
    assert found is not None
    return found.to_json()


def a_judged_story(*, at: datetime = NOON, refused: bool = True, lesson_id: str = "01LESSON") -> list[Strand]:
    """Bars, a signal with evidence that a panel judged, a decision, and what curators were right about."""
    from tests.console import stories

    leading = bars(at)
    signal = stories.a_signal(leading[-1])
    told = {
        **signal.payload,
        "dsi_evidence": evidence_of(leading),
        "curator_feedback": {"sigma": 0.71, "curated_score": 0.725, "curators": hearings()},
        "module_intelligence": {"module": "alpha", "intelligence": {"factor": 1.04, "det_sigma": 0.62}},
    }
    signal = dataclasses.replace(signal, payload=told)
    decision = stories.a_refusal(signal) if refused else stories.a_decision(signal)
    learned = {
        "lesson_enhanced": True,
        "lessons_applied": [lesson_id],
        "confidence_boost": 1.05,
        "matches": [{"lesson_id": lesson_id, "relevance": 0.85, "confidence": 0.66, "boost_factor": 1.08}],
    }
    heard = {**decision.payload, "curator_decisions": hearings(), "lesson_metadata": learned}
    decision = dataclasses.replace(decision, payload=heard)
    outcome = an_outcome(2, pnl=-0.0042, actual=not refused)
    would = signal.answer(
        module="alpha", kind="counterfactual", payload={"lesson_metadata": {"plan_id": "p", "outcome": outcome}}
    )
    right = [a_score("risk_curator", action="nudge", contribution=0.021, outcome=outcome)]
    scored = scores(2, told=right, outcome=outcome, subject=decision.id, parent=decision)
    return [*leading, signal, decision, *([would] if refused else []), scored]


def a_withheld_story(*, at: datetime = NOON) -> list[Strand]:
    """A signal that alpha's own curator vetoed."""
    from tests.console import stories

    bar = stories.a_bar(at=at)
    signal = stories.a_signal(bar)
    veto = a_hearing("regime", action="veto", reason="the regime speaks against it")
    told = {**signal.payload, "curator_feedback": {"approved": False, "curators": [veto, a_hearing("pattern")]}}
    return [bar, bar.answer(module="alpha", kind="withheld", payload=told)]
