"""The orders of a story: what was predicted of each beside what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from strands import figures, json_values
from strands.telling import Tone
from tradingops.console.lifecycle import costs
from tradingops.console.lifecycle.story import Story, Told

BPS = 10_000

_MEASURES = (
    *("status", "venue", "execution_score", "adherence", "slip_real_bps", "latency_ms", "fees"),
    *("slip_penalty", "lat_penalty", "venue_score"),
)


@dataclass(frozen=True, slots=True)
class Compared:
    """One measure, as predicted and as it was."""

    label: str
    predicted: str
    real: str
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True)
class Fill:
    """One fill as it is shown."""

    ts: str
    side: str
    quantity: str
    price: str
    fee: str
    venue: str
    detail: str


@dataclass(frozen=True, slots=True)
class Order:
    """One order with its fills."""

    id: str
    title: str
    status: str
    strategy: str
    compared: tuple[Compared, ...]
    fills: tuple[Fill, ...]


def orders(story: Story) -> list[Order]:
    """Return the orders in the order they were given."""
    return [_order(story, each) for each in story.every("trader", "order")]


def fills_of(story: Story, order_id: str | None = None) -> list[Mapping[str, Any]]:
    """Return the fills that the trader reported, all or those of one order."""
    said = [fill for each in story.every("trader", "fill") for fill in json_values.objects(each.get("fills"))]
    return [fill for fill in said if order_id is None or fill.get("order_id") == order_id]


def executions(story: Story) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the measures of each finished execution under its intent."""
    return [(_intent(each), list(_measures(each))) for each in story.every("trader", "execution")]


def _order(story: Story, told: Told) -> Order:
    spec = json_values.mapping(told.get("order_spec"))
    fills = fills_of(story, told.id)
    heard = [
        each
        for each in story.every("venue", "order_update")
        if told.id in (each.parent_id, each.get("vn_update", "order_id"))
    ]
    status = figures.spaced(heard[-1].get("vn_update", "status")) if heard else "submitted"
    side, quantity, kind = spec.get("side"), spec.get("quantity"), spec.get("order_type")
    title = (
        f"{figures.spaced(spec.get('intent'))}: {figures.word(side)} {figures.quantity(quantity)} {figures.word(kind)}"
    )
    strategy = figures.spaced(spec.get("execution_strategy"))
    compared = _compared(spec, json_values.mapping(told.get("tr_predict")), fills)
    compared += (_cost(spec, fills, costs.predicted(story)),)
    return Order(told.id, title.removeprefix(": "), status, strategy, compared, tuple(map(_fill, fills)))


def _compared(
    spec: Mapping[str, Any], predicted: Mapping[str, Any], fills: list[Mapping[str, Any]]
) -> tuple[Compared, ...]:
    slip, latency = _slippage(spec, fills), _latency(fills)
    thought_slip, thought_latency = predicted.get("slip_bps"), predicted.get("latency_ms")
    return (
        Compared(
            "filled",
            figures.percent(predicted.get("fill_prob"), digits=0),
            figures.percent(_filled(spec, fills), digits=0),
        ),
        Compared("price", figures.price(spec.get("expected_price")), figures.price(_average(fills))),
        Compared("slippage", _unit(thought_slip, "bps"), _unit(slip, "bps"), _worse(thought_slip, slip)),
        Compared("latency", _unit(thought_latency, "ms"), _unit(latency, "ms"), _worse(thought_latency, latency)),
    )


def _cost(spec: Mapping[str, Any], fills: list[Mapping[str, Any]], share: float | None) -> Compared:
    """Return what the order was to cost, as the decision expected of one side, and what it cost: fees and slippage."""
    quantity, expected = (json_values.number(spec.get(name)) for name in ("quantity", "expected_price"))
    notional = quantity * expected if quantity and expected else None
    thought = share * notional if share is not None and notional else None
    found = costs.real(fills, expected_price=expected, side=spec.get("side"))
    paid, traded = found or (None, None)
    tone = _worse(share, paid / traded if paid is not None and traded else None)
    return Compared("cost", costs.told(thought, notional), costs.told(paid, traded), tone)


