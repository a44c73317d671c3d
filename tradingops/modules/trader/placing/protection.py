"""Protection: a position's stop and target rest at the venues where it is held, as large as what is held there.

Where a venue can, they are sent with the entry and attached to it, so that they work from its first fill on; elsewhere
they follow the fill. Only where a venue can do neither, or has refused, the trader watches for them itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from portfolio import ledger
from portfolio.execution import order, prediction, venue
from portfolio.plans import plan as plans
from tradingops.modules.trader.placing import notices, parts
from tradingops.modules.trader.sheet import Sheet
from tradingops.modules.trader.state import CloseReason, Execution, Holding, Terms, Working

#: Why a position is left, by the type of the order that rests.
REASONS = {order.OrderType.STOP: CloseReason.STOP_LOSS, order.OrderType.LIMIT: CloseReason.TAKE_PROFIT}
#: What is protected is protected for as long as it is held.
FOR_GOOD = datetime.max.replace(tzinfo=UTC)


def means(sheet: Sheet, name: str) -> venue.Protection:
    """Return how stop and target are worked at a venue; by the trader at one that is not configured."""
    profile = parts.profile(sheet.policy.venues, name)
    return venue.Protection.TRADER if profile is None else profile.protection


def attach(sheet: Sheet, entry: Execution, order_id: str, out: Working) -> None:
    """Send stop and target along with an entry order, where its venue can attach them."""
    if means(sheet, out.venue) is not venue.Protection.ATTACHED:
        return
    template = _pair(
        replace(entry, predict=out.predict),
        side=entry.side.opposite,
        stop=Decimal(entry.spec["stop_loss"]),
        target=Decimal(entry.spec["take_profit"]),
    )
    _rest(sheet, replace(template, attached_to=order_id), out.venue, out.quantity)


def released(sheet: Sheet, order_id: str, quantity: Decimal) -> None:
    """Count that so much of an entry order was filled: the pairs attached to it protect as much."""
    for each in resting(sheet.executions):
        if each.attached_to == order_id and quantity > 0:
            share = min(quantity, ledger.EXACT.subtract(each.quantity, each.released))
            quantity = ledger.EXACT.subtract(quantity, share)
            sheet.put(replace(each, released=ledger.EXACT.add(each.released, share)))


def align(sheet: Sheet) -> None:
    """Let what rests follow the position: the newest plan's prices, and no less than what is held.

    A position that is being left already, or whose protection a venue refused, gets no more of it.
    """
    held = sheet.holding
    if held is None:
        return
    covered = covers(sheet.executions, sheet.at_venues)
    if not covered and held.unprotected_since is None:
        since = held.opened_at if sheet.was_flat else sheet.now
        sheet.holding = held = replace(held, unprotected_since=since)
    if held.exit_reason is None:
        _reprice(sheet, held)
        if not covered:
            _fill_gaps(sheet, held)
    if held.unprotected_since is not None and covers(sheet.executions, sheet.at_venues):
        seconds = held.unprotected_seconds + (sheet.now - held.unprotected_since).total_seconds()
        sheet.holding = replace(held, unprotected_since=None, unprotected_seconds=seconds)


def covers(executions: Mapping[str, Execution], at_venues: Mapping[str, Decimal]) -> bool:
    """Say whether stops rest at every venue for no less than what is held there."""
    return all(not _gap(executions, name, held) for name, held in at_venues.items())


def resting(executions: Mapping[str, Execution]) -> list[Execution]:
    """Return the pairs of stop and target that rest, oldest first."""
    return [each for each in executions.values() if each.rests]


def refused(sheet: Sheet, pair: Execution, reason: str | None) -> None:
    """Remember that a venue does not take a position's protection, and say it: the trader watches for it itself."""
    held = sheet.holding
    if held is None:
        return
    name = next(iter(dict(pair.ranked)))
    if name not in held.refused_by:
        sheet.holding = replace(held, refused_by=(*held.refused_by, name))
        notices.watching(sheet, held, "unprotected", reason=f"{name}: {reason}; the trader watches stop and target")


def reached_by(pair: Execution, out: Working) -> Execution:
    """Return a pair as the exit that one of its two orders made it."""
    why = REASONS[out.terms.order_type]
    spec = {**pair.spec, "exit_reason": why.value}
    return replace(pair, spec=spec, expected_price=out.expected_price, predict=out.predict)


def _gap(executions: Mapping[str, Execution], name: str, held: Decimal) -> Decimal:
    """Return how much of what is held at a venue no stop protects."""
    side = order.Side.SELL if held > 0 else order.Side.BUY
    pairs = (each for each in resting(executions) if each.side is side and name in dict(each.ranked))
    stops = ledger.total(each.unfilled for each in pairs if has_stop(each))
    return max(ledger.EXACT.subtract(held.copy_abs(), stops), ledger.ZERO)


def has_stop(pair: Execution) -> bool:
    """Say whether a pair's stop is out at its venue."""
    return any(out.terms.order_type is order.OrderType.STOP for out in pair.orders.values())


def _fill_gaps(sheet: Sheet, held: Holding) -> None:
    for name, quantity in list(sheet.at_venues.items()):
        able = means(sheet, name) is not venue.Protection.TRADER and name not in held.refused_by
        if able and (gap := _gap(sheet.executions, name, quantity)):
            _rest(sheet, _pair_of(sheet, held), name, gap)


