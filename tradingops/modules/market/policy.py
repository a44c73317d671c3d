"""What market data goes by: which timeframes vote, which are rolled up, which wake the slow modules."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from strands.market import features
from strands.market.bar import Timeframe


class MarketPolicy(BaseModel):
    """What is made of the bars that come in."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    voting: tuple[Timeframe, ...] = Field(
        (Timeframe.M1, Timeframe.M5, Timeframe.M15, Timeframe.H1),
        description="timeframes that vote, from the base one up",
    )
    rolled_up: tuple[Timeframe, ...] = Field(
        (Timeframe.M15, Timeframe.H1), description="rolled-up timeframes that become strands of their own"
    )
    ranges: tuple[Timeframe, ...] = Field(
        (Timeframe.M5, Timeframe.M15, Timeframe.H1, Timeframe.H4),
        description="timeframes whose last mean true range goes with every shorter bar, so that plans can be as wide",
    )
    slow: Timeframe = Field(Timeframe.M15, description="timeframe whose bars wake risk and decision maker")
    peers_stale_bars: int = Field(
        3, ge=1, le=1000, description="bars after which a symbol that is silent is no peer any more [count]"
    )
    feature: features.FeaturePolicy = Field(
        default_factory=features.FeaturePolicy, description="numbers of the features"
    )
