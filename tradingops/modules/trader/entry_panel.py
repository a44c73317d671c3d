"""The entry panel: the trader's curators look at an entry before its first order, at what it is expected to meet.

The score that they move is the execution score that the prediction promises.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from curators import panel, roster, weights
from portfolio.execution import metrics, prediction
from strands.lessons.lesson import Applied
from strands.strand import Strand
from tradingops.modules import learning
from tradingops.modules.trader.market import Market
from tradingops.modules.trader.placing import orders
from tradingops.modules.trader.sheet import MODULE, Sheet
from tradingops.modules.trader.state import EntryPlan, Execution, Terms

#: What lessons call the least curated score of an entry.
THRESHOLD = "execution"


def convene(
    sheet: Sheet, approved: EntryPlan, entry: Execution, terms: Terms, market: Market
) -> tuple[Execution, panel.Verdict]:
    """Return an entry with the panel's verdict for its report, and the verdict, kept until the outcome is known."""
    seats = roster.seat(MODULE, sheet.policy.curators)
    sheet.learning = learning.seated(sheet.learning, seats, sheet.policy.curators.learning)
    expected = orders.predict(sheet, entry, quantity=entry.quantity, terms=terms, market=market)
    columns = _columns(sheet, entry, terms)
    lessons = learning.applied(sheet.learning, columns, sheet.policy.lessons)
    inputs, sigma = _inputs(sheet, approved, entry, expected), promised(sheet, entry, expected)

    def convened(given: Applied) -> panel.Verdict:
        return panel.convene(
            seats,
            sigma=sigma,
            inputs=inputs,
            weights=given.weighed(weights.current(sheet.learning.curators)),
            publish_at=max(sheet.policy.publish_at, given.thresholds.get(THRESHOLD, 0.0)),
        )

    verdict = convened(lessons)
    said = {"sigma": sigma, "curated": verdict.curated, "curators": verdict.to_json()}
    size = float(entry.spec["position_size"])
    others = {lesson_id: convened(rest).approved for lesson_id, rest in lessons.without().items()}
    judgement = learning.Judgement(
        subject_id=approved.decision_id,
        lifecycle_id=approved.lifecycle_id,
        hearings=learning.compact(verdict),
        sigma=sigma,
        curated=verdict.curated,
        publish_at=sheet.policy.publish_at,
        stake=size,
        size=size,
        passes=verdict.approved,
        uses=tuple(learning.Use(lesson_id=each, passes=passes, size=size) for each, passes in others.items()),
        columns=columns,
        parts={"execution_quality": sigma, "slippage_control": 0.0},
    )
    sheet.learning = learning.keep(sheet.learning, approved.plan_id, judgement, most=sheet.policy.judgements_remembered)
    return replace(entry, verdict=said, lessons=lessons.to_json()), verdict


def why(verdict: panel.Verdict) -> str:
    """Return why an entry was not ordered, in words."""
    if verdict.vetoes:
        return "; ".join(f"{each.curator} stops it: {each.reason}" for each in verdict.vetoes)
    return f"curated score {verdict.curated:.2f} of {verdict.sigma:.2f} is too low"


def promised(sheet: Sheet, entry: Execution, expected: prediction.Prediction) -> float:
    """Return the execution score that a prediction promises, in [0, 1]."""
    return metrics.score(
        slip_penalty=metrics.slippage_penalty(
            slip_bps=expected.slip_bps, max_slippage=float(entry.spec["max_slippage"])
        ),
        lat_penalty=metrics.latency_penalty(
            latency_ms=expected.latency_ms, max_latency_ms=float(entry.spec["max_latency_ms"])
        ),
        adherence=expected.fill_prob,
        venue_score=entry.ranked[0][1],
        policy=sheet.policy,
    )


def entered(sheet: Sheet, report: Strand, measured: Mapping[str, Any]) -> None:
    """Keep how well an entry went beside the judgement on it."""
    plan_id = report.payload["order_spec"]["plan_id"]
    known = sheet.learning.judged.get(plan_id)
    if known is None:
        return
    slip = measured["slip_penalty"]
    sheet.learning = learning.amended(
        sheet.learning,
        plan_id,
        subject_id=report.id,
        columns={**known.columns, "venue": measured["venue"] or known.columns["venue"]},
        parts={
            "execution_quality": measured["execution_score"],
            "slippage_control": 0.0 if slip is None else round(1.0 - slip, 6),
        },
    )


def _inputs(sheet: Sheet, approved: EntryPlan, entry: Execution, expected: prediction.Prediction) -> dict[str, Any]:
    return {
        "plan": approved.plan,
        "quantity": approved.quantity,
        "position_size": approved.plan.position_size,
        "predict": expected.to_json(),
        "venues": entry.ranked,
        "records": {name: asdict(record) for name, record in sheet.venues.items()},
        "level": sheet.level,
        "held": sheet.position.quantity,
        "max_slippage": approved.max_slippage,
        "max_latency_ms": approved.max_latency_ms,
        "position_limit": sheet.policy.position_limit,
        "recommended_score": sheet.policy.recommended_score,
        "at": sheet.now,
    }


def _columns(sheet: Sheet, entry: Execution, terms: Terms) -> dict[str, Any]:
    """Return what an entry is like, for lessons to be matched with."""
    return {
        "symbol": sheet.symbol,
        "timeframe": sheet.cause.timeframe,
        "regime": sheet.cause.regime,
        "session_bucket": sheet.cause.session_bucket,
        "venue": entry.ranked[0][0],
        "order_type": terms.order_type.value,
    }
