"""Sums of trades are the sums of the trades, whoever writes them, and however many at once."""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command
from django.db.models import QuerySet

from portfolio.trades.models import Trade, TradeSum
from strands.strand import first
from strands.wires.postgres import PostgresWire
from tests.console.trades.test_page import NOON, a_trade
from tradingops import connections

COLUMNS = ("trades", "wins", "pnl", "gross_pnl", "fees", "funding", "r_sum", "r_count")


def groups_of(trade: Trade) -> list[tuple[str, str]]:
    """Every group that a trade counts in."""
    return [
        ("all", ""),
        ("day", f"{trade.closed_at.astimezone(UTC):%Y-%m-%d}"),
        ("hour", f"{trade.opened_at.astimezone(UTC):%H}"),
        ("regime", trade.regime or ""),
        *(("curator", name) for name in trade.approved_by or ()),
    ]


def summed() -> dict[tuple[str, ...], tuple[Decimal, ...]]:
    """Add up by hand what the database should have kept."""
    found: dict[tuple[str, ...], tuple[Decimal, ...]] = {}
    for each in Trade.objects.all():
        told = each.r_multiple is not None
        r = Decimal(str(each.r_multiple)) if told else Decimal(0)
        own = (1, int(each.outcome == "win"), each.pnl, each.gross_pnl, each.fees, each.funding, r, int(told))
        for group in groups_of(each):
            key = (*group, each.symbol, each.direction, each.close_reason)
            before = found.get(key, (0,) * len(own))
            found[key] = tuple(Decimal(a) + b for a, b in zip(before, own, strict=True))
    return found


def kept() -> dict[tuple[str, ...], tuple[Decimal, ...]]:
    """What it kept, but for groups that all trades left again."""
    key = ("by", "name", "symbol", "direction", "close_reason")
    rows = TradeSum.objects.values_list(*key, *COLUMNS)
    told = {row[:5]: tuple(Decimal(each) for each in row[5:]) for row in rows}
    assert all(not any(sums) for sums in told.values() if not sums[0]), "a group without trades has money left"
    return {key: sums for key, sums in told.items() if sums[0]}


def some_trade(dice: random.Random, number: int) -> Trade:
    pnl = Decimal(dice.randrange(-(10**9), 10**9)).scaleb(-dice.randrange(12))
    return a_trade(
        number,
        symbol=dice.choice(["BTC-PERP", "ETH-PERP"]),
        direction=dice.choice(["long", "short"]),
        close_reason=dice.choice(["stop_loss", "expiry"]),
        outcome="win" if pnl > 0 else "loss",
        pnl=pnl,
        r_multiple=dice.choice([None, dice.uniform(-3, 3)]),
        closed_at=NOON + timedelta(hours=dice.randrange(100)),
        regime=dice.choice([None, "ranging", "volatile"]),
        approved_by=dice.choice([None, [], ["risk_curator"], ["risk_curator", "cost_curator"]]),
    )


def some_change(dice: random.Random, rows: QuerySet[Trade]) -> None:
    changes: list[Callable[[], Any]] = [
        lambda: rows.update(regime=dice.choice([None, "calm"]), approved_by=["timing_curator"]),
        lambda: rows.update(pnl=Decimal("0.1"), outcome="win", r_multiple=None),
        lambda: rows.update(symbol="ETH-PERP", closed_at=NOON),
        lambda: rows.update(target=1),
        rows.delete,
    ]
    dice.choice(changes)()


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(4))
def test_sums_follow_whatever_is_done_to_trades(seed: int) -> None:
    dice = random.Random(seed)
    for turn in range(12):
        Trade.objects.bulk_create(some_trade(dice, 100 * turn + number) for number in range(dice.randrange(12)))
        some = [key for key in Trade.objects.values_list("pk", flat=True) if dice.random() < 0.3]
        some_change(dice, Trade.objects.filter(pk__in=some))
        assert kept() == summed()


@pytest.mark.django_db
def test_a_long_word_and_a_number_that_is_none_stop_no_trade() -> None:
    Trade.objects.bulk_create([a_trade(regime="x" * 9_000, approved_by=["y" * 9_000], r_multiple=float("nan"))])
    assert set(TradeSum.objects.values_list("by", "name")) >= {("regime", "x" * 63), ("curator", "y" * 63)}
    assert TradeSum.objects.get(by="all").r_count == 0


@pytest.mark.django_db(transaction=True)
def test_several_writers_at_once_lose_nothing() -> None:
    each_writes, writers = 20, 4

    def writes(writer: int) -> None:
        with connections.wire(durable=False) as session:
            for number in range(each_writes):
                session.execute(
                    "INSERT INTO tr_trades SELECT (jsonb_populate_record(a, jsonb_build_object('id', %s::text))).*"
                    " FROM tr_trades AS a WHERE id = 'T0000'",
                    (f"W{writer}-{number}",),
                )

    Trade.objects.bulk_create([a_trade(0)])
    with ThreadPoolExecutor(writers) as pool:
        list(pool.map(writes, range(writers)))
    assert TradeSum.objects.get(by="all").trades == 1 + each_writes * writers
    assert kept() == summed()


@pytest.mark.django_db(transaction=True)
def test_reprojecting_makes_the_same_sums(real_wire: PostgresWire, capsys: pytest.CaptureFixture[str]) -> None:
    real_wire.publish(a_closed_position(number) for number in range(3))
    call_command("reproject")
    before = kept()
    assert sum(sums[0] for key, sums in before.items() if key[0] == "all") == 3
    call_command("reproject")
    assert kept() == before == summed()


def a_closed_position(number: int) -> Any:
    at = datetime(2026, 3, 2, 12, number, tzinfo=UTC)
    money = dict.fromkeys(("quantity", "entry_price", "exit_price", "pnl", "gross_pnl", "fees", "funding"), "1.5")
    moments = dict.fromkeys(("opened_at", "closed_at"), at.isoformat())
    words = {"direction": "long", "outcome": "win", "close_reason": "stop_loss"}
    return first(
        module="trader",
        kind="position",
        symbol="BTC-PERP",
        at=at,
        payload={"tr_outcome": {**words, **money, **moments}},
    )
