"""A simulated market: several symbols with regimes, clustered volatility, jumps and a daily rhythm of volume.

Each bar's return is drawn in steps, so that open, high, low and close belong together: a share of the market's own
move and the rest of the symbol's own, both with a volatility that remembers (GARCH(1,1), Bollerslev 1986), scaled by a
heavy-tailed mixture, pushed by the regime, at times with a jump. At times a symbol surges: a bar that goes far on much
volume, mostly the way its regime goes. A Markov chain moves the market through
its regimes, and symbols mostly follow it. Prices lie on a grid of ticks. One seed gives the same bars on every machine
(``chance`` says how).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from math import fsum, sqrt

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from strands.market.bar import Bar, Timeframe
from strands.market.feeds.chance import Chance, growth

MINUTES_A_DAY = 1440
PRICES = ("open", "high", "low", "close", "volume")


class Mood(StrEnum):
    """What the simulated market is doing."""

    UP = "up"
    DOWN = "down"
    RANGE = "range"
    VOLATILE = "volatile"


class Listing(BaseModel):
    """One simulated symbol as it starts."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    price: Decimal = Field(Decimal("100"), gt=0, description="price of the first bar [quote]")
    tick: Decimal = Field(Decimal("0.01"), gt=0, description="step between prices [quote]")
    volume: float = Field(10_000.0, gt=0, description="mean volume of a minute [base]")
    daily_volatility: float = Field(0.03, gt=0, lt=1, description="standard deviation of a day's return [fraction]")


#: Listings that resemble well-known markets; any other symbol gets the defaults of ``Listing``.
LISTINGS = {
    "BTC": Listing(price=Decimal("64000"), tick=Decimal("0.5"), volume=12.0, daily_volatility=0.025),
    "ETH": Listing(price=Decimal("3200"), tick=Decimal("0.05"), volume=180.0, daily_volatility=0.032),
    "SOL": Listing(price=Decimal("150"), tick=Decimal("0.01"), volume=4000.0, daily_volatility=0.045),
    "ADA": Listing(price=Decimal("0.62"), tick=Decimal("0.0001"), volume=250_000.0, daily_volatility=0.045),
}


