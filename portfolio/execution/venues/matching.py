"""Matching: the open orders of one symbol worked in one bar, and what is held at each venue after it.

First come the orders that somebody sent to be worked: those that take the open, then those that wait for their price,
oldest first. Then what rests to protect: stops before targets, so that of both in one bar the stop counts. Fills are
dated in the order in which they are made.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Protocol

from portfolio import ledger
from portfolio.execution import attached, fill, inside, order, traded, venue
from portfolio.execution.inside import Entered


class Rules(Protocol):
    """What a venue itself decides: whether it takes part, what a price is, what a fill costs."""

    def knows(self, name: str) -> str | None:
        """Return why a venue of this name works no orders, None where it does."""

    def has_arrived(self, working: order.Order, bar: traded.Traded) -> bool:
        """Say whether an order reached the venue before the bar closed, and may be worked in it at all."""

    def worked(
        self, working: order.Order, bar: traded.Traded, quantity: Decimal, reference: Decimal | None
    ) -> tuple[order.Order, fill.Fill | None, bool]:
        """Return an order after a bar, what was filled of it, and whether that was at the bar's open."""


class Matching:
    """One bar's work on a symbol's open orders."""

    def __init__(
        self,
        rules: Rules,
        bar: traded.Traded,
        working: Sequence[order.Order],
        positions: Mapping[str, Decimal],
        *,
        available: Decimal,
    ) -> None:
        self._rules, self._bar, self._available = rules, bar, available
        self._orders = {each.id: each for each in working}
        self._held = dict(positions)
        self._entered: dict[str, Entered] = {}
        self._reports: list[venue.Report] = []
        self._latest = ""

    def run(self) -> venue.Matched:
        """Work every order once."""
        if all(_sleeps(each, self._bar) for each in self._orders.values()):
            return venue.Matched(tuple(self._orders.values()), (), self._held)
        stops = [each.id for each in self._orders.values() if _is_stop(each)]
        targets = [each.id for each in self._orders.values() if each.is_protective and not _is_stop(each)]
        sent = [each for each in self._orders.values() if not each.is_protective]
        for each in sorted(sent, key=_waits_for_its_price):
            self._work(each.id)
        for resting in (*stops, *targets):
            self._protect(resting)
        for each in list(self._orders.values()):
            if each.is_open and _is_over(each, self._bar):
                self._end(each.id, order.Status.EXPIRED, f"valid_until {each.valid_until} has passed")
        self._drop_what_protects_nothing()
        left = tuple(each for each in self._orders.values() if each.is_open)
        return venue.Matched(left, tuple(self._reports), self._held)

    def _work(self, order_id: str) -> None:
        """Work an order that was sent to be worked."""
        each = self._orders[order_id]
        if not self._takes_part(each):
            return
        quantity = min(each.workable, self._available)
        if each.reduce_only:
            quantity = min(quantity, self._may_reduce(each))
            if not self._may_reduce(each):
                self._end(each.id, order.Status.CANCELLED, f"reduce only: nothing is held at {each.venue}")
                return
        if self._rules.has_arrived(each, self._bar):
            self._try(each, quantity, None)

    def _try(self, each: order.Order, quantity: Decimal, reference: Decimal | None) -> None:
        """Fill what a bar gives of an order; an entry whose price went too far is cancelled instead."""
        after, done, at_open = self._rules.worked(each, self._bar, quantity, reference)
        if done is not None and (refusal := too_far(each, done.price)):
            self._end(each.id, order.Status.CANCELLED, refusal)
            return
        self._orders[each.id] = after
        if done is not None:
            self._filled(after, done, at_open=at_open)

    def _filled(self, after: order.Order, done: fill.Fill, *, at_open: bool) -> None:
        self._latest = max(self._latest, done.at)
        done = replace(done, at=self._latest)
        self._available = ledger.EXACT.subtract(self._available, done.quantity)
        signed = done.quantity * after.side.sign
        self._held[after.venue] = ledger.EXACT.add(self._held.get(after.venue, ledger.ZERO), signed)
        self._reports.append(venue.Report(after, fill=done))
        if after.intent is order.Intent.ENTRY:
            when = Entered.AT_OPEN if at_open else Entered.INSIDE
            if self._entered.get(after.venue) is not Entered.INSIDE:
                self._entered[after.venue] = when
            self._put(attached.released(after.id, done.quantity, tuple(self._orders.values())))
        if not after.is_open:
            self._settle(after)

    def _protect(self, order_id: str) -> None:
        """Work a stop or a target that rests, on what is held once the bar's entries are in."""
        each = self._orders[order_id]
        if not each.is_open or not self._takes_part(each):
            return
        quantity = min(each.workable, self._may_reduce(each))
        reference = self._reference(each)
        if quantity <= 0 or reference is None or not self._rules.has_arrived(each, self._bar):
            return
        if _is_stop(each):
            self._cancel_other(each, "its stop was reached")
        self._try(each, min(quantity, self._available), reference)
        done = ledger.EXACT.subtract(self._orders[order_id].filled, each.filled)
        if done and not _is_stop(each):
            self._shrink_other(each, done)

    def _reference(self, each: order.Order) -> Decimal | None:
        """Return the price at which the bar reaches what rests, None where it does not."""
        bar, sign = self._bar, -each.side.sign
        if each.triggered:
            return bar.open
        entered = self._entered.get(each.venue, Entered.BEFORE)
        if each.stop_price is not None:
            return inside.stopped(
                sign=sign, stop=each.stop_price, open=bar.open, low=bar.low, high=bar.high, entered=entered
            )
        assert each.limit_price is not None  # noqa: S101  (order.Order refuses a limit without its price)
        return inside.reached(
            sign=sign,
            target=each.limit_price,
            open=bar.open,
            low=bar.low,
            high=bar.high,
            close=bar.close,
            entered=entered,
        )

    def _takes_part(self, each: order.Order) -> bool:
        if (unknown := self._rules.knows(each.venue)) is None:
            return True
        self._end(each.id, order.Status.CANCELLED, unknown)
        return False

    def _may_reduce(self, each: order.Order) -> Decimal:
        """Return how much of what is held at an order's venue its side would reduce."""
        held = self._held.get(each.venue, ledger.ZERO)
        return held.copy_abs() if held * each.side.sign < 0 else ledger.ZERO

    def _end(self, order_id: str, status: order.Status, reason: str) -> None:
        ended = self._orders[order_id].now(status)
        self._orders[order_id] = ended
        self._reports.append(venue.Report(ended, reason=reason))
        self._settle(ended)

    def _settle(self, ended: order.Order) -> None:
        """Let what is attached to an entry end with it, or be as large as what was filled."""
        if ended.intent is not order.Intent.ENTRY:
            return
        still, reports = attached.after(ended, tuple(self._orders.values()))
        self._put(still)
        self._put([each.order for each in reports])
        self._reports += reports

    def _put(self, orders: Iterable[order.Order]) -> None:
        self._orders.update((each.id, each) for each in orders)

    def _other(self, each: order.Order) -> order.Order | None:
        same = (one for one in self._orders.values() if one.group == each.group and one.id != each.id and one.is_open)
        return next(same, None)

    def _cancel_other(self, each: order.Order, reason: str) -> None:
        if other := self._other(each):
            self._end(other.id, order.Status.CANCELLED, f"one cancels the other: {reason}")

    def _shrink_other(self, each: order.Order, done: Decimal) -> None:
        """Take from the other of a pair what this one did; with nothing left it is cancelled."""
        other = self._other(each)
        if other is None:
            return
        if self._orders[each.id].remaining <= 0:
            self._cancel_other(each, "its target was reached")
            return
        less = {"quantity": ledger.EXACT.subtract(other.quantity, done)}
        if other.attached_to is not None:
            less["released"] = ledger.EXACT.subtract(other.released, done)
        self._orders[other.id] = other.model_copy(update=less)

    def _drop_what_protects_nothing(self) -> None:
        """Cancel what rests where nothing is held any more; what waits for its entry stays."""
        for each in list(self._orders.values()):
            waits = each.attached_to is not None and not each.released
            if each.is_open and each.is_protective and not waits and not self._may_reduce(each):
                self._end(each.id, order.Status.CANCELLED, f"nothing is held at {each.venue} any more")


