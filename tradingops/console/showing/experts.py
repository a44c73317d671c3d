"""What each expert said of a tape, read out of the evidence that a signal carries or its row keeps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from strands import figures, json_values

#: The columns that hold what one kind of expert said, and the expert's name.
COLUMNS = {
    "mx_fsm_experts": "grammar",
    "mx_classifier_experts": "classifier",
    "mx_anomaly_experts": "anomaly",
    "mx_divergence_experts": "divergence",
}
#: What each expert looks at, for people.
LOOKS_AT = {
    "grammar": "patterns of price, volume and spread",
    "classifier": "signal or noise, by a trained model",
    "anomaly": "how unusual now is",
    "divergence": "price against its companions",
}
#: Figures told beside the details of an expert.
_TOLD = frozenset(("evidence_score", "evidence", "confidence", "weight"))
_MOST_DETAILS = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class Expert:
    """One expert's judgement, and its part of the sums."""

    name: str
    looks_at: str
    evidence: float
    confidence: float
    weight: float
    survival: float | None
    details: tuple[tuple[str, str], ...]

    @property
    def heard(self) -> float:
        """Weight times confidence."""
        return self.weight * self.confidence

    @property
    def part(self) -> float:
        """Weight times confidence times evidence."""
        return self.heard * self.evidence


def experts(told: Mapping[str, Any]) -> Iterable[Expert]:
    """Yield the experts in a signal's evidence, or in its row, in the order in which they speak."""
    weights = json_values.mapping(told.get("mx_expert_weights"))
    rates = json_values.mapping(told.get("mx_expert_survival_rates"))
    for name, said in _said(told).items():
        evidence = json_values.first_number(said, "evidence_score", "evidence")
        if evidence is None:
            continue
        yield Expert(
            name=name,
            looks_at=LOOKS_AT.get(name, ""),
            evidence=evidence,
            confidence=json_values.number(said.get("confidence")) or 0.0,
            weight=json_values.first_number({"told": weights.get(name), "said": said.get("weight")}, "told", "said")
            or 0.0,
            survival=json_values.number(rates.get(name)),
            details=tuple(_details(said)),
        )


def _said(told: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return what each expert said, by its name, in the order in which they speak."""
    found: dict[str, Mapping[str, Any]] = {}
    for column, name in COLUMNS.items():
        said = json_values.mapping(told.get(column))
        if "evidence_score" in said or "evidence" in said:
            found[name] = said
        else:
            found |= {key: each for key, each in said.items() if isinstance(each, dict)}
    contributions = json_values.mapping(told.get("mx_expert_contributions"))
    return found or {name: each for name, each in contributions.items() if isinstance(each, dict)}


def _details(said: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    rest = [(name, value) for name, value in said.items() if name not in _TOLD]
    flat = [pair for name, value in rest for pair in _flat(name, value)]
    return flat[:_MOST_DETAILS]


def _flat(name: str, value: Any) -> Iterable[tuple[str, str]]:
    """Yield plain values under spaced names, an object's under its own name first."""
    if isinstance(value, dict):
        for inner, each in value.items():
            yield from _flat(f"{name} {inner}", each)
    elif isinstance(value, list):
        yield figures.spaced(name), ", ".join(map(_plainly, value)) or "none"
    else:
        yield figures.spaced(name), _plainly(value)


def _plainly(value: Any) -> str:
    found = json_values.number(value)
    return figures.spaced(value) or figures.ABSENT if found is None or isinstance(value, str) else figures.brief(found)
