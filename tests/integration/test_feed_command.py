"""The feed command says each bar once, goes on where it stopped, and in lockstep leaves nothing waiting."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from strands import ids
from strands.market.bar import Bar
from strands.market.models import Instrument
from tests.unit.strands.market import walks
from tradingops.modules.market.module import MarketData

pytestmark = pytest.mark.django_db(transaction=True)


def written(folder: Path, bars: list[Bar], *, name: str = "BTC_1m.csv") -> Path:
    lines = [
        "timestamp,open,high,low,close,volume",
        *(",".join([bar.opened_at.isoformat(), *bar[3:8]]) for bar in bars),
    ]
    path = folder / name
    path.write_text("\n".join(lines) + "\n")
    return path


def feed(*arguments: Any, **options: Any) -> dict[str, Any]:
    out = StringIO()
    call_command("feed", *map(str, arguments), json=True, stdout=out, stderr=StringIO(), **options)
    return json.loads(out.getvalue())  # type: ignore[no-any-return]


def said(symbol: str = "BTC") -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, md_bar->>'close' FROM md_strands WHERE symbol = %s ORDER BY id", [symbol])
        return dict(cursor.fetchall())


def waiting() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM deliveries")
        return int(cursor.fetchone()[0])


def test_a_file_is_said_whole(tmp_path: Path) -> None:
    bars = walks.walk(rows=40)
    found = feed(written(tmp_path, bars))
    assert said() == {each.id: each.payload.get("md_bar", {}).get("close") for each in MarketData().announce(bars)}
    assert (found["strands"], found["new"], found["stopped"]) == (43, 43, False)


@pytest.mark.parametrize("year", [2030, 9998])
@pytest.mark.parametrize("symbol", ["BTC", "BTC-PERP"])
def test_a_bar_that_no_feed_said_is_not_followed(tmp_path: Path, year: int, symbol: str) -> None:
    """Whatever year its id and its moment name, files and the simulated market go on from what feeds said."""
    at = datetime(year, 6, 1, tzinfo=UTC)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO md_strands (id, kind, symbol, timeframe, at, md_bar) VALUES (%s, 'bar', %s, '1m', %s, %s)",
            [ids.strand_id(at, 0, "forged"), symbol, at, '{"opened_at": "then", "open": "1"}'],
        )
    assert feed(written(tmp_path, walks.walk(rows=40)))["new"] == 43
    assert feed("sim", symbol=["BTC-PERP"], limit=5, speed="max", history=10)["new"] >= 5


def test_a_feed_that_was_stopped_goes_on_where_it_was_and_says_nothing_twice(tmp_path: Path) -> None:
    bars = walks.walk(rows=40)
    path = written(tmp_path, bars)
    assert feed(path, limit=17)["strands"] == 19
    assert feed(path)["new"] == 24
    assert feed(path)["strands"] == 0
    assert said() == {each.id: each.payload.get("md_bar", {}).get("close") for each in MarketData().announce(bars)}


def test_a_mended_file_is_not_said_again_and_what_differs_is_told(tmp_path: Path) -> None:
    bars = walks.walk(rows=40)
    feed(written(tmp_path, bars))
    before = said()
    mended = [*bars[:7], bars[7]._replace(volume="1.25"), bars[8]._replace(close=bars[8].close + "000"), *bars[9:]]
    told = StringIO()
    call_command("feed", str(written(tmp_path, mended)), stderr=told)
    assert f"1 bars differ from what was said of them before, the first of {bars[7].opened_at.isoformat()}" in (
        told.getvalue()
    )
    assert said() == before


def test_two_files_of_two_symbols_are_said_together(tmp_path: Path) -> None:
    one = written(tmp_path, walks.walk(rows=20))
    two = written(tmp_path, walks.walk(rows=20, seed=2, symbol="ETH"), name="ETH_1m.csv")
    assert feed(one, two)["series"] == ["BTC 1m", "ETH 1m"]
    assert len(said("BTC")) == len(said("ETH")) == 22


def test_in_lockstep_nothing_is_left_waiting(tmp_path: Path) -> None:
    found = feed(written(tmp_path, walks.walk(rows=20)), drain=True)
    assert found["turns"] >= 60
    assert waiting() == 0


def test_a_simulated_market_goes_on_with_its_story(tmp_path: Path) -> None:
    options = {"symbol": ["BTC-PERP"], "speed": "max", "history": 30, "drain": True}
    feed("sim", limit=8, **options)
    before = said("BTC-PERP")
    feed("sim", limit=8, **options)
    after = said("BTC-PERP")
    assert before.items() <= after.items()
    with connection.cursor() as cursor:
        cursor.execute("SELECT md_bar->>'open', md_bar->>'close' FROM md_strands WHERE timeframe = '1m' ORDER BY id")
        story = cursor.fetchall()
    assert len(story) == 16
    assert [opened for opened, _ in story[1:]] == [closed for _, closed in story[:-1]]


def test_another_seed_begins_another_story_after_the_first(tmp_path: Path) -> None:
    options = {"symbol": ["BTC-PERP"], "speed": "max", "drain": True}
    feed("sim", limit=8, history=30, **options)
    assert feed("sim", limit=8, history=30, seed=2, **options)["new"] >= 8


def test_an_endless_source_stops_with_once_when_it_has_caught_up() -> None:
    found = feed("sim", symbol=["BTC-PERP"], history=20, once=True, drain=True)
    assert 20 <= found["strands"] <= 24


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere.csv"], "there is no such file"),
        (["sim", "BTC_1m.csv"], "do not go together"),
        (["sim", "--speed", "slow"], "neither a number above 0 nor max"),
        (["sim", "--timeframe", "7m"], "timeframe: '7m' is not known"),
        (["ccxt:binance"], "name them with --symbol"),
    ],
)
@pytest.mark.django_db
def test_a_source_that_cannot_be_opened_is_a_usage_error(arguments: list[str], message: str) -> None:
    with pytest.raises(CommandError, match=message) as refused:
        feed(*arguments)
    assert refused.value.returncode == 2


def test_instruments_of_a_list_are_told_shown_and_told_again_once_they_change(tmp_path: Path) -> None:
    path, listed = written(tmp_path, walks.walk(rows=20)), tmp_path / "instruments.json"
    listed.write_text('{"BTC": {"tick": 0.5, "kind": "perpetual"}}')
    feed(path, instruments=listed, limit=5)
    listed.write_text('{"BTC": {"tick": 0.25, "kind": "perpetual"}}')
    feed(path, instruments=listed, limit=5)
    feed(path, instruments=listed)
    with connection.cursor() as cursor:
        cursor.execute("SELECT md_instrument->>'tick' FROM md_strands WHERE kind = 'instrument' ORDER BY said")
        assert [tick for (tick,) in cursor.fetchall()] == ["0.5", "0.25"]
    kept = Instrument.objects.get()
    assert (kept.symbol, kept.tick, kept.kind) == ("BTC", Decimal("0.25"), "perpetual")
    assert kept.sources == {"tick": "file", "kind": "file", "lot": "inferred"}


def test_a_setting_of_an_instrument_is_told_with_its_source_and_another_setting_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, walks.walk(rows=3))
    feed(path, policy=["instruments.BTC.tick=0.10"])
    kept = Instrument.objects.get(symbol="BTC")
    assert (kept.tick, kept.sources["tick"]) == (Decimal("0.1"), "setting")
    with pytest.raises(CommandError, match="publish dm"):
        feed(path, policy=["dm.approve_score=0.8"])
