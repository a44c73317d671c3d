"""anomaly_events: one row an anomaly, beside the plan of the same bar."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from portfolio.plans import projections as plans
from strands.market.anomalies import projections
from strands.market.models import AnomalyEvent
from strands.strand import Strand
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)


def an_anomaly(bar: Strand, **pack: object) -> Strand:
    found = {"anomaly_type": "price_move", "anomaly_score": 0.62, "value": 9.8, "limit": 6.0, **pack}
    return bar.answer(module="alpha", kind="anomaly", payload={"signal_pack": found})


def written(*strands: Strand) -> list[AnomalyEvent]:
    from tradingops import connections

    with connections.wire() as connection:
        for project in (plans.project, projections.project):
            project(connection, strands)
    return list(AnomalyEvent.objects.order_by("symbol"))


def test_an_anomaly_is_one_row_however_often_it_is_told() -> None:
    told = an_anomaly(factories.a_bar(at=AT))
    written(told)
    (row,) = written(told)
    assert (row.symbol, row.anomaly_type, float(row.anomaly_score), row.timestamp) == (
        "BTCUSDT",
        "price_move",
        0.62,
        AT,
    )
    assert row.signal_pack["limit"] == 6.0


def test_an_anomaly_names_the_plan_that_the_same_bar_led_to() -> None:
    bar = factories.a_bar(at=AT)
    plan = factories.a_plan()
    signal = bar.answer(
        module="alpha",
        kind="signal",
        payload={"sig_sigma": 0.7, "sig_confidence": 0.7, "sig_direction": "long", "trading_plan": plan.to_json()},
    )
    (row,) = written(an_anomaly(bar), signal)
    assert str(row.trading_plan_id) == plan.plan_id


def test_an_anomaly_of_another_make_breaks_nothing() -> None:
    assert written(an_anomaly(factories.a_bar(at=AT), anomaly_type=None)) == []
