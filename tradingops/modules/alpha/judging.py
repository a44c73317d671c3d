"""Judging: a detection with everything that may be said of it: evidence, intelligence, lessons and alpha's curators."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from curators import panel, roster, weights
from curators.dsi import evidence as dsi
from strands.lessons.lesson import Applied
from strands.strand import Strand
from strands.wire import State
from tradingops.modules import learning
from tradingops.modules.alpha import detection, events, intelligence, tape
from tradingops.modules.alpha.policy import AlphaPolicy
from tradingops.modules.alpha.voices import Voices

EXPERTS, RECORD, SEASONS, INTEREST = "experts", "record", "seasons", "open_interest"

MODULE = "alpha"

#: What lessons call the least curated strength of a signal that is published.
THRESHOLD = "publish"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A detection and what was said of it; ``found`` has the strength detected, ``sigma`` what the panel was given."""

    bar: Strand
    found: detection.Detection
    sigma: float
    events: Mapping[str, Any]
    evidence: dsi.Evidence | None
    intelligence: intelligence.Intelligence
    lessons: Applied
    verdict: panel.Verdict
    publish_at: float
    uses: tuple[Mapping[str, Any], ...]

    @property
    def curated(self) -> detection.Detection:
        """The detection at the strength that its curators left it."""
        return replace(self.found, strength=round(self.verdict.curated, detection.SCORE_DECIMALS))

    @property
    def voices(self) -> Voices:
        """What enters the confidence of the plan."""
        return Voices(
            evidence=self.evidence.evidence if self.evidence else None,
            module_boost=self.intelligence.module_boost,
            regime_adjustment=self.intelligence.regime_adjustment,
            lesson_boost=self.lessons.boost if self.lessons.lessons else None,
            nudges=tuple(each.contribution for each in self.verdict.hearings if each.voice is panel.Voice.NUDGE),
        )

    def feedback(self) -> dict[str, Any]:
        """Return the column ``curator_feedback``."""
        return {
            "sigma": self.sigma,
            "detected_strength": self.found.strength,
            "curated_score": round(self.verdict.curated, detection.SCORE_DECIMALS),
            "publish_at": self.publish_at,
            "approved": self.verdict.approved,
            "curators": self.verdict.to_json(),
        }


def judge(
    state: State, bar: Strand, found: detection.Detection, *, gather: Any, policy: AlphaPolicy, now: datetime
) -> Judged:
    """Return a detection judged; ``gather`` finds the evidence on a tape."""
    features, rows = bar.payload["md_features"], state[tape.TAPE].get(bar.timeframe or "", ())
    context = events.context_of(bar.payload["md_bar"], features, found.direction, policy)
    direction = found.direction.value
    seen, traded = None, bar.payload["md_bar"].get("tape") or ()
    if policy.dsi.enabled:
        prices = [row[: tape.PRICES] for row in rows]
        seen = gather(prices, direction=direction, standing=state[EXPERTS], policy=policy.dsi, events=traded)
    insight = intelligence.read(
        rows=rows,
        features=features,
        direction=direction,
        seasons=state[SEASONS],
        event_context=context,
        evidence=seen.evidence if seen else None,
        policy=policy.intelligence,
        trades=traded,
    )
    sigma = round(min(1.0, found.strength * insight.factor), detection.SCORE_DECIMALS)
    lessons = learning.applied(state["learning"], columns(bar, found), policy.lessons)
    inputs = {
        "features": features,
        "bar": bar.payload["md_bar"],
        "timeframe": bar.timeframe,
        "direction": direction,
        "strength": sigma,
        "confidence": found.confidence,
        "evidence": seen,
        "tape": rows,
        "record": state[RECORD],
        "at": now,
    }

    def convened(given: Applied) -> panel.Verdict:
        return panel.convene(
            roster.seat(MODULE, policy.curators),
            sigma=sigma,
            inputs=inputs,
            weights=given.weighed(weights.current(state["learning"].curators)),
            publish_at=_publish_at(given, policy),
        )

    return Judged(
        bar=bar,
        found=found,
        sigma=sigma,
        events=context,
        evidence=seen,
        intelligence=insight,
        lessons=lessons,
        verdict=convened(lessons),
        publish_at=_publish_at(lessons, policy),
        uses=tuple(
            {"lesson_id": lesson_id, "passes": convened(rest).approved} for lesson_id, rest in lessons.without().items()
        ),
    )


def _publish_at(lessons: Applied, policy: AlphaPolicy) -> float:
    """Return what the curated strength has to reach: the policy's threshold, or a lesson's where that is stricter."""
    return max(policy.publish_threshold, lessons.thresholds.get(THRESHOLD, 0.0))


def columns(bar: Strand, found: detection.Detection) -> dict[str, Any]:
    """Return what a detection is like, for lessons to be matched with."""
    return {
        "symbol": bar.symbol,
        "timeframe": bar.timeframe,
        "regime": bar.regime,
        "session_bucket": bar.session_bucket,
        "signal_type": found.direction.value,
        "pattern_detected": "breakout"
        if "breakout" in found.met
        else "divergence"
        if "divergence" in found.met
        else None,
    }


def record(judged: Judged, subject: Strand, *, size: float, followed: Mapping[str, Any]) -> learning.Judgement:
    """Return what is kept of a judgement until its outcome is known."""
    return learning.Judgement(
        subject_id=subject.id,
        lifecycle_id=subject.lifecycle_id,
        hearings=learning.compact(judged.verdict),
        sigma=judged.sigma,
        curated=judged.verdict.curated,
        publish_at=judged.publish_at,
        stake=size,
        size=size,
        passes=judged.verdict.approved,
        uses=tuple(learning.Use(**use, size=size if use["passes"] else 0.0) for use in judged.uses),
        columns=columns(judged.bar, judged.found),
        parts={"sig_sigma": judged.curated.strength, "sig_confidence": judged.found.confidence},
        experts={name: said.evidence for name, said in judged.evidence.experts.items()} if judged.evidence else {},
        followed=dict(followed),
    )


def remembered(record: Sequence[Sequence[Any]], row: Sequence[Any], *, since: str, most: int) -> list[list[Any]]:
    """Return alpha's record of outcomes with one more row, what is older than the window or too many dropped."""
    kept = [list(each) for each in record if each[0] >= since]
    return [*kept, list(row)][-most:]