def _reprice(sheet: Sheet, held: Holding) -> None:
    """Replace what rests at the prices of an earlier plan."""
    for each in resting(sheet.executions):
        waits = each.attached_to is not None and not each.released
        if waits or not each.orders or _at(each, held):
            continue
        name, left = next(iter(dict(each.ranked))), each.unfilled
        old = {out.terms.order_type: order_id for order_id, out in each.orders.items()}
        if left > 0:
            sheet.put(replace(each, replaced=True))
            _rest(sheet, _pair_of(sheet, held), name, left, replaces=old)


def _at(pair: Execution, held: Holding) -> bool:
    """Say whether a pair rests at the prices of a position, or is about to be replaced."""
    prices = {out.terms.price for out in pair.orders.values()}
    return pair.replaced or prices <= {held.stop_loss, held.take_profit}


def _pair_of(sheet: Sheet, held: Holding) -> Execution:
    side = order.Side.SELL if held.direction is plans.Direction.LONG else order.Side.BUY
    template = Execution(
        intent=order.Intent.EXIT,
        side=side,
        plan_id=held.plan_ids[-1],
        decision_id=held.decision_id,
        lifecycle_id=held.lifecycle_id,
        spec=parts.exit_spec(sheet, held),
        quantity=ledger.ZERO,
        unsent=ledger.ZERO,
        started_at=sheet.now,
        valid_until=FOR_GOOD,
        expected_price=held.stop_loss,
    )
    return _pair(template, side=side, stop=held.stop_loss, target=held.take_profit)


def _pair(template: Execution, *, side: order.Side, stop: Decimal, target: Decimal) -> Execution:
    """Return an exit that is to rest at two prices."""
    spec = {
        **template.spec,
        "stop_loss": ledger.text(stop),
        "take_profit": ledger.text(target),
        "execution_strategy": "bracket",
    }
    return replace(
        template,
        intent=order.Intent.EXIT,
        side=side,
        spec={name: value for name, value in spec.items() if name not in ("limit_price", "stop_price")},
        unsent=ledger.ZERO,
        slices_left=0,
        valid_until=FOR_GOOD,
        expected_price=stop,
        orders={},
        fills=(),
        earned=ledger.ZERO,
        attempts=(),
        verdict={},
        lessons={},
        halted="",
    )


def _rest(
    sheet: Sheet,
    template: Execution,
    name: str,
    quantity: Decimal,
    *,
    replaces: Mapping[order.OrderType, str] | None = None,
) -> None:
    """Send a stop and a target for a quantity to a venue, in as many pairs as its limits ask for."""
    stop, target = Decimal(template.spec["stop_loss"]), Decimal(template.spec["take_profit"])
    for part in parts.split(sheet, quantity, price=max(stop, target), venue=name):
        group = f"{sheet.cause.id}:{len(sheet.executions)}:{sheet.said('order')}"
        pair = replace(template, quantity=part, ranked=((name, dict(template.ranked).get(name, 0.0)),), group=group)
        legs = (Terms(order.OrderType.STOP, stop_price=stop), Terms(order.OrderType.LIMIT, limit_price=target))
        orders = dict(_leg(sheet, pair, terms, part, replaces or {}) for terms in legs)
        sheet.put(replace(pair, orders=orders))
        replaces = None


def _leg(
    sheet: Sheet, pair: Execution, terms: Terms, quantity: Decimal, replaces: Mapping[order.OrderType, str]
) -> tuple[str, Working]:
    [(name, _)] = pair.ranked
    price, predicted = terms.price or ledger.ZERO, _predict(sheet, pair, terms)
    said = sheet.say(
        "order",
        {
            "decision_id": pair.decision_id,
            "order_spec": _spec(sheet, pair, terms, quantity, replaces.get(terms.order_type)),
            "tr_predict": predicted.to_json(),
            "route_hint": name,
        },
        parent_id=pair.decision_id,
        lifecycle_id=pair.lifecycle_id,
    )
    return said.id, Working(
        venue=name, quantity=quantity, terms=terms, expected_price=price, predict=predicted, tried=(name,)
    )


def _predict(sheet: Sheet, pair: Execution, terms: Terms) -> prediction.Prediction:
    """Return what an order that rests meets once its price is reached: a target its price, a stop the cost of taking.

    That of a stop is what taking the entry was expected to cost; half the narrowest spread where no entry is known.
    """
    [(name, _)] = pair.ranked
    known = parts.profile(sheet.policy.venues, name)
    half = float(sheet.policy.spread_floor_bps / 2)
    taking = max(pair.predict.slip_bps, half) if pair.predict else half
    slip = taking if terms.order_type is order.OrderType.STOP else 0.0
    return prediction.Prediction(1.0, slip, known.latency_ms if known else 0.0)


def _spec(sheet: Sheet, pair: Execution, terms: Terms, quantity: Decimal, replaces: str | None) -> dict[str, Any]:
    return {
        **pair.spec,
        **terms.to_json(),
        "expected_price": ledger.text(terms.price or ledger.ZERO),
        "side": pair.side.value,
        "intent": pair.intent.value,
        "quantity": ledger.text(quantity),
        "reduce_only": True,
        "group": pair.group,
        "attached_to": pair.attached_to,
        "replaces": replaces,
        "held": ledger.text(sheet.at_venues.get(next(iter(dict(pair.ranked))), ledger.ZERO)),
        "exit_reason": REASONS[terms.order_type].value,
        "valid_until": None,
        "created_at": sheet.now.isoformat(),
        "execution_notes": f"rests at its venue until {REASONS[terms.order_type].value}",
    }
