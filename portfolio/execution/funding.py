"""Funding: what holding a perpetual costs or earns, settled at every whole interval of UTC.

A bar tells the rate of the moments that it begins with or holds. What is charged is what was held at the moment: what
stood before the bar, and the fills before the moment. It is worth the bar's open, the last price known by then.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from portfolio import ledger
from portfolio.execution import fees, fill, traded

#: The name of the rate among what a bar tells.
RATE = "funding_rate"

#: Of each venue where a perpetual is held, the next moment of settlement.
Due = Mapping[str, datetime]
NOTHING_DUE: Due = {}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Payment(NamedTuple):
    """What one settlement at a venue came to; ``paid`` is in the quote currency, negative where it was received.

    ``quantity`` is what was held, signed, ``follows`` how many of the bar's fills came before.
    """

    venue: str
    settled_at: datetime
    rate: Decimal
    hours: Decimal
    quantity: Decimal
    price: Decimal
    follows: int

    @property
    def paid(self) -> Decimal:
        """A long pays a positive rate, a short receives it."""
        value = ledger.EXACT.multiply(self.quantity, self.price)
        return fees.cut(ledger.EXACT.multiply(value, self.rate))

    def to_json(self) -> dict[str, Any]:
        """Return the payload column ``vn_funding``."""
        numbers = {name: ledger.text(getattr(self, name)) for name in ("rate", "hours", "quantity", "price", "paid")}
        return {"venue": self.venue, "settled_at": self.settled_at.isoformat(), **numbers}


class Settled(NamedTuple):
    """The payments of a bar, in their order, and what is due next."""

    payments: tuple[Payment, ...]
    due: Due


def rate_of(bar: Mapping[str, Any]) -> Decimal | None:
    """Return the rate that a bar's JSON tells, None where it tells none; raises LedgerError for what is no number."""
    told = bar.get(RATE)
    if told is None or told == "":
        return None
    rate = Decimal(told) if isinstance(told, str) else Decimal(repr(told))
    if not rate.is_finite() or abs(rate.adjusted()) >= ledger.MAX_EXPONENT:
        raise ledger.LedgerError(f"{RATE}: {told!r} is no rate; tell it as a fraction, such as 0.0001")
    return rate


def settled(
    bar: traded.Traded,
    *,
    rate: Decimal | None,
    before: Mapping[str, Decimal],
    after: Mapping[str, Decimal],
    fills: Sequence[fill.Fill],
    hours: Mapping[str, Decimal],
    due: Due,
) -> Settled:
    """Return what falls due in a bar at each venue, each moment once.

    ``before`` and ``after`` are what was held, signed; ``hours`` is the interval of each venue that counts. A moment of
    which no rate is told is passed by: nothing is charged for it. Of those between two bars only the last falls to the
    second one: nobody told the rates of the others.
    """
    payments = list[Payment]()
    next_due = dict[str, datetime]()
    for name, interval in hours.items():
        span = timedelta(seconds=int(interval * 3600))
        since = due.get(name) or _first(bar.opened_at, span)
        since = max(since, _first(bar.opened_at - span + timedelta.resolution, span))
        if rate:
            moments = _moments(since, bar.closed_at, span)
            payments += [
                payment
                for at in moments
                if (payment := _payment(name, at, bar, rate, interval, before, fills)).quantity
            ]
        if after.get(name):
            next_due[name] = max(since, _first(bar.closed_at, span))
    payments.sort(key=lambda each: (each.settled_at, each.venue))
    return Settled(tuple(payments), due if next_due == due else next_due)


def _payment(
    name: str,
    at: datetime,
    bar: traded.Traded,
    rate: Decimal,
    hours: Decimal,
    before: Mapping[str, Decimal],
    fills: Sequence[fill.Fill],
) -> Payment:
    earlier = [each for each in fills if datetime.fromisoformat(each.at) < at]
    done = ledger.total(each.quantity * each.side.sign for each in earlier if each.venue == name)
    quantity = ledger.EXACT.add(before.get(name, ledger.ZERO), done)
    return Payment(name, at, rate, hours, quantity, bar.open, len(earlier))


def _first(at: datetime, span: timedelta) -> datetime:
    """Return the first whole interval at or after a moment."""
    return _EPOCH + -((_EPOCH - at) // span) * span


def _moments(since: datetime, until: datetime, span: timedelta) -> Iterator[datetime]:
    while since < until:
        yield since
        since += span
