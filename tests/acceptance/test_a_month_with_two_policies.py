"""A month in which people put two policies in force: refold finds nothing, and a replay told their words is it."""

from __future__ import annotations

import json
from collections import Counter
from io import StringIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from strands.wires.lockstep import Lockstep
from tests import recorded_months
from tests.acceptance import markets, story
from tests.acceptance import test_acts_of_people_are_told_again as told_again
from tests.benchmarks import desks
from tradingops import connections, engine, environments
from tradingops.people import say
from tradingops.policies import versions
from tradingops.replay.acts import act

pytestmark = pytest.mark.django_db(transaction=True)

#: Five minutes a bar: thirty days.
MONTH, BARS = "BTCUSDT_5m_2025-04_07.csv.gz", 8_640
FIRST, SECOND = {"min_confidence": 0.66, "position_limit": 0.06}, {"position_limit": 0.08}


def publish(content: dict[str, Any]) -> None:
    moment = say.present()
    version = versions.draft("dm", content, own=environments.governed()["dm"], at=moment, reason="a third is over")
    versions.publish(version, asked=say.asked(by="ada", reason="a third is over"))


def lived(told: list[Any]) -> None:
    """Let a desk over PostgreSQL play moments, with a policy put in force after each third but the last."""
    wire, modules = environments.wire(connections.wire), list(environments.modules().values())
    lockstep = Lockstep(wire, modules, engine.market_time)
    thirds = [len(told) * part // 3 for part in range(4)]
    try:
        for (start, end), content in zip(pairwise(thirds), (FIRST, SECOND, None), strict=True):
            lockstep.play(told[start:end])
            if content is not None:
                publish(content)
                engine.drain(modules, wire, engine.market_time)
    finally:
        wire.close()


def decisions() -> Counter[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT number FROM made_under WHERE kind = 'decision' AND policy = 'dm'")
        return Counter(number for (number,) in cursor.fetchall())


def claimed(bars: Any, folder: Path, *, least: int, under: set[int]) -> None:
    """Hold what is claimed; ``under`` are versions under which the market gives something to decide."""
    lived([strands for _, strands in environments.market_data().moments([[bars]])])
    out = StringIO()
    call_command("refold", "--json", stdout=out, stderr=StringIO())
    assert json.loads(out.getvalue())["differences"] == []
    desk, said = story.written(), act.read(told_again.exported(folder).read_text().splitlines())
    again, telling = told_again.replayed([bars], said)
    assert story.contents(again) == story.contents(desk)
    assert told_again.money(again) == told_again.money(desk)
    assert (telling.unapplied, telling.told) == ([], 2)
    without, _ = told_again.replayed([bars], [])
    assert story.contents(without) != story.contents(desk)
    made = decisions()
    assert under <= set(made) <= {0, 1, 2}
    assert made.total() == sum(each.kind == "decision" for each in desk.values()) >= least


def test_a_simulated_market_with_two_policies_in_it(tmp_path: Path) -> None:
    claimed(markets.simulated("BTC", "ETH", "SOL", moments=900, seed=markets.LIVELY), tmp_path, least=5, under={1, 2})


@pytest.mark.timeout(900)
def test_a_recorded_month_with_two_policies_in_it(tmp_path: Path) -> None:
    folder = recorded_months.folder()
    if folder is None or not (Path(folder) / MONTH).exists():
        pytest.skip("TRADINGOPS_BARS names no folder with these bars")
    claimed(list(desks.bars_of(Path(folder) / MONTH))[:BARS], tmp_path, least=10, under={0, 1})
