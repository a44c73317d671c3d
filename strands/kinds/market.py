"""What the market says: instruments, closed bars with their features, timers."""

from __future__ import annotations

from typing import Any, TypedDict

from strands import figures, tags, telling
from strands.json_values import at
from strands.kinds.kind import Kind, Look, Role
from strands.telling import Part, Payload, Tone


class Bar(TypedDict, total=False):
    """A closed bar; prices and volume are decimal strings."""

    opened_at: str
    open: str
    high: str
    low: str
    close: str
    volume: str


class Instrument(TypedDict, total=False):
    """What is traded under a symbol; numbers are decimal strings, and ``sources`` say where each value comes from."""

    symbol: str
    base: str
    quote: str
    kind: str
    tick: str
    lot: str
    least_quantity: str
    greatest_quantity: str
    least_notional: str
    greatest_notional: str
    contract_size: str
    fee_class: str
    funding_hours: str
    session_grid: str
    sources: dict[str, str]


class Timer(TypedDict, total=False):
    """``newest`` tells, by symbol, when the last bar closed that a silent feed brought, and its timeframe."""

    name: str
    due_at: str
    newest: dict[str, list[str]]


class BarPayload(TypedDict, total=False):
    md_bar: Bar
    md_features: dict[str, Any]


class InstrumentPayload(TypedDict, total=False):
    md_instrument: Instrument


class TimerPayload(TypedDict, total=False):
    md_timer: Timer


def _bar(payload: Payload) -> list[Part]:
    opened, closed = (figures.decimal(at(payload, path)) for path in ("md_bar.open", "md_bar.close"))
    change = (closed - opened) / opened if opened and closed is not None else None
    return [
        telling.labelled("close", figures.price(at(payload, "md_bar.close"))),
        Part("" if change is None else figures.percent(change, signed=True), telling.gain(change)),
        telling.labelled("high", figures.price(at(payload, "md_bar.high")), Tone.MUTED),
        telling.labelled("low", figures.price(at(payload, "md_bar.low")), Tone.MUTED),
        telling.labelled("volume", figures.quantity(at(payload, "md_bar.volume")), Tone.MUTED),
    ]


def _timer(payload: Payload) -> list[Part]:
    return [
        telling.pill(at(payload, "md_timer.name") or "timer"),
        telling.labelled("due", telling.words(at(payload, "md_timer.due_at"))),
    ]


def _instrument(payload: Payload) -> list[Part]:
    tick, lot = (at(payload, f"md_instrument.{name}") for name in ("tick", "lot"))
    return [
        telling.pill(at(payload, "md_instrument.kind") or "instrument"),
        telling.labelled("tick", figures.quantity(tick)),
        Part(telling.words(at(payload, "md_instrument.sources.tick")), Tone.MUTED),
        telling.labelled("lot", figures.quantity(lot)),
        Part(telling.words(at(payload, "md_instrument.sources.lot")), Tone.MUTED),
    ]


_HEARERS = (
    tags.ALPHA_MARKET_UPDATE,
    tags.TRADER_MARKET_UPDATE,
    tags.VENUE_MARKET_UPDATE,
    tags.DM_MARKET_UPDATE,
    tags.RISK_MARKET_UPDATE,
)

INSTRUMENT = Kind(
    name="instrument",
    means="what is traded under a symbol: its steps, bounds and where each value comes from; said before the first "
    "bar, and again when a value changes",
    payload=InstrumentPayload,
    hearers=_HEARERS,
    reads=(
        *("md_instrument.kind", "md_instrument.tick", "md_instrument.lot"),
        *("md_instrument.sources.tick", "md_instrument.sources.lot"),
    ),
    line=_instrument,
    look=Look("instrument"),
)
BAR = Kind(
    name="bar",
    means="a bar that closed, with its features; the base timeframe's goes to alpha, trader and venue, "
    "the 15-minute one to dm and risk",
    payload=BarPayload,
    hearers=_HEARERS,
    unheard="bars of other timeframes are for projections and people",
    reads=("md_bar.open", "md_bar.close", "md_bar.high", "md_bar.low", "md_bar.volume"),
    line=_bar,
    look=Look("bar", Tone.MUTED),
)
TIMER = Kind(
    name="timer",
    means="that time has passed without a bar: told by a feed whose market is silent",
    payload=TimerPayload,
    hearers=(tags.RISK_MARKET_UPDATE,),
    unheard="timers of others than feeds are for people",
    reads=("md_timer.name", "md_timer.due_at"),
    line=_timer,
    look=Look("timer", Tone.MUTED),
)

ROLE = Role(name="market", table="md_strands", words="market updates", kinds=(INSTRUMENT, BAR, TIMER))
