"""What venues say of our orders: accepted, filled, cancelled, rejected, unknown."""

from __future__ import annotations

from typing import Any, TypedDict

from strands import figures, tags, telling
from strands.json_values import at
from strands.kinds.kind import Kind, Look, Role
from strands.telling import Part, Payload, Tone


class Fill(TypedDict, total=False):
    """A venue's report that some was done; price, quantity and fee are decimal strings.

    ``fee`` is money; ``fee_coin`` and ``fee_amount`` tell the coin it was taken in and how much of it.
    """

    px: str
    qty: str
    side: str
    ts: str
    venue: str
    fee: str
    fee_coin: str | None
    fee_amount: str | None
    latency_ms: float
    spread_bps: float
    impact_bps: float
    liquidity: str
    order_id: str
    intent: str
    plan_id: str


class Update(TypedDict, total=False):
    """``final`` is true where nothing more will be heard of the order."""

    order_id: str
    status: str
    reason: str | None
    filled_quantity: str
    remaining: str
    fill: Fill | None
    average_price: str | None
    final: bool


class Funding(TypedDict, total=False):
    """One settlement of a perpetual; numbers are decimal strings, ``paid`` is negative where it was received."""

    venue: str
    settled_at: str
    rate: str
    hours: str
    quantity: str
    price: str
    paid: str


class FundingPayload(TypedDict, total=False):
    vn_funding: Funding


class UpdatePayload(TypedDict, total=False):
    vn_update: Update


def filled(fill: Any) -> list[Part]:
    """Return how much was done at what price and fee; nothing where nothing was."""
    done, price = figures.quantity(at(fill, "qty")), figures.price(at(fill, "px"))
    return [
        Part(f"{done} at {price}" if figures.ABSENT not in (done, price) else ""),
        telling.labelled("fee", figures.money(at(fill, "fee")), Tone.MUTED),
    ]


def _update(payload: Payload) -> list[Part]:
    update = at(payload, "vn_update")
    return [
        telling.pill(at(update, "status")),
        *filled(at(update, "fill")),
        telling.labelled("remaining", figures.quantity(at(update, "remaining")), Tone.MUTED),
        Part(telling.words(at(update, "reason")), Tone.MUTED),
    ]


def _funding(payload: Payload) -> list[Part]:
    settled = at(payload, "vn_funding")
    paid = figures.decimal(at(settled, "paid"))
    return [
        telling.labelled("received" if paid is not None and paid < 0 else "paid", figures.money(paid and abs(paid))),
        telling.labelled("rate", figures.percent(at(settled, "rate"), digits=4, signed=True)),
        telling.labelled("on", figures.quantity(at(settled, "quantity")), Tone.MUTED),
        telling.labelled("at", figures.price(at(settled, "price")), Tone.MUTED),
        Part(telling.words(at(settled, "venue")), Tone.MUTED),
    ]


UPDATE = Kind(
    name="order_update",
    means="what became of an order, or of a part of it",
    payload=UpdatePayload,
    hearers=(tags.ORDER_UPDATE,),
    reads=("vn_update.status", "vn_update.fill", "vn_update.remaining", "vn_update.reason"),
    line=_update,
    look=Look("order update", Tone.MUTED),
)

FUNDING = Kind(
    name="funding",
    means="what holding a perpetual cost or earned at one settlement; books change by fills and by this",
    payload=FundingPayload,
    hearers=(tags.ORDER_UPDATE, tags.DM_EXECUTION_FEEDBACK, tags.RISK_EXECUTION_FEEDBACK),
    reads=("vn_funding.paid", "vn_funding.rate", "vn_funding.quantity", "vn_funding.price", "vn_funding.venue"),
    line=_funding,
    look=Look("funding", Tone.INFO),
)

ROLE = Role(name="venue", table="vn_strands", words="venue updates", kinds=(UPDATE, FUNDING))
