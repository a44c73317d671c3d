"""Assembly: a detection with all that speaks for or against it: evidence, intelligence, lessons, alpha's curators."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from curators import panel, roster, weights
from curators.dsi import evidence as dsi
from strands.lessons.lesson import Applied
from strands.strand import Strand
from tradingops.modules import learning
from tradingops.modules.alpha import detection, events, tape
from tradingops.modules.alpha.detection import Detection
from tradingops.modules.alpha.intelligence import factor
from tradingops.modules.alpha.policy import AlphaPolicy
from tradingops.modules.alpha.state import NAME, AlphaState
from tradingops.modules.alpha.voices import Voices

#: What lessons call the least curated strength of a signal that is published.
THRESHOLD = "publish"


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembled:
    """A detection and what came to it; ``found`` has the strength detected, ``sigma`` what the panel was given.

    ``passes_without`` tells by lesson whether the panel would have approved had that one not been applied.
    """

    bar: Strand
    found: Detection
    sigma: float
    events: Mapping[str, Any]
    evidence: dsi.Evidence | None
    intelligence: factor.Intelligence
    lessons: Applied
    verdict: panel.Verdict
    publish_at: float
    passes_without: Mapping[str, bool]

    @property
    def curated(self) -> Detection:
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


def assemble(
    state: AlphaState, bar: Strand, found: Detection, *, gather: Any, policy: AlphaPolicy, now: datetime
) -> Assembled:
    """Return a detection with everything that speaks of it; ``gather`` finds the evidence on a tape."""
    context = events.context_of(bar.payload["md_bar"], bar.payload["md_features"], found.direction, policy)
    evidence = _evidence(state, bar, found, gather, policy)
    insight = _intelligence(state, bar, found, context, evidence, policy)
    sigma = round(min(1.0, found.strength * insight.factor), detection.SCORE_DECIMALS)
    lessons = learning.applied(state.learning, columns(bar, found), policy.lessons)
    inputs = _inputs(state, bar, found, sigma, evidence, now)
    return Assembled(
        bar=bar,
        found=found,
        sigma=sigma,
        events=context,
        evidence=evidence,
        intelligence=insight,
        lessons=lessons,
        verdict=_convene(state, inputs, lessons, policy),
        publish_at=_publish_at(lessons, policy),
        passes_without={
            lesson_id: _convene(state, inputs, rest, policy).approved for lesson_id, rest in lessons.without().items()
        },
    )


def _evidence(
    state: AlphaState, bar: Strand, found: Detection, gather: Any, policy: AlphaPolicy
) -> dsi.Evidence | None:
    """Return what DSI finds on the tape, or in the trades behind the bar where it brings them."""
    if not policy.dsi.enabled:
        return None
    gathered: dsi.Evidence | None = gather(
        [row[: tape.PRICES] for row in _rows(state, bar)],
        direction=found.direction.value,
        standing=state.experts,
        policy=policy.dsi,
        events=_trades(bar),
    )
    return gathered


def _intelligence(
    state: AlphaState,
    bar: Strand,
    found: Detection,
    context: Mapping[str, Any],
    evidence: dsi.Evidence | None,
    policy: AlphaPolicy,
) -> factor.Intelligence:
    return factor.read(
        rows=_rows(state, bar),
        features=bar.payload["md_features"],
        direction=found.direction.value,
        seasons=state.seasons,
        event_context=context,
        evidence=evidence.evidence if evidence else None,
        policy=policy.intelligence,
        trades=_trades(bar),
    )


def _inputs(
    state: AlphaState, bar: Strand, found: Detection, sigma: float, evidence: dsi.Evidence | None, now: datetime
) -> dict[str, Any]:
    """Return what alpha's curators may look at."""
    return {
        "features": bar.payload["md_features"],
        "bar": bar.payload["md_bar"],
        "timeframe": bar.timeframe,
        "direction": found.direction.value,
        "strength": sigma,
        "confidence": found.confidence,
        "evidence": evidence,
        "tape": _rows(state, bar),
        "record": state.record,
        "at": now,
    }


def _convene(state: AlphaState, inputs: Mapping[str, Any], lessons: Applied, policy: AlphaPolicy) -> panel.Verdict:
    """Return the verdict of alpha's curators, under the weights that lessons leave them."""
    return panel.convene(
        roster.seat(NAME, policy.curators),
        sigma=inputs["strength"],
        inputs=inputs,
        weights=lessons.weighed(weights.current(state.learning.curators)),
        publish_at=_publish_at(lessons, policy),
    )


def _publish_at(lessons: Applied, policy: AlphaPolicy) -> float:
    """Return what the curated strength has to reach: the policy's threshold, or a lesson's where that is stricter."""
    return max(policy.publish_threshold, lessons.thresholds.get(THRESHOLD, 0.0))


def _rows(state: AlphaState, bar: Strand) -> tape.Tape:
    return state.tapes.get(bar.timeframe or "", ())


def _trades(bar: Strand) -> Any:
    return bar.payload["md_bar"].get("tape") or ()


def columns(bar: Strand, found: Detection) -> dict[str, Any]:
    """Return what a detection is like, for lessons to be matched with."""
    patterns = (each for each in ("breakout", "divergence") if each in found.met)
    return {
        "symbol": bar.symbol,
        "timeframe": bar.timeframe,
        "regime": bar.regime,
        "session_bucket": bar.session_bucket,
        "signal_type": found.direction.value,
        "pattern_detected": next(patterns, None),
    }


def judgement(assembled: Assembled, subject: Strand, *, size: float, followed: Mapping[str, Any]) -> learning.Judgement:
    """Return what is kept of an assembly until its plan's outcome is known."""
    evidence = assembled.evidence
    return learning.Judgement(
        subject_id=subject.id,
        lifecycle_id=subject.lifecycle_id,
        hearings=learning.compact(assembled.verdict),
        sigma=assembled.sigma,
        curated=assembled.verdict.curated,
        publish_at=assembled.publish_at,
        stake=size,
        size=size,
        passes=assembled.verdict.approved,
        uses=tuple(
            learning.Use(lesson_id=lesson_id, passes=passes, size=size if passes else 0.0)
            for lesson_id, passes in assembled.passes_without.items()
        ),
        columns=columns(assembled.bar, assembled.found),
        parts={"sig_sigma": assembled.curated.strength, "sig_confidence": assembled.found.confidence},
        experts={name: expert.evidence for name, expert in evidence.experts.items()} if evidence else {},
        followed=followed,
    )
