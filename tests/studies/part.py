"""What a run came to in the judged part of its bars, and what doing nothing or just holding would have come to."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from portfolio import metrics
from portfolio.execution import slippage
from portfolio.execution.venues.paper import PaperPolicy
from strands.market.bar import Bar
from strands.strand import Strand
from tradingops.replay import judgement, report

#: How many times trades are drawn anew for an interval, from which seed, and how much of them it holds.
DRAWS, SEED, HELD = 2_000, 7, 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Sureness:
    """A calibration error and of how many outcomes; None without any."""

    error: float | None = None
    outcomes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The judged part of one run.

    ``earned`` holds what each plan entered in it came to, net of fees, as a fraction of the portfolio's value at the
    split; a position that is still open at the end is one more, marked at the last close.
    """

    earned: Mapping[str, float]
    drawdown: float
    closed: Sureness = Sureness()
    not_entered: Sureness = Sureness()
    vetoes: int = 0
    saved: float = 0.0
    missed: float = 0.0
    lessons: tuple[int, int, int] = (0, 0, 0)

    @property
    def value(self) -> float:
        """The net return of the part [fraction]."""
        return sum(self.earned.values())

    @property
    def win_rate(self) -> float | None:
        """Plans that earned anything among those entered [share]."""
        return sum(each > 0 for each in self.earned.values()) / len(self.earned) if self.earned else None


def _deeper(strands: Iterable[Strand], split: datetime) -> float:
    """Return the deepest fall that the risk manager saw, also between its words, where that came after the split."""
    said = [(each.at, each.payload["rm_portfolio_risk"]) for each in strands if each.kind == "risk_update"]
    worst = {
        late: [float(told.get("max_drawdown") or 0.0) for at, told in said if (at >= split) is late]
        for late in (False, True)
    }
    before, after = (max(worst[late], default=0.0) for late in (False, True))
    return after if after > before else 0.0


def judged(strands: Iterable[Strand], *, made: report.Report, split: datetime, initial: Decimal) -> Part:
    """Return what a run came to by the plans that were told at the split or later."""
    strands = list(strands)
    told = judgement.build(strands, since=split)
    before = [value for at, value in made.equity if datetime.fromisoformat(at) < split]
    after = [float(value) for at, value in made.equity if datetime.fromisoformat(at) >= split]
    begun = float(before[-1] if before else initial)
    earned = {each.plan_id: float(each.pnl) / begun for each in told.entered.values() if each.pnl is not None}
    lessons = told.lessons
    return Part(
        earned=earned | {symbol: pnl / begun for symbol, pnl in _open(strands, made, split).items()},
        drawdown=max(metrics.max_drawdown([begun, *after, float(made.money.value)]), _deeper(strands, split)),
        closed=Sureness(error=told.closed.error, outcomes=told.closed.outcomes),
        not_entered=Sureness(error=told.counterfactual.error, outcomes=told.counterfactual.outcomes),
        vetoes=sum(told.stopped.values()),
        saved=sum(each.saved for each in told.vetoes.values()),
        missed=sum(each.missed for each in told.vetoes.values()),
        lessons=(sum(lessons.learned.values()), lessons.standing.get("active", 0), sum(lessons.applied.values())),
    )


def _open(strands: Sequence[Strand], made: report.Report, split: datetime) -> dict[str, float]:
    """Return what positions opened since the split and still held come to, the fees of their fills paid."""
    since = {
        each.symbol: each for each in made.open if each.entry_at and datetime.fromisoformat(each.entry_at) >= split
    }
    paid = dict.fromkeys(since, 0.0)
    for strand in strands:
        if strand.kind == "fill" and strand.symbol in since:
            told = (each for each in strand.payload["fills"] if each["ts"] >= (since[strand.symbol].entry_at or ""))
            paid[strand.symbol] += sum(float(each["fee"]) for each in told)
    return {symbol: float(each.pnl) - paid[symbol] for symbol, each in since.items()}


def held(bars: Sequence[Bar], *, place: int, cash: Decimal) -> Part:
    """Return what buying once at the open of a bar, with all the cash and at the paper venue's costs, came to.

    The purchase pays half the spread, its own impact on that bar, and the first venue's fee; what is held is marked at
    the last close and not sold, as positions of the desk are that are still open.
    """
    bar, policy = bars[place], PaperPolicy()
    opened, volume = Decimal(bar.open), Decimal(bar.volume)
    spread = slippage.spread_bps(span=Decimal(bar.high) - Decimal(bar.low), price=Decimal(bar.close), policy=policy)
    depth = slippage.units(volume=volume, price=Decimal(bar.close), policy=policy) * policy.depth_share
    moved = slippage.impact(quantity=cash / opened, depth=depth, policy=policy)
    price = opened * (1 + spread / slippage.BPS / 2 + moved)
    bought = cash / (price * (1 + policy.venues[0].taker_bps / slippage.BPS))
    values = [float(cash), *(float(bought * Decimal(each.close)) for each in bars[place:])]
    return Part(earned={"held": values[-1] / values[0] - 1}, drawdown=metrics.max_drawdown(values))


NO_TRADE = Part(earned={}, drawdown=0.0)


def draws(earned: Iterable[float]) -> list[float]:
    """Return the sums of as many trades drawn anew with replacement, smallest first; the same for the same trades."""
    trades = list(earned)
    dice = random.Random(SEED)
    return [sum(dice.choices(trades, k=len(trades))) if trades else 0.0 for _ in range(DRAWS)]


def interval(sums: Sequence[float]) -> tuple[float, float]:
    """Return the bounds between which the middle of these sums lies."""
    ordered, beyond = sorted(sums), (1 - HELD) / 2
    return ordered[int(beyond * len(ordered))], ordered[int((1 - beyond) * len(ordered)) - 1]


def beside(part: Part, base: Part) -> list[float]:
    """Return, for each plan that either part entered, what the one earned more by it than the other."""
    return [
        part.earned.get(plan, 0.0) - base.earned.get(plan, 0.0) for plan in dict.fromkeys((*part.earned, *base.earned))
    ]


def flips(part: Part, base: Part) -> int:
    """Return how many plans only one of two parts entered."""
    return len(part.earned.keys() ^ base.earned.keys())
