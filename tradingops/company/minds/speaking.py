"""A speaker that is always there: each agent argues from the desk's own figures, in its role and its voice.

What an agent holds of a matter follows from the figures and the limits they are held against; whom it agrees with
follows from that. In one conversation no sentence is said twice; whoever has nothing left to say is silent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import IntEnum
from random import Random
from typing import NamedTuple

from tradingops.company.first_data.agents import ATLAS, GROWTH, INTEL, OBSERVER, SAGE, SCOUT
from tradingops.company.minds.formats import MOST_LETTERS


class Stance(IntEnum):
    """What somebody holds of the matter in hand."""

    AGAINST = -1
    OPEN = 0
    FOR = 1


class Figure(NamedTuple):
    """One figure of the desk: its value, how it is written, its limit if it has one, and where it was looked up."""

    value: float
    written: str
    limit: float | None = None
    source: str = ""


Brief = Mapping[str, Figure]


class Said(NamedTuple):
    """One turn of a conversation: who, what, what they hold of it, and the figures it rests on."""

    speaker: str
    text: str
    stance: Stance
    figures: tuple[str, ...]


class _Line(NamedTuple):
    """Something an agent says where a figure is known; ``{x}`` is the figure as it is written."""

    figure: str
    #: What the figure makes the agent hold.
    holds: Callable[[Figure], Stance]
    #: By what is held, each a sentence of its own.
    says: Mapping[Stance, tuple[str, ...]]


def _below(share: float = 1.0) -> Callable[[Figure], Stance]:
    """For what lies under a share of its limit, against what lies over the limit."""

    def holds(figure: Figure) -> Stance:
        if figure.limit is None:
            return Stance.OPEN
        if abs(figure.value) > figure.limit:
            return Stance.AGAINST
        return Stance.FOR if abs(figure.value) <= figure.limit * share else Stance.OPEN

    return holds


def _above(level: float) -> Callable[[Figure], Stance]:
    return lambda figure: Stance.FOR if figure.value > level else Stance.AGAINST


_F, _O, _A = Stance.FOR, Stance.OPEN, Stance.AGAINST
_LINES: dict[str, tuple[_Line, ...]] = {
    ATLAS: (
        _Line(
            "open_positions",
            _below(0.67),
            {
                _F: ("we hold {x}, there is room for one more", "{x} open: the desk can carry this"),
                _O: ("we hold {x}: the last place goes to the best plan", "with {x} open I want a reason first"),
                _A: ("we hold {x} and may hold no more", "{x} open is the limit: something leaves first"),
            },
        ),
        _Line(
            "daily_pnl",
            _above(0.0),
            {
                _F: ("the day stands at {x}: we may press on", "{x} today gives us the means"),
                _A: ("the day stands at {x}: I want less, not more", "at {x} today we do not reach"),
            },
        ),
    ),
    SAGE: (
        _Line(
            "drawdown",
            _below(0.5),
            {
                _F: ("drawdown is {x}, far from its limit", "with {x} of drawdown the risk is carried"),
                _O: ("drawdown is {x}: halve the size", "{x} of drawdown leaves little air"),
                _A: ("drawdown is {x}: that is over its limit", "at {x} of drawdown nothing is added"),
            },
        ),
        _Line(
            "exposure",
            _below(0.6),
            {
                _F: ("exposure is {x} of the portfolio, within bounds", "{x} exposed leaves room to be wrong"),
                _O: ("exposure is {x}: one bad hour is enough", "{x} exposed is near what I allow"),
                _A: ("exposure is {x}, beyond what I allow", "{x} exposed: first less, then this"),
            },
        ),
        _Line(
            "var_95",
            _below(0.7),
            {
                _F: ("one day in twenty costs {x}: bearable", "value at risk of {x} is within its limit"),
                _O: ("value at risk is {x}: watch the sum", "{x} at risk a day is not nothing"),
                _A: ("value at risk is {x}: too much", "{x} a day in twenty is over the limit"),
            },
        ),
    ),
    SCOUT: (
        _Line(
            "slippage_bps",
            _below(0.5),
            {
                _F: ("fills cost {x} of slippage: cheap to enter now", "{x} of slippage: the book takes us"),
                _O: ("slippage is {x}: go in two parts", "{x} of slippage eats into the target"),
                _A: ("slippage is {x}: we would pay to be early", "at {x} of slippage I would not send it"),
            },
        ),
        _Line(
            "rejected_orders",
            _below(0.3),
            {
                _F: ("{x} of orders were refused: venues are well", "venues took all but {x} of orders"),
                _O: ("{x} of orders were refused: I keep an eye on it", "a refusal rate of {x} is unusual"),
                _A: ("{x} of orders were refused: the venue is ill", "with {x} refused I trust no fill"),
            },
        ),
    ),
    GROWTH: (
        _Line(
            "win_rate",
            _above(0.5),
            {
                _F: ("{x} of trades won: do more of it", "a win rate of {x} bears this out"),
                _A: ("only {x} of trades won: it does not pay", "at a win rate of {x} we learn first"),
            },
        ),
        _Line(
            "payoff",
            _above(1.0),
            {
                _F: ("winners are {x} times the losers", "a payoff of {x} forgives some losses"),
                _A: ("winners are only {x} times the losers", "a payoff of {x} needs more winners than we have"),
            },
        ),
    ),
    INTEL: (
        _Line(
            "best_signal",
            _above(0.7),
            {
                _F: ("the strongest signal stands at {x}: take it", "{x} of confidence is rare, and it is here"),
                _A: ("the strongest signal is only {x}: wait", "nothing above {x}: there will be better"),
            },
        ),
        _Line(
            "signals_today",
            _above(0.0),
            {
                _F: ("{x} signals today: the market is talking", "with {x} signals we may choose"),
                _A: ("{x} signals today: the market is silent", "{x} signals: I see no opening"),
            },
        ),
    ),
    OBSERVER: (
        _Line(
            "failed_turns",
            _below(0.0),
            {
                _F: ("{x} turns failed: the desk works as it should", "no rule stands in the way: {x} failures"),
                _A: ("{x} turns failed: I would mend that first", "rule before trade: {x} failures are open"),
            },
        ),
        _Line(
            "refused_plans",
            _below(0.9),
            {
                _F: ("{x} of plans were refused: the gates do their work", "gates refuse {x}, as they are meant to"),
                _O: ("{x} of plans were refused: ask alpha why", "a refusal rate of {x} says plans and gates differ"),
                _A: ("{x} of plans were refused: this one will be too", "at {x} refused, propose something else"),
            },
        ),
    ),
}
_AGREES = ("I agree with {who}: {claim}", "{who} is right, I agree: {claim}", "that fits, {who}: {claim}")
_DISAGREES = ("I disagree with {who}: {claim}", "not convinced, {who}: {claim}", "I object, {who}: {claim}")
_OPENS = ("{claim}", "as I see it, {claim}", "what counts is this: {claim}")
_ASKS = ("what about this, {who}: {claim}", "are you sure, {who}? {claim}")


def speak(agent: str, brief: Brief, said: Sequence[Said], *, dice: Random) -> Said | None:
    """Return what an agent says next, None where its figures leave nothing that was not said."""
    before = {each.text for each in said}
    able = [each for each in _sentences(agent, brief, said) if each.text not in before]
    fresh = [each for each in able if not _told_already(agent, each, said)] or able
    return dice.choice(fresh) if fresh else None


def stance(agent: str, brief: Brief) -> Stance:
    """Return what an agent's figures make it hold, all together: one against outweighs any number for."""
    held = [line.holds(brief[line.figure]) for line in _LINES[agent] if line.figure in brief]
    if not held:
        return Stance.OPEN
    return Stance.AGAINST if Stance.AGAINST in held else max(held)


def _told_already(agent: str, sentence: Said, said: Sequence[Said]) -> bool:
    return any(each.speaker == agent and each.figures == sentence.figures for each in said)


def _sentences(agent: str, brief: Brief, said: Sequence[Said]) -> Iterator[Said]:
    other = next((each for each in reversed(said) if each.speaker != agent), None)
    for line in _LINES[agent]:
        figure = brief.get(line.figure)
        if figure is None:
            continue
        holds = line.holds(figure)
        for told in line.says.get(holds, ()):
            claim = told.format(x=figure.written)
            for way in _ways(holds, other):
                text = way.format(who=other.speaker.upper() if other else "", claim=claim)
                if len(text) <= MOST_LETTERS:
                    yield Said(agent, text, holds, (line.figure,))


def _ways(holds: Stance, other: Said | None) -> tuple[str, ...]:
    """Return how to begin: with whoever spoke before, against them, or by oneself."""
    if other is None or Stance.OPEN in (holds, other.stance):
        return (*_OPENS, *(_ASKS if other else ()))
    return _AGREES if holds == other.stance else _DISAGREES
