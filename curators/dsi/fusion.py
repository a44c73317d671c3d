"""Fusion: four judgements under weights make one, and outcomes move weights and thresholds.

The evidence is the confidence-weighted mean of what the experts found; an expert that could not judge is not in it. An
expert's standing is plain JSON: its weight, its threshold, its last errors, and whether it survived the last outcomes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from curators.dsi import expert
from curators.dsi.expert import Expert, ExpertSaid
from curators.dsi.policy import BoostFormula, FusionPolicy

ExpertRecords = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fused:
    """Judgements as one: all in [0, 1] but ``boost``, a factor; ``interval`` surrounds the evidence."""

    evidence: float
    confirm: bool
    confidence: float
    boost: float
    interval: tuple[float, float]
    confirm_rate: float


def start(policy: FusionPolicy) -> dict[str, Any]:
    """Return the standing of experts of whom nothing is known."""
    first = {"weight": policy.weight, "initial": policy.weight, "threshold": policy.threshold, "n": 0}
    return {each.value: {**first, "errors": [], "survived": []} for each in Expert}


def fuse(experts: Mapping[str, ExpertSaid], *, weights: Mapping[str, float], policy: FusionPolicy) -> Fused:
    """Return the judgements as one; raises ValueError for none.

    ``evidence = sum(w e c) / sum(w c)``, 0 without any confidence; ``confidence = sum(w c) / sum(w)``; the interval is
    the evidence and so many weighted standard deviations over the root of the number of experts to either side.
    """
    if not experts:
        raise ValueError("experts: none judged; ask only with a tape that at least one can read")
    pulls = {name: weights[name] * said.confidence for name, said in experts.items()}
    pull, weight = sum(pulls.values()), sum(weights[name] for name in experts)
    evidence = sum(pulls[name] * said.evidence for name, said in experts.items()) / pull if pull else 0.0
    spread = (
        sum(pulls[name] * (said.evidence - evidence) ** 2 for name, said in experts.items()) / pull if pull else 0.0
    )
    half = policy.deviations * (spread / len(experts)) ** 0.5
    confirming = sum(said.evidence > policy.confirm_above for said in experts.values())
    return Fused(
        evidence=expert.share(evidence),
        confirm=evidence > policy.confirm_above,
        confidence=expert.share(pull / weight),
        boost=boost(evidence, policy=policy),
        interval=(expert.share(evidence - half), expert.share(evidence + half)),
        confirm_rate=expert.rounded(confirming / len(experts)),
    )


def boost(evidence: float, *, policy: FusionPolicy) -> float:
    """Return the factor on a signal's strength by the formula that the policy names.

    ``dsi``: ``1 + .5 e`` if confirmed, else ``1 - .2 e``; ``kernel``: ``1 + .3 e``.
    """
    if policy.boost is BoostFormula.KERNEL:
        return expert.rounded(1.0 + policy.kernel_boost * evidence)
    if evidence > policy.confirm_above:
        return expert.rounded(1.0 + policy.confirmed_boost * evidence)
    return expert.rounded(1.0 - policy.unconfirmed_cut * evidence)


def weights(standing: ExpertRecords) -> dict[str, float]:
    """Return each expert's weight."""
    return {name: each["weight"] for name, each in standing.items()}


def confidence(each: Mapping[str, Any], *, policy: FusionPolicy) -> float:
    """Return how far an expert's own record lets it be believed: 1 less the mean of its last errors."""
    errors = each["errors"][-policy.confidence_errors :]
    if len(errors) < policy.confidence_errors:
        return policy.unknown_confidence
    return expert.share(max(policy.min_confidence, 1.0 - sum(errors) / len(errors)))


def survival_rates(standing: ExpertRecords) -> dict[str, float]:
    """Return for each expert the share of the window's outcomes after which it still weighed enough; 1 before any."""
    return {
        name: expert.rounded(sum(each["survived"]) / len(each["survived"])) if each["survived"] else 1.0
        for name, each in standing.items()
    }


def survival_rate(standing: ExpertRecords) -> float:
    """Return the share of experts that weighed enough after every outcome of the window."""
    return expert.rounded(sum(all(each["survived"]) for each in standing.values()) / len(standing))


def learn(standing: ExpertRecords, heard: Mapping[str, float], *, won: bool, policy: FusionPolicy) -> dict[str, Any]:
    """Return the standing after an outcome of which each expert ``heard`` had said so much; raises for a stranger.

    An expert's error is how far its evidence was from what happened (1 won, 0 lost), its accuracy 1 less that. Weights
    move by ``rate (accuracy - .5)``, are held within bounds and made to sum as before; silent experts only take part
    in the last.
    """
    if strangers := sorted(heard.keys() - standing.keys()):
        raise ValueError(f"heard: {strangers} are no experts; they are {sorted(standing)}")
    errors = {name: expert.share(abs(float(won) - evidence)) for name, evidence in sorted(heard.items())}
    moved = {
        name: _moved(each["weight"], errors[name], policy) if name in errors else each["weight"]
        for name, each in standing.items()
    }
    scale = sum(each["initial"] for each in standing.values()) / sum(moved.values())
    learned = {name: expert.rounded(weight * scale) for name, weight in moved.items()}
    return {name: _learned(each, learned[name], errors.get(name), policy) for name, each in standing.items()}


def _moved(weight: float, error: float, policy: FusionPolicy) -> float:
    moved = weight + policy.learning_rate * (1.0 - error - policy.even_accuracy)
    return min(policy.max_weight, max(policy.min_weight, moved))


def _learned(each: Mapping[str, Any], weight: float, error: float | None, policy: FusionPolicy) -> dict[str, Any]:
    kept = max(policy.threshold_errors, policy.confidence_errors)
    errors = each["errors"] if error is None else [*each["errors"], error][-kept:]
    survives = int(weight >= policy.survival_share * each["initial"])
    return {
        **each,
        "weight": weight,
        "threshold": each["threshold"] if error is None else _threshold(each["threshold"], errors, policy),
        "n": each["n"] + (error is not None),
        "errors": errors,
        "survived": [*each["survived"], survives][-policy.survival_window :],
    }


def _threshold(threshold: float, errors: list[float], policy: FusionPolicy) -> float:
    """Return the threshold after an outcome: an expert that is right agrees sooner, one that errs later."""
    last = errors[-policy.threshold_errors :]
    if len(last) < policy.threshold_errors:
        return threshold
    good = sum(last) / len(last) < policy.good_error
    moved = threshold + (-policy.threshold_step if good else policy.threshold_step)
    return expert.rounded(min(policy.max_threshold, max(policy.min_threshold, moved)))