def _filled(spec: Mapping[str, Any], fills: list[Mapping[str, Any]]) -> float | None:
    """Return the share of an order that was filled."""
    asked = json_values.number(spec.get("quantity"))
    return sum(_size(fill) for fill in fills) / asked if asked else None


def _average(fills: list[Mapping[str, Any]]) -> float | None:
    """Return the mean price of fills, weighted by their quantities."""
    priced = [(price, _size(fill)) for fill in fills if (price := json_values.number(fill.get("px"))) is not None]
    total = sum(size for _, size in priced)
    return sum(price * size for price, size in priced) / total if total else None


def _slippage(spec: Mapping[str, Any], fills: list[Mapping[str, Any]]) -> float | None:
    """Return how much worse than expected the mean price was [bps]; below 0 it was better."""
    expected, average = json_values.number(spec.get("expected_price")), _average(fills)
    if not expected or average is None:
        return None
    worse = average - expected if spec.get("side") == "buy" else expected - average
    return worse / expected * BPS


def _latency(fills: list[Mapping[str, Any]]) -> float | None:
    """Return the time to the first fill [ms]."""
    return next((found for fill in fills if (found := json_values.number(fill.get("latency_ms"))) is not None), None)


def _size(fill: Mapping[str, Any]) -> float:
    return abs(json_values.number(fill.get("qty")) or 0.0)


def _worse(predicted: Any, real: float | None) -> Tone:
    thought = json_values.number(predicted)
    if thought is None or real is None:
        return Tone.PLAIN
    return Tone.BAD if real > thought else Tone.GOOD


def _unit(value: Any, unit: str) -> str:
    told = figures.rounded(value, digits=1)
    return told if json_values.number(value) is None else f"{told} {unit}"


def _fill(fill: Mapping[str, Any]) -> Fill:
    named = (("spread", "spread_bps", "bps"), ("impact", "impact_bps", "bps"), ("latency", "latency_ms", "ms"))
    told = ((label, fill.get(key), unit) for label, key, unit in named)
    detail = [f"{label} {_unit(value, unit)}" for label, value, unit in told if value is not None]
    return Fill(
        ts=figures.word(fill.get("ts")),
        side=figures.word(fill.get("side")),
        quantity=figures.quantity(fill.get("qty")),
        price=figures.price(fill.get("px")),
        fee=_fee(fill),
        venue=figures.word(fill.get("venue")),
        detail=", ".join(filter(None, (*detail, figures.spaced(fill.get("liquidity"))))),
    )


def _fee(fill: Mapping[str, Any]) -> str:
    """Return what a fill cost in money, and what of another coin was taken for it."""
    paid, coin, amount = figures.price(fill.get("fee")), fill.get("fee_coin"), fill.get("fee_amount")
    if not coin or amount == fill.get("fee"):
        return f"{paid} {coin or ''}".rstrip()
    return f"{paid} (taken as {figures.quantity(amount)} {coin})" if amount is not None else f"{paid} (taken in {coin})"


def _intent(execution: Told) -> str:
    return figures.spaced(execution.get("exec_metrics", "intent")) or "execution"


def _measures(execution: Told) -> list[tuple[str, str]]:
    metrics = json_values.mapping(execution.get("exec_metrics"))
    notional = costs.traded(json_values.objects(execution.get("fills")))
    known = [(name, value) for name in _MEASURES if (value := metrics.get(name)) is not None]
    return [(_LABELS.get(name, figures.spaced(name)), _measure(name, value, notional)) for name, value in known]


_LABELS = {"slip_real_bps": "slippage", "latency_ms": "latency"}


def _measure(name: str, value: Any, notional: float) -> str:
    """Return a measure with its unit."""
    found = json_values.number(value)
    if found is None:
        return figures.spaced(value)
    if name == "fees":
        return costs.told(found, notional)
    unit = name.rpartition("_")[2]
    return _unit(found, unit) if unit in ("bps", "ms") else figures.rounded(found, digits=4)
