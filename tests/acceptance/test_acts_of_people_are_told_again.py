"""A desk whose people halted, moved, closed and cancelled: refold finds nothing, and a replay told their acts is it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from strands.market.bar import Bar
from strands.market.feeds import recorded
from strands.strand import Strand
from tests.acceptance import markets, persons, story
from tests.acceptance.persons import Person
from tests.chaos import backlog
from tradingops import environments
from tradingops.replay import report
from tradingops.replay.acts import act
from tradingops.replay.acts.telling import Telling

#: Bars of five minutes in a week and a month, and after how many of them a person looks at the desk again.
A_WEEK, A_MONTH, A_LOOK = 7 * 288, 30 * 288, 12
BITCOIN, SOLANA = "BTCUSDT_5m_2025-04_07.csv.gz", "SOLUSDT_5m_2025-04_07.csv.gz"


def exported(folder: Path) -> Path:
    """Return the file of acts that the command writes."""
    call_command("acts", str(folder / "said.jsonl"), stderr=StringIO())
    return folder / "said.jsonl"


def money(strands: Mapping[str, Strand]) -> report.Money:
    return report.build(strands.values(), initial_cash=Decimal(100_000)).money


def replayed(feeds: Sequence[Sequence[Bar]], said: Sequence[act.Act]) -> tuple[dict[str, Strand], Telling]:
    desk, telling = environments.replay(), Telling.of(said)
    desk.run([[list(bars)] for bars in feeds], acts=telling)
    return desk.wire.strands, telling


def by_command(*arguments: object) -> tuple[dict[str, Any], str]:
    """Return the report of `replay --json`, and what it told people."""
    out, err = StringIO(), StringIO()
    call_command("replay", *map(str, arguments), "--json", stdout=out, stderr=err)
    return json.loads(out.getvalue()), err.getvalue()


def differences() -> list[Any]:
    out = StringIO()
    call_command("refold", "--json", stdout=out, stderr=StringIO())
    told = json.loads(out.getvalue())
    assert told["turns"] > 0
    return list(told["differences"])


@pytest.mark.django_db(transaction=True)
def test_a_desk_with_every_act_of_people_is_told_again_to_the_last_digit(tmp_path: Path) -> None:
    bars = markets.simulated("BTC", "ETH", "SOL", moments=500, seed=markets.LIVELY)
    person = Person(rest=timedelta(minutes=15))
    moments = [strands for _, strands in environments.market_data().moments([[bars]])]
    persons.lived(moments, person, steps=range(320, 360))
    assert sorted(person.did) == sorted(persons.EVERYTHING)
    assert differences() == []
    desk, said = story.written(), act.read(exported(tmp_path).read_text().splitlines())
    again, telling = replayed([bars], said)
    assert story.contents(again) == story.contents(desk)
    assert money(again) == money(desk)
    assert (telling.told, telling.unapplied) == (len(said), [])
    without, _ = replayed([bars], [])
    assert money(without) != money(desk)
    late, _ = replayed([bars], [each._replace(after=each.after + timedelta(hours=1)) for each in said if each.after])
    assert late.keys() != desk.keys()


@pytest.mark.django_db(transaction=True)
@pytest.mark.timeout(600)
def test_the_command_makes_a_recorded_week_of_a_desk_with_people_of_its_bars_and_their_acts(
    bars_folder: Path, tmp_path: Path
) -> None:
    file = backlog.first(bars_folder / BITCOIN, A_WEEK, tmp_path)
    moments = [strands for _, strands in environments.market_data().moments([[list(recorded.read(file).bars)]])]
    person = Person(rest=timedelta(hours=6), rounds=1)
    persons.lived(moments, person, steps=range(A_LOOK, len(moments), A_LOOK))
    assert {"move", "close", "halt", "active"} <= set(person.did)
    assert differences() == []
    told, words = by_command(file, "--acts", exported(tmp_path), "--compare")
    desk = story.written()
    assert f"{len(person.did)} acts of people told; 0 changed nothing" in words
    assert told["compared"] | {"same": 0} == {"same": 0, "unlike": [], "only_here": [], "only_there": []}
    assert told["compared"]["same"] == len([each for each in desk.values() if each.module != "op"])
    assert Decimal(told["money"]["value"]) == money(desk).value
    closed_by_hand = [each for each in told["closed"] if each["reason"] == "manual"]
    assert person.did.count("close") == len(closed_by_hand)


@pytest.mark.in_memory
@pytest.mark.timeout(600)
def test_a_recorded_month_in_memory_has_the_same_ids_and_money_when_its_acts_are_told_from_their_file(
    bars_folder: Path, tmp_path: Path
) -> None:
    file = backlog.first(bars_folder / SOLANA, A_MONTH, tmp_path)
    feeds, person = [recorded.read(file).bars], Person(rest=timedelta(hours=6), rounds=4)
    desk, said = persons.lived_in_memory(feeds, person)
    assert set(person.did) == set(persons.EVERYTHING)
    written = tmp_path / "said.jsonl"
    written.write_text("".join(f"{act.to_line(each)}\n" for each in said))
    again, telling = replayed(feeds, act.read(written.read_text().splitlines()))
    assert list(again) == list(desk)
    assert story.contents(again) == story.contents(desk)
    assert (telling.told, telling.unapplied) == (len(said), [])
    assert money(again) == money(desk)
