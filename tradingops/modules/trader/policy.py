"""The trader's policy: every number by which it enters, routes, exits and scores."""

from __future__ import annotations

from decimal import Decimal

from pydantic import Field

from curators.roster.policy import TraderRoster
from portfolio.execution import metrics, slippage, venue
from strands.lessons.policy import LessonPolicy


class VenueRules(slippage.SlippagePolicy):
    """Which venue an order goes to: ``.4 depth + .3 fee + .2 latency + .1 record``, each in [0, 1]."""

    venues: tuple[venue.Profile, ...] = Field(venue.PROFILES, min_length=1, description="venues, by priority")
    max_venues: int = Field(3, ge=1, le=10, description="venues tried for one order before it has failed")
    depth_weight: float = Field(0.4, ge=0, le=1, description="weight of the depth in a venue's score")
    fee_weight: float = Field(0.3, ge=0, le=1, description="weight of a low fee in a venue's score")
    speed_weight: float = Field(0.2, ge=0, le=1, description="weight of a short latency in a venue's score")
    record_weight: float = Field(0.1, ge=0, le=1, description="weight of a venue's record in its score")
    depth_margin: float = Field(1.2, ge=1, le=10, description="depth that is ample, as a multiple of the size")
    fee_ceiling: float = Field(0.001, gt=0, le=0.1, description="fee that scores nothing [fraction of the notional]")
    latency_ceiling_ms: float = Field(1000, gt=0, le=60_000, description="latency that scores nothing [ms]")
    uptime: float = Field(0.5, ge=0, le=1, description="share of time a venue of which nothing is known is up")
    unknown_record: float = Field(0.5, ge=0, le=1, description="success share of a venue without an execution")
    recommended_score: float = Field(0.6, ge=0, le=1, description="venues scoring below come after all others")
    good_slippage_bps: float = Field(10, ge=0, le=1000, description="slippage below it counts as a success [bps]")


class EntryRules(VenueRules):
    """When and how a plan is entered."""

    volume_ratio_min: float = Field(1.2, ge=0, le=100, description="volume over its average that confirms [ratio]")
    confidence_min: float = Field(0.6, ge=0, le=1, description="plan confidence where its condition names none")
    regime_alignment_min: float = Field(0.6, ge=0, le=1, description="alignment where its condition names none")
    regime_with: float = Field(0.8, ge=0, le=1, description="alignment of a trend in the plan's direction")
    regime_neither: float = Field(0.6, ge=0, le=1, description="alignment of a market without a trend")
    regime_against: float = Field(0.0, ge=0, le=1, description="alignment of a trend against the plan")
    volatility_max: float = Field(0.05, gt=0, le=1, description="std of one-bar returns where its condition names none")
    market_horizon_seconds: int = Field(60, ge=0, le=3600, description="shorter horizons are entered at market [s]")
    slicing_notional: Decimal = Field(Decimal(10_000), gt=0, description="larger entries are sliced [currency]")
    slices: int = Field(4, ge=2, le=100, description="orders that a sliced entry is split into, one a bar")
    slice_least: float = Field(0.5, gt=0, le=1, description="smallest slice by volume, as a multiple of an even one")
    slice_most: float = Field(2.0, ge=1, le=10, description="largest slice by volume, as a multiple of an even one")
    adaptive: bool = Field(False, description="choose the strategy by stress, liquidity and volatility")
    adaptive_stress: float = Field(0.8, ge=0, le=1, description="stress above it trades at market")
    adaptive_liquidity: float = Field(0.3, ge=0, le=1, description="depth over size below it waits at a limit")
    adaptive_volatility: float = Field(0.05, ge=0, le=1, description="std of one-bar returns above it waits at a limit")
    adaptive_vwap_minutes: int = Field(60, ge=1, le=100_000, description="longer horizons are sliced by volume [min]")
    stress_of_warning: float = Field(0.5, ge=0, le=1, description="stress while risk warns")
    stress_of_breach: float = Field(1.0, ge=0, le=1, description="stress while a risk limit is broken")
    offset_high: float = Field(0.1, ge=0, le=10, description="limit or stop offset at high urgency [share of spread]")
    offset_medium: float = Field(0.3, ge=0, le=10, description="the same at medium urgency [share of spread]")
    offset_low: float = Field(0.5, ge=0, le=10, description="the same at low urgency [share of spread]")
    quantity_step: Decimal = Field(Decimal("1e-8"), gt=0, description="quantity step where no lot was told [units]")
    fill_decay_seconds: float = Field(300, gt=0, le=86_400, description="wait after which fill chances fall to 1/e [s]")
    max_slippage: float = Field(0.01, gt=0, le=1, description="slippage that spoils the score [fraction of price]")
    max_latency_ms: float = Field(1000, gt=0, le=60_000, description="latency accepted without a penalty [ms]")


class TraderPolicy(EntryRules, metrics.ScorePolicy):
    """All of the trader's numbers."""

    holding_horizons: float = Field(
        12, gt=0, le=1000, description="a position expires after this many of its plan's time horizons"
    )
    exit_seconds: int = Field(3600, ge=1, le=604_800, description="how long one exit order works before the next [s]")
    exit_halvings: int = Field(
        6, ge=0, le=20, description="how often an exit that a venue refused is halved before it goes elsewhere [count]"
    )
    retry_seconds: int = Field(
        60, ge=1, le=86_400, description="wait before an order is asked back, or an exit sent, again; it doubles [s]"
    )
    most_asks: int = Field(6, ge=1, le=30, description="asks and sendings after which a person is told [count]")
    overdue_seconds: int = Field(
        300, ge=0, le=604_800, description="an order without a word this long after its end is asked back [s]"
    )
    curators: TraderRoster = Field(TraderRoster(), description="the trader's curators")
    lessons: LessonPolicy = Field(LessonPolicy(), description="how lessons are learned and applied")
    publish_at: float = Field(0.0, ge=0, le=1, description="least curated score of an entry that is ordered [0-1]")
    judgements_remembered: int = Field(
        64, ge=1, le=10_000, description="judgements that wait for their outcome at once [count]"
    )
    position_limit: float = Field(0.1, gt=0, le=1, description="largest position that curators expect [share of value]")
    plans_remembered: int = Field(32, ge=1, le=10_000, description="plans of which a second decision is ignored")
