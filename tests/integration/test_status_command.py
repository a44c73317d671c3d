"""`manage.py status`: the desk at a glance."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from io import StringIO

import pytest
from django.core.management import call_command

from portfolio.models import PortfolioState
from strands.models import Delivery, Worker

pytestmark = pytest.mark.django_db


def status(*options: str) -> str:
    out = StringIO()
    call_command("status", *options, stdout=out)
    return out.getvalue()


def test_an_empty_desk_has_a_state_too():
    found = json.loads(status("--json"))
    assert found["mode"] == "paper"
    assert found["workers"] == []
    assert found["listeners"] == {}
    assert found["last_bar"] is None
    assert found["portfolio"] is None


def test_what_waits_is_counted_by_listener_and_the_newest_money_is_shown():
    for number in range(3):
        Delivery.objects.create(
            listener="dm",
            strand_table="ad_strands",
            strand_id=str(number),
            tag="dm:evaluate_plan",
            partition="",
            lane=0,
        )
    for day, value in ((1, "100000"), (2, "100250.5")):
        PortfolioState.objects.create(
            id=str(day),
            portfolio_value=value,
            cash_balance="50000",
            at=datetime(2026, 1, day, tzinfo=UTC),
            **dict.fromkeys(("total_risk", "var_95", "max_drawdown", "sharpe_ratio"), 0),
        )
    found = json.loads(status("--json"))
    assert found["listeners"]["dm"]["waiting"] == 3
    assert found["portfolio"]["value"].startswith("100250.5")


def test_a_worker_that_no_longer_beats_is_shown_as_gone():
    Worker.objects.create(id="now", listener="dm", host="desk", pid=41)
    Worker.objects.create(id="then", listener="risk", host="desk", pid=42, beat_at=datetime(2026, 1, 1, tzinfo=UTC))
    assert [(each["pid"], each["alive"]) for each in json.loads(status("--json"))["workers"]] == [
        (41, True),
        (42, False),
    ]
    assert "process 41" in status()
    assert "process 42" not in status()
