"""The numbers of lessons: the bounds that whoever writes and whoever reads one must share, and how a module learns."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class LessonBounds(BaseModel):
    """What a lesson may hold, and which members of its cluster count as successes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    success_score: float = Field(0.7, ge=0, le=1, description="a member that scores more than this succeeded [score]")
    max_bytes: int = Field(65_536, ge=1024, description="a longer lesson is refused [bytes]")
    title_length: int = Field(200, ge=10, le=1000, description="longer titles and names are cut [characters]")
    text_length: int = Field(2000, ge=50, le=20_000, description="longer texts are cut [characters]")
    max_recommendations: int = Field(10, ge=0, le=100, description="recommendations kept of a lesson [count]")
    max_conditions: int = Field(10, ge=0, le=100, description="columns kept of a condition [count]")
    min_factor: float = Field(0.5, gt=0, le=1, description="a recommended factor below this is raised to it")
    max_factor: float = Field(1.5, ge=1, le=10, description="a recommended factor above this is lowered to it")
    min_threshold: float = Field(0.0, ge=0, le=1, description="a recommended threshold below this is raised to it")
    max_threshold: float = Field(0.9, ge=0, le=1, description="a recommended threshold above this is lowered to it")


class LessonPolicy(LessonBounds):
    """How a module learns from its outcomes."""

    enabled: bool = Field(True, description="whether lessons are learned and applied")
    activation: Literal["automatic", "person"] = Field(
        "automatic", description="who makes a lesson active: its confidence, or a person"
    )
    min_confidence: float = Field(0.3, ge=0, le=1, description="least confidence that activates by itself [share]")

    judgement_share: float = Field(0.4, ge=0, le=1, description="sigma's or quality's part of a strand score [share]")
    assurance_share: float = Field(
        0.3, ge=0, le=1, description="confidence's, risk's or slippage control's part of a strand score [share]"
    )
    outcome_share: float = Field(0.3, ge=0, le=1, description="the outcome's part of a strand score [share]")
    outcome_scale: float = Field(
        0.02, gt=0, le=1, description="result that grades as one R where no R is known [fraction of entry notional]"
    )
    max_pnl_percent: float = Field(100.0, gt=0, description="largest result believed [fraction of entry notional]")
    max_r_multiple: float = Field(1000.0, gt=0, description="largest multiple of the risk believed [R]")

    window_days: float = Field(30, gt=0, le=3650, description="how long a source waits to be learned from [days]")
    braid_score: float = Field(3.0, gt=0, description="sum of strand scores that makes a braid [score]")
    meta_braid_score: float = Field(9.0, gt=0, description="sum of strand scores that makes a meta-braid [score]")
    meta2_braid_score: float = Field(27.0, gt=0, description="sum of strand scores that makes a meta2-braid [score]")
    min_members: int = Field(3, ge=1, le=1000, description="least members of a braid of any level [count]")
    max_clusters: int = Field(256, ge=1, le=100_000, description="clusters remembered [count]")
    max_members: int = Field(64, ge=3, le=10_000, description="sources waiting in one cluster [count]")
    max_heard: int = Field(4096, ge=1, le=1_000_000, description="sources remembered as heard [count]")
    max_lessons: int = Field(200, ge=1, le=10_000, description="lessons remembered [count]")

    shrinkage: float = Field(4.0, ge=0, le=1000, description="outcomes that weigh as much as knowing nothing [count]")
    max_effect: float = Field(0.5, ge=0, le=0.5, description="largest move of a factor away from 1 [share]")
    min_curator_heard: int = Field(3, ge=1, le=1000, description="opinions before a curator is spoken of [count]")
    curator_edge: float = Field(0.25, ge=0, le=0.5, description="share right, away from a half, worth telling [share]")
    threshold_gap: float = Field(
        0.05, ge=0, le=1, description="winners' strength above losers' that makes a threshold [score]"
    )

    min_weight: float = Field(0.05, gt=0, le=1, description="the floor of a curator's weight under lessons [share]")
    max_weight: float = Field(1.0, gt=0, le=1, description="the ceiling of a curator's weight under lessons [share]")

    symbol_share: float = Field(0.35, ge=0, le=1, description="the symbol's part of relevance [share]")
    timeframe_share: float = Field(0.2, ge=0, le=1, description="the timeframe's part of relevance [share]")
    regime_share: float = Field(0.3, ge=0, le=1, description="the regime's part of relevance [share]")
    kind_share: float = Field(0.15, ge=0, le=1, description="signal type's, decision's or venue's part [share]")
    unknown_share: float = Field(0.5, ge=0, le=1, description="what an unknown column counts of its part [share]")
    min_relevance: float = Field(0.5, ge=0, le=1, description="least relevance that is applied [share]")
    max_applied: int = Field(5, ge=0, le=100, description="lessons applied to one decision [count]")
    min_boost: float = Field(0.5, gt=0, le=1, description="the floor of the boost of a confidence")
    max_boost: float = Field(1.5, ge=1, le=10, description="the ceiling of the boost of a confidence")

    min_differed: int = Field(8, ge=1, le=10_000, description="differing results before harm is judged [count]")
    harmful_below: float = Field(
        0.0002, ge=0, description="mean loss by a lesson that retires it [fraction of portfolio value]"
    )
    patience: int = Field(24, ge=1, le=10_000, description="differing results by which it must have helped [count]")
    recent: int = Field(10, ge=2, le=1000, description="results compared with those before, for degradation [count]")
    max_drop: float = Field(0.1, ge=0, le=1, description="drop of the mean effect that is a degradation [share]")
    note_length: int = Field(500, ge=10, le=10_000, description="longer notes of people are cut [characters]")
