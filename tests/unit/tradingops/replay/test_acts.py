"""A file of acts is read as it was written, and what is wrong with it is told by line, field and rule."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from strands import strand
from strands.given import HaltState
from strands.rulings import automatic
from strands.strand import Strand
from tests.acceptance import markets
from tests.trading import BTC, NOON
from tradingops import environments
from tradingops.people import acts
from tradingops.replay.acts import act
from tradingops.replay.acts.act import Act, BadAct
from tradingops.replay.acts.telling import NOTHING, Telling

ASKED = acts.Asked(by="ada", reason="what the tape told, « in her words »", at=NOON, asked_at=NOON)
SAID = [
    Act(None, acts.halt(f"symbol:{BTC}", HaltState.REDUCE_ONLY, asked=ASKED), 1),
    Act(NOON, acts.intervention(BTC, "move", asked=ASKED, stop_loss="98.10"), 2),
    Act(NOON, acts.policy("alpha", {"min_confirmation": 0.7}, asked=ASKED, symbol=BTC), 3),
]


def line(**changed: Any) -> str:
    told = json.loads(act.to_line(SAID[1])) | changed
    return json.dumps({name: value for name, value in told.items() if value is not ...})


def whole(each: Act) -> tuple[Any, ...]:
    return each.after, each.line, *(getattr(each.strand, name) for name in (*act.FIELDS, "module"))


def test_acts_are_read_as_they_were_written() -> None:
    assert list(map(whole, act.read(map(act.to_line, SAID)))) == list(map(whole, SAID))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "line 2: no JSON"),
        ("[]", r"line 2: '\[\]' is no object"),
        (line(after=...), "line 2: after: missing"),
        (line(after="noon"), "line 2: after: 'noon' is no moment"),
        (line(after=7), "line 2: after: '7' is not a text"),
        (line(at="2026-01-01T00:00:00"), "line 2: at: '2026-01-01T00:00:00' is no moment; .* with its zone"),
        (line(author="ada"), "line 2: author: no such field; known are after, id"),
        (line(kind="note"), "line 2: kind: 'note' is no act of a person; acts are halt"),
        (line(kind="fill"), "line 2: kind: 'fill' is no act"),
        (line(payload={"fills": []}), "line 2: op 'intervention': fills: no such column"),
        (line(payload=None), "line 2: payload: 'None' is not an object"),
        (line(tags=["trader:shout"]), "line 2: .*trader:shout"),
        (line(tags=[7]), "line 2: tags: .* is not a list of texts"),
        (line(hop=True), "line 2: hop: 'True' is not a whole number"),
        (line(id=json.loads(act.to_line(SAID[0]))["id"]), "line 2: id: .* is on line 1 already"),
    ],
)
def test_what_is_wrong_is_told_by_line_field_and_rule(text: str, told: str) -> None:
    with pytest.raises(BadAct, match=told):
        act.read([act.to_line(SAID[0]), text])


def test_lines_out_of_order_are_refused() -> None:
    with pytest.raises(BadAct, match="line 2: after: None is before that of the line above; sort the lines"):
        act.read([act.to_line(SAID[1]), act.to_line(SAID[0])])


def test_an_automatic_halt_is_no_act_for_risk_says_it_by_itself() -> None:
    update = strand.first(module="risk", kind="risk_update", at=NOON)
    says = automatic.says(
        scope="desk", state=HaltState.HALTED, rule="daily_loss", value=0.1, limit=0.1, reason="too much was lost"
    )
    told = {"rm_alert_data": {"halts": [automatic.told(update, says, nth=0)]}}
    [halt] = automatic.halts_of(Strand(id=update.id, module="risk", kind="risk_update", at=NOON, payload=told))
    assert act.is_automatic(halt)
    with pytest.raises(BadAct, match="line 1: hop: 1 of a halt: risk says automatic halts by itself"):
        act.read([act.to_line(Act(NOON, halt))])


def unapplied(*said: Act) -> list[str]:
    bars = markets.simulated("BTC", moments=5)
    telling = Telling.of(said)
    environments.replay().run([[bars]], acts=telling)
    assert telling.told + sum("not told" in each.reason for each in telling.unapplied) == len(said)
    return [each.reason for each in telling.unapplied]


def test_what_no_longer_applies_is_reported_with_its_reason() -> None:
    asked = acts.Asked(by="ada", reason="", at=markets.START, asked_at=markets.START)
    close = Act(markets.START, acts.intervention("BTC", "close", asked=asked), 1)
    [reason] = unapplied(close)
    assert "nothing is held or under way in BTC" in reason
    assert reason != NOTHING


def test_what_belongs_to_later_bars_is_not_told_and_reported() -> None:
    asked = acts.Asked(by="ada", reason="", at=markets.START, asked_at=markets.START)
    halt = acts.halt("desk", HaltState.HALTED, asked=asked)
    [reason] = unapplied(Act(markets.START + timedelta(days=1), halt, 1))
    assert reason.startswith("after: later than the last bar")


def test_a_ruling_that_a_desk_refused_is_refused_again_and_the_replay_goes_on() -> None:
    asked = acts.Asked(by="ada", reason="", at=markets.START, asked_at=markets.START)
    [reason] = unapplied(Act(None, acts.policy("dm", {"approve_score": 7}, asked=asked), 1))
    assert "approve_score" in reason
