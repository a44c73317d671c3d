"""Evidence: what the experts find on a tape for or against a plan, as one number with its reasons.

``gather`` reads, ``learn`` is told what became of the plan; both are pure, and the standing between them is plain JSON
that the caller keeps.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from curators.dsi import expert, fusion, tape
from curators.dsi.expert import Expert, ExpertSaid, Side
from curators.dsi.experts import anomaly, classifier, divergence, grammar
from curators.dsi.policy import DsiPolicy

#: The specification's column for each expert's own words.
COLUMNS = {
    Expert.GRAMMAR: "mx_fsm_experts",
    Expert.CLASSIFIER: "mx_classifier_experts",
    Expert.ANOMALY: "mx_anomaly_experts",
    Expert.DIVERGENCE: "mx_divergence_experts",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What was found; shares are in [0, 1], ``boost`` is a factor, ``experts`` holds only those that could judge."""

    evidence: float
    confirm: bool
    confidence: float
    boost: float
    interval: tuple[float, float]
    experts: Mapping[str, ExpertSaid]
    weights: Mapping[str, float]
    survival_rates: Mapping[str, float]
    confirm_rate: float
    survival_rate: float
    tape_hash: str
    source: str
    tokens: int
    features: tuple[str, ...] = ()

    @property
    def heard(self) -> dict[str, float]:
        """Each expert's evidence, as ``learn`` wants it back."""
        return {name: said.evidence for name, said in self.experts.items()}

    @property
    def absent(self) -> list[str]:
        """The experts that could not judge this tape."""
        return [each.value for each in Expert if each not in self.experts]

    def to_json(self) -> dict[str, Any]:
        """Return the evidence as JSON under the specification's names, and what it was made from."""
        return {
            "mx_evidence": self.evidence,
            "mx_confirm": self.confirm,
            "mx_confidence": self.confidence,
            "mx_evidence_boost": self.boost,
            "mx_confidence_interval": list(self.interval),
            "mx_expert_contributions": {
                name: {"evidence": said.evidence, "confidence": said.confidence, "weight": self.weights[name]}
                for name, said in self.experts.items()
            },
            **{
                column: self.experts[each].to_json() if each in self.experts else None
                for each, column in COLUMNS.items()
            },
            "mx_expert_weights": dict(self.weights),
            "mx_expert_survival_rates": dict(self.survival_rates),
            "mx_confirm_rate": self.confirm_rate,
            "mx_expert_survival_rate": self.survival_rate,
            "mx_microtape_hash": self.tape_hash,
            "source": self.source,
            "tokens": self.tokens,
            "features": list(self.features),
            "absent": self.absent,
        }


def start(policy: DsiPolicy) -> dict[str, Any]:
    """Return the standing of the experts before any outcome: plain JSON."""
    return fusion.start(policy.fusion)


def gather(
    rows: Sequence[Sequence[float]],
    *,
    direction: str,
    standing: Mapping[str, Any],
    policy: DsiPolicy,
    events: Sequence[Mapping[str, Any]] = (),
) -> Evidence | None:
    """Return the evidence for a plan of this direction, from events where there are enough of them, else from bars.

    ``rows`` are bars ``[closed_at, open, high, low, close, volume]``, oldest first. None when disabled, when there is
    not a whole window of believable rows, or when no expert can judge. Raises ValueError for an unknown direction.
    """
    side = Side(direction)
    if not policy.enabled:
        return None
    with np.errstate(all="ignore"):
        read = tape.of_events(events, policy=policy.tape) if events else None
        if read is None:
            read = tape.of_bars(rows, policy=policy.tape)
        if read is None:
            return None
        said = judged(read, side=side, standing=standing, policy=policy)
    return _fused(read, said, standing, policy) if said else None


def judged(read: tape.Tape, *, side: Side, standing: Mapping[str, Any], policy: DsiPolicy) -> dict[str, ExpertSaid]:
    """Return what each expert that can judge the tape says of it, by name."""
    trust = {name: fusion.confidence(each, policy=policy.fusion) for name, each in standing.items()}
    rows = policy.tape
    found = {
        Expert.GRAMMAR: grammar.judge(
            read, side=side, confidence=trust[Expert.GRAMMAR], window=rows.window, recent=rows.recent,
            policy=policy.grammar,
        ),
        Expert.CLASSIFIER: classifier.judge(
            read, side=side, confidence=trust[Expert.CLASSIFIER], policy=policy.classifier
        ),
        Expert.ANOMALY: anomaly.judge(read, policy=policy.anomaly),
        Expert.DIVERGENCE: divergence.judge(read, policy=policy.divergence),
    }  # fmt: skip
    return {each.value: said for each, said in found.items() if said is not None}


def learn(standing: Mapping[str, Any], heard: Mapping[str, float], *, won: bool, policy: DsiPolicy) -> dict[str, Any]:
    """Return the standing after a plan won or lost of which each expert had found so much evidence."""
    return fusion.learn(standing, heard, won=won, policy=policy.fusion)


def _fused(read: tape.Tape, said: dict[str, ExpertSaid], standing: Mapping[str, Any], policy: DsiPolicy) -> Evidence:
    weights = fusion.weights(standing)
    fused = fusion.fuse(said, weights=weights, policy=policy.fusion)
    agreed = {name: _with_threshold(each, standing[name]["threshold"]) for name, each in said.items()}
    return Evidence(
        evidence=fused.evidence,
        confirm=fused.confirm,
        confidence=fused.confidence,
        boost=fused.boost,
        interval=fused.interval,
        experts=agreed,
        weights={name: expert.rounded(weight) for name, weight in weights.items()},
        survival_rates=fusion.survival_rates(standing),
        confirm_rate=fused.confirm_rate,
        survival_rate=fusion.survival_rate(standing),
        tape_hash=read.hash,
        source=read.source.value,
        tokens=read.tokens,
        features=read.names,
    )


def _with_threshold(said: ExpertSaid, threshold: float) -> ExpertSaid:
    details = {**said.details, "threshold": threshold, "agrees": said.evidence > threshold}
    return ExpertSaid(evidence=said.evidence, confidence=said.confidence, details=details)