class SimulationPolicy(BaseModel):
    """The numbers of the simulated market."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    listings: dict[str, Listing] = Field(
        default_factory=lambda: dict(LISTINGS), description="symbols by how they begin"
    )
    stay: dict[Mood, int] = Field(
        {Mood.UP: 300, Mood.DOWN: 270, Mood.RANGE: 120, Mood.VOLATILE: 60},
        description="mean length of a mood [minutes]",
    )
    push: dict[Mood, float] = Field(
        {Mood.UP: 0.09, Mood.DOWN: -0.10, Mood.RANGE: 0.0, Mood.VOLATILE: 0.0},
        description="drift of a bar in a mood [standard deviations of a bar]",
    )
    stir: dict[Mood, float] = Field(
        {Mood.UP: 0.9, Mood.DOWN: 1.1, Mood.RANGE: 0.7, Mood.VOLATILE: 1.9}, description="volatility in a mood [ratio]"
    )
    hold: float = Field(0.02, ge=0, le=1, description="share of the way back that a range pulls in a bar [fraction]")
    follow: float = Field(0.8, ge=0, le=1, description="chance that a symbol follows the market's new mood [share]")
    correlation: float = Field(0.85, ge=0, lt=1, description="correlation of two symbols in calm times [0 to 1]")
    news: float = Field(0.12, ge=0, lt=1, description="weight of the last bar's surprise in the variance [share]")
    memory: float = Field(0.86, ge=0, lt=1, description="weight of the last bar's variance in the next [share]")
    calmest: float = Field(0.1, gt=0, le=1, description="least variance [times its mean]")
    wildest: float = Field(20.0, ge=1, description="most variance [times its mean]")
    scales: tuple[float, ...] = Field(
        (0.52, 0.62, 0.71, 0.81, 0.9, 1.0, 1.19, 1.72),
        description="equally likely scales of a bar's surprise, of mean square 1 [ratio]",
    )
    jump_chance: float = Field(0.0006, ge=0, le=1, description="chance of a jump in a bar [share]")
    jump_size: float = Field(7.0, ge=0, le=50, description="size of a jump [standard deviations of a bar]")
    surge_chance: dict[Mood, float] = Field(
        {Mood.UP: 0.03, Mood.DOWN: 0.03, Mood.RANGE: 0.01, Mood.VOLATILE: 0.02},
        description="chance that a bar surges, by mood [share]",
    )
    surge_with: float = Field(0.75, ge=0, le=1, description="surges of a trend that go its way [share]")
    surge_size: float = Field(5.0, ge=0, le=50, description="size of a surge [standard deviations of a bar]")
    surge_news: float = Field(6.0, ge=0, le=100, description="variance that a surge leaves behind as news [ratio]")
    surge_volume: float = Field(3.0, ge=0, le=50, description="volume that a surge adds to its bar's own [ratio]")
    steps: int = Field(6, ge=2, le=60, description="steps of a bar [count]")
    volume_noise: float = Field(0.45, ge=0, le=2, description="spread of a bar's volume around its usual [log]")
    volume_stir: float = Field(0.5, ge=0, le=5, description="volume added by each deviation a bar moves [ratio]")
    rhythm: tuple[float, ...] = Field(
        (0.75, 0.80, 0.80, 0.75, 0.70, 0.70, 0.75, 0.90, 1.05, 1.05, 0.95, 0.90,
         1.00, 1.35, 1.75, 1.65, 1.40, 1.20, 1.10, 1.05, 1.00, 0.90, 0.80, 0.70),
        min_length=24, max_length=24, description="volume by hour of the day in UTC [ratio]",
    )  # fmt: skip
    batch: int = Field(240, ge=1, le=100_000, description="moments drawn at a time [bars]")

    @property
    def surging(self) -> float:
        """What surges add to the variance of a bar, over all moods [ratio]."""
        whole = sum(self.stay.values())
        return self.surge_size**2 * sum(self.surge_chance[mood] * stay for mood, stay in self.stay.items()) / whole

    def listing(self, symbol: str) -> Listing:
        """Return the listing whose name begins the symbol, or the default one."""
        return next((each for name, each in self.listings.items() if symbol.startswith(name)), Listing())


@dataclass(slots=True)
class _Market:
    """One symbol, or the market itself, as it stands between two bars."""

    mood: Mood = Mood.RANGE
    variance: float = 1.0
    price: float = 1.0
    anchor: float = 1.0


class Simulated:
    """A feed without an end, from a given moment on; iterating it again tells the same story again."""

    def __init__(
        self,
        symbols: Sequence[str],
        *,
        start: datetime,
        seed: int = 1,
        timeframe: Timeframe = Timeframe.M1,
        policy: SimulationPolicy | None = None,
    ) -> None:
        self.symbols, self.timeframe, self.seed = tuple(sorted(set(symbols))), timeframe, seed
        self.start = timeframe.floor(start)
        self.policy = policy or SimulationPolicy()

    @property
    def series(self) -> tuple[tuple[str, Timeframe], ...]:
        return tuple((symbol, self.timeframe) for symbol in self.symbols)

    def __iter__(self) -> Iterator[Sequence[Bar]]:
        return _Story(self).batches()


class _Story:
    """One telling of a simulated market."""

    def __init__(self, feed: Simulated) -> None:
        self.feed, self.policy, self.chance = feed, feed.policy, Chance(feed.seed)
        self.whole = _Market()
        self.listings = [feed.policy.listing(symbol) for symbol in feed.symbols]
        self.markets = [_Market(price=float(each.price), anchor=float(each.price)) for each in self.listings]
        share = feed.timeframe.seconds / 60.0
        self.minutes = share
        # Surges come on top of what a bar moves anyway, and a day is to move as much as the listing says.
        calm = share / MINUTES_A_DAY / (1.0 + feed.policy.surging)
        self.sizes = [each.daily_volatility * sqrt(calm) for each in self.listings]

    def batches(self) -> Iterator[Sequence[Bar]]:
        opened_at = self.feed.start
        while True:
            bars: list[Bar] = []
            for drawn in self._draw(self.policy.batch):
                bars += self._moment(opened_at, *drawn)
                opened_at += self.feed.timeframe.span
            yield bars

    def _draw(self, moments: int) -> Iterator[tuple[list[float], list[list[float]], list[list[float]]]]:
        """Yield, for each moment, the market's chances, and each symbol's uniforms and normals."""
        symbols, steps = len(self.listings), self.policy.steps
        whole = np.hstack([self.chance.uniforms(moments * 2).reshape(moments, 2),
                           self.chance.normals(moments * steps).reshape(moments, steps)])  # fmt: skip
        uniforms = self.chance.uniforms(moments * symbols * 8).reshape(moments, symbols, 8)
        normals = self.chance.normals(moments * symbols * (steps + 1)).reshape(moments, symbols, steps + 1)
        return zip(whole.tolist(), uniforms.tolist(), normals.tolist(), strict=True)

    def _moment(
        self, opened_at: datetime, whole: list[float], uniforms: list[list[float]], normals: list[list[float]]
    ) -> Iterator[Bar]:
        before = self.whole.mood
        self._change_mood(self.whole, whole[0], whole[1])
        turned = self.whole.mood is not before
        usual = self._usual_volume(opened_at)
        for place, symbol in enumerate(self.feed.symbols):
            market, chances = self.markets[place], uniforms[place]
            if turned and chances[0] < self.policy.follow:
                market.mood, market.anchor = self.whole.mood, market.price
            else:
                self._change_mood(market, chances[1], chances[2])
            surge = self._surge(market, chances)
            path, moved = self._path(market, self.sizes[place], whole[2:], chances, normals[place], surge)
            volume = usual * self.listings[place].volume * self.minutes
            volume *= growth(self.policy.volume_noise * normals[place][-1]) * (1.0 + self.policy.volume_stir * moved)
            volume *= 1.0 + self.policy.surge_volume * (surge != 0.0)
            yield self._bar(symbol, opened_at, market, self.listings[place], path, volume)

    def _change_mood(self, market: _Market, leave: float, choose: float) -> None:
        if leave < self.minutes / self.policy.stay[market.mood]:
            others = [mood for mood in Mood if mood is not market.mood]
            market.mood, market.anchor = others[int(choose * len(others))], market.price

    def _path(
        self,
        market: _Market,
        size: float,
        whole: list[float],
        chances: list[float],
        normals: list[float],
        surge: float,
    ) -> tuple[list[float], float]:
        """Return the prices of a bar's steps, and how many standard deviations it moved; the variance is carried on."""
        policy, steps = self.policy, self.policy.steps
        shared, own = sqrt(policy.correlation), sqrt(1.0 - policy.correlation)
        surprises = [shared * theirs + own * mine for theirs, mine in zip(whole, normals, strict=False)]
        scale = policy.scales[int(chances[3] * len(policy.scales))]
        deviation = sqrt(market.variance) * scale * policy.stir[market.mood]
        jump = self._jump(chances)
        pull = policy.hold * (market.anchor / market.price - 1.0) / size if market.mood is Mood.RANGE else 0.0
        drift = (policy.push[market.mood] + pull + surge) / steps
        path, price = [market.price], market.price
        for step, surprise in enumerate(surprises):
            moves = deviation * surprise / sqrt(steps) + drift + (jump if step == steps // 2 else 0.0)
            price *= max(0.5, 1.0 + size * moves)
            path.append(price)
        moved = deviation * fsum(surprises) / sqrt(steps) + jump
        self._remember(market, moved / policy.stir[market.mood], woken=surge != 0.0)
        return path, abs(moved + surge)

    def _surge(self, market: _Market, chances: list[float]) -> float:
        """Return how far a bar surges: the way of the mood more often than not, either way where that has none."""
        policy, trend = self.policy, self.policy.push[market.mood]
        if chances[6] >= policy.surge_chance[market.mood]:
            return 0.0
        up = 0.5 if trend == 0 else policy.surge_with if trend > 0 else 1.0 - policy.surge_with
        return policy.surge_size * (1.0 if chances[7] < up else -1.0)

    def _jump(self, chances: list[float]) -> float:
        if chances[4] >= self.policy.jump_chance:
            return 0.0
        return self.policy.jump_size * (1.0 if chances[5] < 0.5 else -1.0)

    def _remember(self, market: _Market, moved: float, *, woken: bool) -> None:
        """Carry the variance on by a move, given as it would have been without the mood's own stir or a surge."""
        policy = self.policy
        rest = 1.0 - policy.news - policy.memory
        # A jump is news of a bounded size: it wakes the market without setting it on fire for the day.
        news = min(moved * moved + policy.surge_news * woken, policy.wildest)
        variance = rest + policy.news * news + policy.memory * market.variance
        market.variance = min(max(variance, policy.calmest), policy.wildest)

    def _usual_volume(self, opened_at: datetime) -> float:
        """Return the day's rhythm at a moment, straight between the hours."""
        rhythm, part = self.policy.rhythm, opened_at.minute / 60.0
        return rhythm[opened_at.hour] * (1.0 - part) + rhythm[(opened_at.hour + 1) % 24] * part

    def _bar(
        self, symbol: str, opened_at: datetime, market: _Market, listing: Listing, path: list[float], volume: float
    ) -> Bar:
        tick = float(listing.tick)
        ticks = [max(1, round(price / tick)) for price in path]
        market.price = ticks[-1] * tick
        ends = (ticks[0], max(ticks), min(ticks), ticks[-1])
        open_, high, low, close = (format(listing.tick * each, "f") for each in ends)
        traded = format(Decimal(round(volume * 1000)) / 1000, "f")
        return Bar(symbol, self.feed.timeframe, opened_at, open_, high, low, close, traded)
