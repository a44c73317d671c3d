"""Two runs over the same bars, side by side: every figure of both, and the plans that only one of them entered."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from strands.strand import Strand
from tradingops.replay import judgement, report
from tradingops.replay.judgement import Entered, Judgement
from tradingops.replay.report import Report

Number = Decimal | float | int


class Unit(StrEnum):
    """What a figure counts: currency, fractions, plain ratios or occurrences."""

    MONEY = "money"
    SHARE = "share"
    RATIO = "ratio"
    COUNT = "count"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run: what it came to and what judged it."""

    report: Report
    judgement: Judgement


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure of both runs; None where a run has nothing to say of it."""

    group: str
    name: str
    unit: Unit
    first: Number | None
    second: Number | None

    @property
    def difference(self) -> Number | None:
        """The second run's figure less the first's."""
        if self.first is None or self.second is None:
            return None
        if self.unit is Unit.MONEY:
            return Decimal(self.second) - Decimal(self.first)
        return round(self.second - self.first, report.DIGITS)  # type: ignore[operator]  # one unit is one type


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two runs, their figures in the order they are told, and the plans that only the one or the other entered."""

    first: Run
    second: Run
    figures: tuple[Figure, ...]
    only_first: tuple[Entered, ...]
    only_second: tuple[Entered, ...]

    @property
    def flipped(self) -> int:
        """How many plans were entered by exactly one of the runs."""
        return len(self.only_first) + len(self.only_second)


def run(strands: Iterable[Strand], *, made: Report) -> Run:
    """Return a run from its strands and its report."""
    return Run(report=made, judgement=judgement.build(strands))


def compare(first: Run, second: Run) -> Comparison:
    """Return two runs side by side; what only one of them counts is zero in the other."""
    told, other = _figures(first), _figures(second)
    return Comparison(
        first=first,
        second=second,
        figures=tuple(_side_by_side(told, other)),
        only_first=_only(first.judgement, second.judgement),
        only_second=_only(second.judgement, first.judgement),
    )


def earned(flipped: Iterable[Entered]) -> Decimal:
    """Return what plans came to together, those still open left out."""
    return sum((each.pnl for each in flipped if each.pnl is not None), Decimal(0))


def _only(one: Judgement, other: Judgement) -> tuple[Entered, ...]:
    return tuple(each for plan_id, each in one.entered.items() if plan_id not in other.entered)


Key = tuple[str, str]
Told = dict[Key, tuple[Unit, Number | None]]


def _side_by_side(first: Told, second: Told) -> Iterator[Figure]:
    groups = dict.fromkeys(group for group, _ in (*first, *second))
    for key in (key for group in groups for key in dict.fromkeys((*first, *second)) if key[0] == group):
        unit = (first.get(key) or second[key])[0]
        absent = (unit, Decimal(0) if unit is Unit.MONEY else 0)
        one, other = first.get(key, absent)[1], second.get(key, absent)[1]
        yield Figure(group=key[0], name=key[1], unit=unit, first=one, second=other)


def _figures(of: Run) -> Told:
    """Return every figure of a run under its group and name, in the order they are told."""
    return {key: figure for told in _TELLERS for key, figure in told(of)}


Teller = Callable[[Run], Iterator[tuple[Key, tuple[Unit, Number | None]]]]


def _money(of: Run) -> Iterator[tuple[Key, tuple[Unit, Number | None]]]:
    money = of.report.money
    yield ("money", "value"), (Unit.MONEY, money.value)
    yield ("money", "return"), (Unit.SHARE, money.earned)
    yield ("money", "realized"), (Unit.MONEY, money.realized)
    yield ("money", "unrealized"), (Unit.MONEY, money.unrealized)
    yield ("money", "fees"), (Unit.MONEY, money.fees)
    yield ("money", "max_drawdown"), (Unit.SHARE, of.report.max_drawdown)


def _trades(of: Run) -> Iterator[tuple[Key, tuple[Unit, Number | None]]]:
    odds = of.report.odds
    yield ("trades", "closed"), (Unit.COUNT, odds.trades)
    yield ("trades", "open"), (Unit.COUNT, len(of.report.open))
    yield ("trades", "win_rate"), (Unit.SHARE, odds.win_rate)
    yield ("trades", "profit_factor"), (Unit.RATIO, odds.profit_factor)


def _decisions(of: Run) -> Iterator[tuple[Key, tuple[Unit, Number | None]]]:
    yield ("decisions", "withheld"), (Unit.COUNT, of.report.said.get("withheld", 0))
    yield from _counts("decisions", of.report.decisions)
    for listener, reasons in of.report.refusals.items():
        yield from _counts("refusals", {f"{listener} {reason}": count for reason, count in reasons.items()})


def _judged(of: Run) -> Iterator[tuple[Key, tuple[Unit, Number | None]]]:
    yield from _counts("vetoes", of.judgement.stopped)
    for name, each in of.judgement.vetoes.items():
        yield ("vetoes judged", f"{name} right"), (Unit.COUNT, each.right)
        yield ("vetoes judged", f"{name} wrong"), (Unit.COUNT, each.count - each.right)
        yield ("vetoes judged", f"{name} saved"), (Unit.SHARE, each.saved)
        yield ("vetoes judged", f"{name} missed"), (Unit.SHARE, each.missed)
    lessons = of.judgement.lessons
    yield from _counts("lessons", lessons.learned)
    yield from _counts("lessons", lessons.standing)
    yield from _counts("lessons", {f"applied by {module}": count for module, count in lessons.applied.items()})


def _sureness(of: Run) -> Iterator[tuple[Key, tuple[Unit, Number | None]]]:
    for name, told in (("closed", of.judgement.closed), ("not entered", of.judgement.counterfactual)):
        yield ("calibration", f"{name}: outcomes"), (Unit.COUNT, told.outcomes)
        yield ("calibration", f"{name}: error"), (Unit.SHARE, told.error)


def _counts(group: str, counts: Mapping[str, int]) -> Iterator[tuple[Key, tuple[Unit, Number | None]]]:
    for name, count in counts.items():
        yield (group, name), (Unit.COUNT, count)


#: What is told of a run, in this order.
_TELLERS: tuple[Teller, ...] = (_money, _trades, _decisions, _judged, _sureness)
