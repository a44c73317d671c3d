"""LearningPolicy: every number by which curators are scored and their weights learn."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, model_validator

from curators import panel


class LearningPolicy(BaseModel):
    """How much an outcome teaches; the defaults move a weight by a thousandth of itself an outcome."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    enabled: bool = Field(True, description="whether weights move; curators are scored either way")
    rate: float = Field(
        0.01, ge=0.0, le=1.0, description="how far a weight goes to its new value at one outcome [share]"
    )
    raise_factor: float = Field(
        1.1, ge=1.0, le=2.0, description="what the weight of a good curator aims at [times itself]"
    )
    lower_factor: float = Field(
        0.9, gt=0.0, le=1.0, description="what the weight of a poor curator aims at [times itself]"
    )
    good_above: float = Field(0.7, ge=0.0, le=1.0, description="performance above which a curator is good [score]")
    poor_below: float = Field(0.4, ge=0.0, le=1.0, description="performance below which a curator is poor [score]")
    min_outcomes: int = Field(10, ge=1, le=10_000, description="outcomes before a weight first moves [count]")
    unknown: float = Field(
        0.5, ge=0.0, le=1.0, description="accuracy, calibration and impact before there is any outcome [score]"
    )
    keep: float = Field(
        0.7, ge=0.0, lt=1.0, description="what the running learning accuracy keeps of itself at one outcome [share]"
    )
    bins: int = Field(10, ge=2, le=100, description="reliability bins between confidence 0 and 1 [count]")
    min_weight: float = Field(
        panel.MIN_WEIGHT, ge=panel.MIN_WEIGHT, le=panel.MAX_WEIGHT, description="the floor of weights [share]"
    )
    max_weight: float = Field(
        panel.MAX_WEIGHT, ge=panel.MIN_WEIGHT, le=panel.MAX_WEIGHT, description="the ceiling of weights [share]"
    )
    full_impact: float = Field(
        0.15, gt=0.0, le=10.0, description="move of the score that counts as the full impact [share of the score]"
    )
    max_pnl_percent: float = Field(
        100.0, gt=0.0, description="largest gain or loss that is believed [fraction of entry notional]"
    )
    accuracy_share: float = Field(0.4, ge=0.0, le=1.0, description="accuracy's part of a curator's score [share]")
    calibration_share: float = Field(0.3, ge=0.0, le=1.0, description="calibration's part of a curator's score [share]")
    impact_share: float = Field(0.3, ge=0.0, le=1.0, description="impact's part of a curator's score [share]")
    max_veto_rate: float = Field(0.3, ge=0.0, le=1.0, description="vetoes above which people are alerted [share]")
    max_mean_nudge: float = Field(
        0.1,
        ge=0.0,
        le=panel.MAX_KAPPA,
        description="mean nudge, up or down, above which people are alerted [log score]",
    )

    @model_validator(mode="after")
    def _bounds_leave_room(self) -> LearningPolicy:
        if not self.poor_below < self.good_above:
            raise ValueError(
                f"poor_below: {self.poor_below} is not below good_above {self.good_above}; no curator is both"
            )
        if not self.min_weight < self.max_weight:
            raise ValueError(
                f"min_weight: {self.min_weight} is not below max_weight {self.max_weight}; leave weights room to move"
            )
        return self
