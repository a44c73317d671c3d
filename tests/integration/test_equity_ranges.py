"""Ranges of equity are those of the states, whoever writes them, in whatever order, and however many at once."""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from importlib import import_module
from typing import Any

import pytest
from django.db import ProgrammingError, connection, transaction
from django.db.models import F

from portfolio.models import EquityRange, PortfolioState
from tests.console.desk import NOON
from tradingops import connections
from tradingops.console.home import queries

LENGTHS = {"five minutes": timedelta(minutes=5), "hour": timedelta(hours=1), "day": timedelta(days=1)}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Ranges = dict[tuple[str, datetime], tuple[Any, ...]]


def a_state(key: str, at: datetime, value: Decimal | int) -> PortfolioState:
    nothing = dict.fromkeys(("cash_balance", "total_risk", "var_95", "max_drawdown", "sharpe_ratio"), 0)
    return PortfolioState(id=key, at=at, portfolio_value=value, **nothing)


def worked_out() -> Ranges:
    """The ranges of all states that there are, by hand."""
    found: Ranges = {}
    for at, value in PortfolioState.objects.order_by("at").values_list("at", "portfolio_value"):
        for by, length in LENGTHS.items():
            key = by, at - (at - EPOCH) % length
            least, greatest, least_at, greatest_at = found.get(key, (value, value, at, at))
            least, least_at = (value, at) if value < least else (least, least_at)
            greatest, greatest_at = (value, at) if value > greatest else (greatest, greatest_at)
            found[key] = least, greatest, least_at, greatest_at
    return found


def kept() -> Ranges:
    rows = EquityRange.objects.values_list("by", "begins", "least", "greatest", "least_at", "greatest_at")
    return {row[:2]: row[2:] for row in rows}


def some_states(dice: random.Random, turn: int) -> list[PortfolioState]:
    """States of some hours, late ones and equal ones among them, in no order."""
    moments = [NOON + timedelta(seconds=dice.randrange(100_000)) for _ in range(dice.randrange(1, 25))]
    return [a_state(f"{turn}-{n}", at, Decimal(dice.randrange(40)) / 8) for n, at in enumerate(moments)]


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(3))
def test_ranges_follow_whatever_is_done_to_states(seed: int) -> None:
    dice = random.Random(seed)
    for turn in range(8):
        PortfolioState.objects.bulk_create(some_states(dice, turn))
        assert kept() == worked_out()
        some = PortfolioState.objects.filter(
            pk__in=[key for key in PortfolioState.objects.values_list("pk", flat=True) if dice.random() < 0.3]
        )
        changes: list[Callable[[], Any]] = [
            lambda rows=some: rows.update(portfolio_value=F("portfolio_value") - 3),
            lambda rows=some: rows.update(at=F("at") + timedelta(minutes=7)),
            some.delete,
        ]
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL tradingops.may_erase = 'on'")
            dice.choice(changes)()
        assert kept() == worked_out()


@pytest.mark.django_db
def test_ranges_of_states_that_were_there_before_are_made_by_the_migration() -> None:
    PortfolioState.objects.bulk_create(some_states(random.Random(7), 0))
    before = kept()
    migration = import_module("portfolio.migrations.0003_equity_ranges")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM dm_equity_ranges")
        cursor.execute(migration.OF_BEFORE)
    assert kept() == before == worked_out()


@pytest.mark.django_db
def test_who_may_only_add_states_widens_ranges_and_writes_none_by_hand() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE ranges_tried NOLOGIN")
        cursor.execute("GRANT SELECT, INSERT ON dm_portfolio_state TO ranges_tried")
        cursor.execute("GRANT SELECT ON dm_equity_ranges TO ranges_tried")
        cursor.execute("SET LOCAL ROLE ranges_tried")
    PortfolioState.objects.bulk_create(some_states(random.Random(3), 0))
    assert kept() == worked_out()
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        EquityRange.objects.update(least=0)


@pytest.mark.django_db(transaction=True)
def test_several_writers_at_once_lose_nothing() -> None:
    def writes(writer: int) -> None:
        with connections.wire(durable=False) as session:
            for number in range(20):
                value = (number * 7 + writer * 3) % 50
                session.execute(
                    "INSERT INTO dm_portfolio_state SELECT (jsonb_populate_record(a, %s::jsonb)).*"
                    " FROM dm_portfolio_state AS a WHERE id = 'first'",
                    (f'{{"id": "W{writer}-{number}", "portfolio_value": {value}}}',),
                )
                if number % 5 == 4:
                    session.execute(
                        "UPDATE dm_portfolio_state SET portfolio_value = 25 WHERE id = %s", (f"W{writer}-{number - 2}",)
                    )

    a_state("first", NOON, 20).save()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(writes, range(4)))
    assert PortfolioState.objects.count() == 81
    assert kept() == worked_out()


@pytest.mark.django_db
@pytest.mark.parametrize(("span", "minutes"), [("1d", 3), ("30d", 45), ("all", 600)])
def test_a_curve_made_of_ranges_shows_what_the_states_would(span: str, minutes: int) -> None:
    """From the moment at which the span begins to the last; its lowest and its highest value are among them."""
    dice = random.Random(span)
    moments = [NOON + timedelta(minutes=minutes * n, seconds=dice.randrange(60)) for n in range(900)]
    PortfolioState.objects.bulk_create(
        a_state(f"{n}", at, 1000 + dice.randrange(10_000)) for n, at in enumerate(moments)
    )
    drawn = queries.curve(span)
    first = max(moments[0], moments[-1] - length) if (length := queries.plots.SPANS[span]) else moments[0]
    stood = {
        max(at, first).isoformat(): float(value)
        for at, value in PortfolioState.objects.order_by("at").values_list("at", "portfolio_value")
    }
    within = {at: value for at, value in stood.items() if at >= first.isoformat()}
    assert {at: within[at] for at in drawn.moments} == dict(zip(drawn.moments, drawn.equity, strict=True))
    assert (drawn.moments[0], drawn.moments[-1]) == (first.isoformat(), moments[-1].isoformat())
    assert (min(drawn.equity), max(drawn.equity)) == (min(within.values()), max(within.values()))
    assert queries.plots.BUCKETS / 2 < len(drawn.moments) <= 2 * queries.plots.BUCKETS + 3