def too_far(entry: order.Order, price: Decimal) -> str | None:
    """Return why an entry is not filled at a price: worse than it accepts, or beyond its plan's own stop or target."""
    if entry.intent is not order.Intent.ENTRY:
        return None
    sign = entry.side.sign
    if entry.stop_loss is not None and price * sign <= entry.stop_loss * sign:
        return f"price {ledger.text(price)} lies beyond the plan's stop {ledger.text(entry.stop_loss)}; not entered"
    if entry.take_profit is not None and price * sign >= entry.take_profit * sign:
        return f"price {ledger.text(price)} lies beyond the plan's target {ledger.text(entry.take_profit)}; not entered"
    if entry.worst_price is not None and price * sign > entry.worst_price * sign:
        return f"price {ledger.text(price)} is worse than {ledger.text(entry.worst_price)}, the worst accepted"
    return None


def _waits_for_its_price(each: order.Order) -> bool:
    return each.order_type is not order.OrderType.MARKET and not each.triggered


def _sleeps(each: order.Order, bar: traded.Traded) -> bool:
    """Say whether a bar passes by what rests: most bars of a held position do."""
    if not each.is_protective or each.triggered or each.valid_until is not None:
        return False
    price = each.stop_price or each.limit_price
    return price is not None and bar.low > price if _is_below(each) else price is not None and bar.high < price


def _is_below(each: order.Order) -> bool:
    """Say whether an order waits for the price to fall: the stop of a long position, the target of a short one."""
    return _is_stop(each) is (each.side is order.Side.SELL)


def _is_stop(each: order.Order) -> bool:
    return each.is_protective and each.order_type is order.OrderType.STOP


def _is_over(each: order.Order, bar: traded.Traded) -> bool:
    return each.valid_until is not None and bar.closed_at >= each.valid_until
