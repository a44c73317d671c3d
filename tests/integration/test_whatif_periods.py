"""Whole periods replayed under a draft: by the command, and by a worker that may die."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from strands.wires.lockstep import Lockstep
from tests.acceptance import markets
from tradingops import connections, engine, environments
from tradingops.replay import report
from tradingops.whatif import work
from tradingops.whatif.models import Job

pytestmark = pytest.mark.django_db(transaction=True)

BARS = markets.simulated("BTC", "ETH", "SOL", moments=700, seed=markets.LIVELY)
STRICT = {"policy": "dm", "symbol": None, "content": {"min_confidence": 0.74}}


@pytest.fixture
def draft(tmp_path: Path) -> str:
    file = tmp_path / "draft.json"
    file.write_text(json.dumps(STRICT))
    return str(file)


def play() -> None:
    wire = environments.wire(connections.wire)
    told = [strands for _, strands in environments.market_data().moments([[BARS]])]
    Lockstep(wire, list(environments.modules().values()), engine.market_time).play(told)
    wire.close()


def money_of_a_replay(settings: dict[str, Any]) -> str:
    desk = environments.replay(settings)
    desk.run([[BARS]])
    cash = environments.policies(settings)["dm"].initial_cash
    return str(report.build(desk.wire.strands.values(), initial_cash=cash).money.value)


def test_a_period_comes_to_what_a_replay_of_its_bars_comes_to(draft: str, capsys: Any) -> None:
    play()
    capsys.readouterr()
    call_command("whatif", draft, "--period", "--json")
    whole = json.loads(capsys.readouterr().out)["whole_period_replayed"]
    assert whole["decisions_replayed_alike"] == whole["decisions_recorded"] > 4
    value = whole["figures"]["money"]["value"]
    assert float(value["first"]) == float(money_of_a_replay({}))
    assert float(value["second"]) == float(money_of_a_replay({"dm.min_confidence": 0.74}))

    call_command("whatif", draft, "--period", "--queue")
    row = Job.objects.get()
    with connections.listening() as living, connections.listening() as holder, connections.wire() as reader:
        Job.objects.update(state="running", tries=1, progress=0.4)
        living.execute(work.HOLD, [work.LOCK, row.pk])
        assert work.take(holder, reader, mode={}) is None
        living.close()
        tries = (work.take(holder, reader, mode={}) or time.sleep(0.1) for _ in range(100))
        assert next(filter(None, tries)) == row.pk
    row.refresh_from_db()
    assert (row.state, row.progress, row.tries, row.error) == ("done", 1.0, 2, "")
    assert row.result["whole_period_replayed"] == whole


def test_a_period_that_cannot_be_replayed_says_why_and_holds_nobody_up() -> None:
    bad = {**STRICT, "content": {"min_confidence": 9}}
    Job.objects.create(draft=bad, asked_by="a test")
    Job.objects.create(draft=STRICT, asked_by="a test", state="running", tries=work.MOST_TRIES)
    Job.objects.create(draft=STRICT, asked_by="a test")
    call_command("try_drafts", "--once")
    first, second, third = Job.objects.order_by("id")
    assert (first.state, third.state) == ("failed", "done")
    assert "dm.min_confidence: 9" in first.error
    assert second.state == "failed"
    assert "its process was gone before its end" in second.error


def test_what_no_replay_goes_by_is_refused_at_once(tmp_path: Path) -> None:
    file = tmp_path / "draft.json"
    file.write_text(json.dumps({**STRICT, "content": {"initial_cash": 5}}))
    with pytest.raises(CommandError, match=r"dm\.initial_cash 5 and risk\.initial_cash") as refused:
        call_command("whatif", str(file), "--period", "--queue")
    assert refused.value.returncode == 2
    assert not Job.objects.exists()
