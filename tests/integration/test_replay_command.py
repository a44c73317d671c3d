"""The replay command reads bars, plays them, and tells a person or a program what came of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from io import StringIO
from math import sin
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from strands.market.bar import Timeframe
from strands.market.feeds import simulated

pytestmark = pytest.mark.in_memory
START = datetime(2025, 1, 1, tzinfo=UTC)


@pytest.fixture
def waves(tmp_path: Path) -> Path:
    """Return a file of five-minute bars that swing, of which one is none."""
    lines = ["timestamp,open,high,low,close,volume"]
    for n in range(600):
        price, after = (100 + 5 * sin(each / 20) + each / 100 for each in (n, n + 1))
        row = (price, max(price, after) + 0.1, min(price, after) - 0.1, after, 1000 + n % 7)
        opened = START + n * timedelta(minutes=5)
        lines.append(",".join([opened.isoformat(), *(f"{each:.2f}" for each in row)]))
    lines[300] = lines[300].replace(",1", ",-1", 1)
    path = tmp_path / "WAVE-USD_5m_2025-01.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture
def market(tmp_path: Path) -> Path:
    """Return a file of a simulated market in which the desk finds something to trade."""
    feed = simulated.Simulated(["BTC-PERP"], start=START, seed=3, timeframe=Timeframe.M5)
    bars = []
    for batch in feed:
        bars += batch
        if len(bars) >= 6000:
            break
    lines = ["timestamp,open,high,low,close,volume"]
    lines += [",".join([b.opened_at.isoformat(), b.open, b.high, b.low, b.close, b.volume]) for b in bars]
    path = tmp_path / "BTC-PERP_5m.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def replay(*arguments: Any, **options: Any) -> tuple[str, str]:
    """Return what the command wrote to standard output and to standard error."""
    out, err = StringIO(), StringIO()
    call_command("replay", *map(str, arguments), stdout=out, stderr=err, **options)
    return out.getvalue(), err.getvalue()


def test_a_person_gets_a_table_and_the_rows_that_were_no_bars(waves: Path):
    out, err = replay(waves)
    assert "599 bars in" in out
    assert "Value" in out
    assert "1 bad rows skipped: line 301" in err


def test_a_program_gets_json_alone_on_standard_output(waves: Path):
    out, err = replay(waves, "--json", "--set", "dm.approve_score=.9", "--set", 'dm.allowed_directions=["long"]')
    told = json.loads(out)
    assert (told["bars"], told["series"]) == (599, ["WAVE-USD 5m"])
    assert told["settings"] == {"dm.approve_score": ".9", "dm.allowed_directions": ["long"]}
    assert "599 bars in" in err


def test_a_replay_of_the_same_bars_comes_to_the_same_money(market: Path):
    first, second = (json.loads(replay(market, "--json")[0]) for _ in range(2))
    for each in (first, second):
        each.pop("seconds")
        each.pop("bars_per_second")
    assert first == second
    assert first["said"]["decision"] == first["said"]["feedback"] == sum(first["decisions"].values()) > 0


def test_a_stricter_desk_refuses_what_another_approves(market: Path):
    told = json.loads(replay(market, "--json", "--set", "dm.min_risk_reward=9")[0])
    assert told["refusals"]["dm"] == {"risk_reward": told["said"]["signal"]}
    assert (told["trades"]["count"], told["money"]["value"]) == (0, "100000")


def test_cash_is_told_to_every_module_that_counts_it(waves: Path):
    told = json.loads(replay(waves, "--json", "--cash", "5000")[0])
    assert told["money"]["initial"] == told["money"]["value"] == told["equity"][-1][1] == "5000"


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ("dm.aprove_score=1", "no such setting; known are .*dm.approve_score"),
        ("dm.approve_score=7", r"dm.approve_score: '7': Input should be less than or equal to 1"),
        ("dm.approve_score", "say KEY=VALUE"),
        ("dm.allowed_directions=[long", "is no JSON"),
        ("instruments.WAVE-USD.tick=0", r"--set WAVE-USD: tick: '0' is not a number above zero"),
        ("instruments.tick=1", r"say instruments\.SYMBOL\.tick"),
    ],
)
def test_a_setting_that_cannot_be_used_is_refused_with_the_way_out(waves: Path, setting: str, told: str):
    with pytest.raises(CommandError, match=told) as refused:
        replay(waves, "--set", setting)
    assert refused.value.returncode == 2


def test_a_source_that_never_ends_is_refused():
    with pytest.raises(CommandError, match="sim never ends") as refused:
        replay("sim")
    assert refused.value.returncode == 2


def test_a_file_that_is_not_there_is_named():
    with pytest.raises(CommandError, match=r"nowhere\.csv"):
        replay("nowhere.csv", "--symbol", "BTC", "--timeframe", "1m")


def test_two_runs_are_told_side_by_side(market: Path):
    out, err = replay(market, "--against", "dm.min_risk_reward=9")
    assert "A: every setting at its default\nB: dm.min_risk_reward=9\n" in out
    assert "entered only in A" in out
    assert "refusals" in out.lower()
    assert "bars of BTC-PERP" in err


def test_a_program_gets_both_reports_and_what_differs(market: Path):
    told = json.loads(replay(market, "--json", "--set", "dm.approve_score=.8", "--against", "dm.min_risk_reward=9")[0])
    assert told["first"]["settings"] == {"dm.approve_score": ".8"}
    assert told["second"]["settings"] == {"dm.approve_score": ".8", "dm.min_risk_reward": "9"}
    entered = told["comparison"]["only_first"]["count"]
    assert entered == told["comparison"]["flipped"] > 0
    assert told["comparison"]["figures"]["trades"]["closed"]["difference"] == -told["first"]["trades"]["count"]


def test_a_run_beside_itself_is_the_same(market: Path):
    told = json.loads(replay(market, "--json", "--against", "dm.approve_score=0.7")[0])
    assert told["comparison"]["flipped"] == 0


def test_a_second_run_with_a_wrong_setting_is_refused_by_its_own_option(waves: Path):
    with pytest.raises(CommandError, match=r"--against dm\.approve_score: '7'"):
        replay(waves, "--against", "dm.approve_score=7")


def test_a_run_is_laid_beside_another_or_beside_the_database(waves: Path):
    with pytest.raises(CommandError, match="beside another or beside the database"):
        replay(waves, "--against", "dm.approve_score=.8", "--compare")


def test_instruments_of_a_list_and_of_settings_are_what_plans_keep_to(market: Path, tmp_path: Path):
    listed = tmp_path / "instruments.csv"
    listed.write_text("symbol,tick,lot\nBTC-PERP,8,0.01\n")
    usual, of_list, of_setting = (
        json.loads(replay(market, "--json", *options)[0])
        for options in (
            (),
            ("--instruments", listed),
            ("--set", "instruments.BTC-PERP.tick=8", "--set", "instruments.BTC-PERP.lot=0.01"),
        )
    )
    assert of_list["money"] == of_setting["money"] != usual["money"]


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("none.csv", None, "--instruments .*none.csv: cannot be read"),
        ("list.xml", "<list/>", r"--instruments list.xml: no list of instruments; name a file ending in \.csv"),
        ("list.csv", "symbol,tick\nX,-1\n", "--instruments list.csv: X: tick: '-1' is not a number above zero"),
    ],
)
def test_a_list_that_cannot_be_used_is_refused_with_the_way_out(
    waves: Path, tmp_path: Path, name: str, text: str | None, told: str
):
    if text is not None:
        (tmp_path / name).write_text(text)
    with pytest.raises(CommandError, match=told) as refused:
        replay(waves, "--instruments", tmp_path / name)
    assert refused.value.returncode == 2
