"""A desk whose people decided on plans: refold finds nothing, and a replay told their words has its ids and money."""

from __future__ import annotations

import json
from io import StringIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from portfolio.reviews.models import Review
from strands.wires.lockstep import Lockstep
from tests.acceptance import markets
from tests.acceptance.story import contents, written
from tests.acceptance.test_acts_of_people_are_told_again import exported, money
from tradingops import connections, engine, environments
from tradingops.modules.decision.reviews import due
from tradingops.people import acts, say, verdicts
from tradingops.replay.acts import act
from tradingops.replay.acts.telling import Telling

pytestmark = pytest.mark.django_db(transaction=True)

#: Every plan needs a person, who has half an hour.
ASKING = {"review": {"bands": [{"needs": "one"}], "answer_seconds": 1800}}
WORDS = ("modify", "none", "reject", "approve")


def decide(nth: int, item: Review) -> None:
    """Say the word whose turn it is of a plan, as somebody at the command line."""
    word = WORDS[nth % len(WORDS)]
    if word == "none":
        return
    changes = {"position_size": str(round((item.size or 0.02) / 2, 6))} if word == "modify" else {}
    asked = say.asked(by="ada", reason="a look at the tape")
    verdicts.decide_at_the_command_line(item, word, asked=asked, shown=item.hash, changes=changes)


def lived(told: Any, *, step: int) -> set[str]:
    """Let a desk play moments in steps, with a person who looks at the inbox between them; return how plans ended."""
    wire = environments.wire(connections.wire)
    modules = list(environments.modules().values())
    lockstep = Lockstep(wire, modules, engine.market_time, alarm=due.come)
    seen: list[str] = []
    asked = acts.Asked(by="ada", reason="people are asked", at=told[0][0].at, asked_at=told[0][0].at)
    say.publish(acts.policy("dm", ASKING, asked=asked))
    engine.drain(modules, wire, engine.market_time)
    try:
        for start, end in pairwise([*range(0, len(told), step), len(told)]):
            lockstep.play(told[start:end])
            for item in verdicts.waiting().exclude(pk__in=seen):
                decide(len(seen), item)
                seen.append(item.pk)
            engine.drain(modules, wire, engine.market_time)
    finally:
        wire.close()
    return set(Review.objects.filter(outcome__isnull=False).values_list("outcome", flat=True))


def test_a_desk_with_verdicts_deadlines_and_withdrawals_is_told_again_to_the_last_digit(tmp_path: Path) -> None:
    bars = markets.simulated("BTC", "ETH", "SOL", moments=500, seed=markets.LIVELY)
    told = [strands for _, strands in environments.market_data().moments([[bars]])]
    outcomes = lived(told, step=2)
    assert {"changed", "expired"} <= outcomes
    late = [each for each in Review.objects.filter(outcome="expired") if each.ended_at != each.deadline]
    assert late == []
    out = StringIO()
    call_command("refold", "--json", stdout=out, stderr=StringIO())
    assert json.loads(out.getvalue())["differences"] == []
    said = act.read(exported(tmp_path).read_text().splitlines())
    assert {each.strand.kind for each in said} == {"policy_changed", "verdict"}
    desk, telling = environments.replay(), Telling.of(said)
    desk.run([[bars]], acts=telling)
    assert contents(desk.wire.strands) == contents(written())
    assert money(desk.wire.strands) == money(written())
    without = environments.replay()
    without.run([[bars]])
    assert money(without.wire.strands) != money(written())
