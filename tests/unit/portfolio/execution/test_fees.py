"""Fees are those of the venue and of the kind of instrument, in whatever coin they are taken."""

from __future__ import annotations

from decimal import Decimal

import pydantic
import pytest

from portfolio.execution import fees, venue
from portfolio.execution.fill import Fill
from portfolio.execution.venues.paper import PaperPolicy, PaperVenue
from strands.market.instruments.instrument import Instrument, Source, made
from tests.trading import BTC, an_order, traded
from tradingops.modules.trader.placing import venue_choice
from tradingops.modules.trader.policy import TraderPolicy

THROUGH = (100, 101, 99, 100)


def an_instrument(**values: object) -> Instrument:
    told = {"base": "BTC", "quote": "USDC", **values}
    return made(BTC, {name: value for name, value in told.items() if value}, source=Source.FILE)


def filled(policy: PaperPolicy | None = None, *, instrument: Instrument | None = None, **order: object) -> Fill:
    paper = PaperVenue(policy=policy, instrument=instrument)
    [report] = paper.match([an_order(**order)], traded(THROUGH, volume="1000000")).reports
    assert report.fill is not None
    return report.fill


def paid_bps(done: Fill) -> Decimal:
    return done.fee / (done.price * done.quantity) * fees.BPS


@pytest.mark.parametrize(
    ("name", "kind", "maker", "taker"),
    [
        ("hyperliquid", "perpetual", "1.5", "4.5"),
        ("hyperliquid", "spot", "4", "7"),
        ("hyperliquid", "fx", "1.5", "4.5"),
        ("hyperliquid", None, "1.5", "4.5"),
        ("binance", "perpetual", "2", "5"),
        ("binance", "future", "2", "5"),
        ("binance", "spot", "10", "10"),
        ("coinbase", "spot", "40", "60"),
        ("coinbase", "perpetual", "2", "4"),
        ("coinbase", "stock", "40", "60"),
    ],
)
def test_a_fill_pays_what_its_venue_publishes_for_its_kind(name: str, kind: str | None, maker: str, taker: str) -> None:
    instrument = an_instrument(kind=kind)
    took = filled(instrument=instrument, venue=name)
    waited = filled(instrument=instrument, venue=name, order_type="limit", limit_price="99.5")
    assert (took.liquidity.value, paid_bps(took)) == ("taker", Decimal(taker))
    assert (waited.liquidity.value, paid_bps(waited)) == ("maker", Decimal(maker))


OWN = PaperPolicy.model_validate(
    {
        "venues": [
            {
                "name": "hyperliquid",
                "maker_bps": 1,
                "taker_bps": 2,
                "latency_ms": 5,
                "schedules": [
                    {"fee_class": "pro", "maker_bps": 0, "taker_bps": 3},
                    {"fee_class": "spot", "maker_bps": 0, "taker_bps": 8},
                ],
            }
        ]
    }
)


@pytest.mark.parametrize(
    ("values", "bps"),
    [
        ({"kind": "spot", "fee_class": "pro"}, 3),
        ({"kind": "spot", "fee_class": "unheard of"}, 8),
        ({"kind": "spot"}, 8),
        ({"kind": "future"}, 2),
        ({}, 2),
    ],
)
def test_the_fee_class_counts_before_the_kind_and_the_kind_before_the_venue(values: dict, bps: int) -> None:
    assert paid_bps(filled(OWN, instrument=an_instrument(**values))) == bps


def test_a_class_has_one_schedule() -> None:
    twice = [{"fee_class": "spot", "maker_bps": 0, "taker_bps": 3}] * 2
    with pytest.raises(pydantic.ValidationError, match="schedules: kraken has two for 'spot'; leave one out"):
        venue.Profile.model_validate(
            {"name": "kraken", "maker_bps": 1, "taker_bps": 2, "latency_ms": 5, "schedules": twice}
        )


def charged_in(fee_in: str) -> PaperPolicy:
    schedule = {"fee_class": "spot", "maker_bps": 10, "taker_bps": 10, "fee_in": fee_in}
    profile = {"name": "hyperliquid", "maker_bps": 1, "taker_bps": 1, "latency_ms": 5, "schedules": [schedule]}
    return PaperPolicy.model_validate({"venues": [profile], "spread_floor_bps": 0, "spread_range_share": 0})


@pytest.mark.parametrize(
    ("fee_in", "side", "coin"),
    [
        ("quote", "buy", "USDC"),
        ("USDC", "buy", "USDC"),
        ("base", "buy", "BTC"),
        ("base", "sell", "BTC"),
        ("BTC", "sell", "BTC"),
        ("received", "buy", "BTC"),
        ("received", "sell", "USDC"),
        ("BNB", "buy", "BNB"),
    ],
)
def test_a_fee_in_any_coin_is_charged_at_its_value_in_the_quote_currency(fee_in: str, side: str, coin: str) -> None:
    done = filled(charged_in(fee_in), instrument=an_instrument(kind="spot"), side=side, quantity="2")
    assert done.fee == done.quantity * done.price / 1000
    assert (done.quantity, done.fee_coin) == (2, coin)
    amount = {"USDC": done.fee, "BTC": Decimal(2) / 1000}.get(coin)
    assert done.fee_amount == amount
    told = done.to_json()
    assert (told["fee_coin"], told["fee_amount"]) == (coin, None if amount is None else str(amount.normalize()))


def test_of_an_instrument_without_a_quote_currency_the_coin_is_not_told() -> None:
    done = filled(charged_in("quote"), instrument=an_instrument(kind="spot", quote=None))
    assert (done.fee_coin, done.fee_amount) == (None, done.fee)


def test_the_trader_weighs_the_fee_that_the_instrument_pays() -> None:
    def ranks(kind: str) -> list[str]:
        rules = TraderPolicy(depth_weight=0, fee_weight=1, speed_weight=0, record_weight=0, fee_ceiling=0.1)
        ranked = venue_choice.ranked(
            quantity=Decimal(1),
            depth=Decimal(100),
            records={},
            preferences=[],
            route_hint=None,
            rules=rules,
            instrument=an_instrument(kind=kind),
        )
        return [name for name, _ in ranked]

    assert ranks("perpetual") == ["coinbase", "hyperliquid", "binance"]
    assert ranks("spot") == ["hyperliquid", "binance", "coinbase"]
