"""Recorded bars get into the market tables, exactly, once, and with a report of what was wrong with them."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command

from strands.market import projections
from strands.market.bar import Bar, Timeframe
from strands.market.models import MarketData1h, MarketData1m, MarketData15m
from tests.unit.strands.market import walks
from tradingops.modules.market.module import MarketData

pytestmark = pytest.mark.django_db


def written(folder: Path, bars: list[Bar], *, name: str = "BTC_1m.csv") -> Path:
    lines = [
        "timestamp,open,high,low,close,volume",
        *(",".join([bar.opened_at.isoformat(), *bar[3:8]]) for bar in bars),
    ]
    path = folder / name
    path.write_text("\n".join(lines) + "\n")
    return path


def run(*arguments: Any, **options: Any) -> list[dict[str, Any]]:
    out = StringIO()
    call_command("import_bars", *map(str, arguments), json=True, stdout=out, stderr=StringIO(), **options)
    return json.loads(out.getvalue())  # type: ignore[no-any-return]


def counts(report: dict[str, Any]) -> dict[str, tuple[int, int, int]]:
    return {each["table"]: (each["inserted"], each["unchanged"], each["replaced"]) for each in report["tables"]}


def test_minutes_also_fill_the_quarters_and_hours_that_they_make_whole(tmp_path: Path) -> None:
    bars = walks.walk(rows=130)
    (report,) = run(written(tmp_path, bars))
    assert counts(report) == {
        "market_data_1m": (130, 0, 0),
        "market_data_5m": (26, 0, 0),
        "market_data_15m": (8, 0, 0),
        "market_data_1h": (2, 0, 0),
    }
    hour = MarketData1h.objects.earliest("timestamp")
    minutes = MarketData1m.objects.order_by("timestamp")[:60]
    assert hour.volume == sum(each.volume for each in minutes)
    assert (hour.open, hour.close) == (minutes[0].open, minutes[59].close)
    assert (hour.high, hour.low) == (max(each.high for each in minutes), min(each.low for each in minutes))


def test_importing_twice_changes_nothing(tmp_path: Path) -> None:
    path = written(tmp_path, walks.walk(rows=60))
    run(path)
    before = list(MarketData1m.objects.values())
    assert counts(run(path)[0]) == {
        "market_data_1m": (0, 60, 0),
        "market_data_5m": (0, 12, 0),
        "market_data_15m": (0, 4, 0),
        "market_data_1h": (0, 1, 0),
    }
    assert list(MarketData1m.objects.values()) == before


def test_a_corrected_bar_replaces_the_one_that_was_there_and_is_counted(tmp_path: Path) -> None:
    bars = walks.walk(rows=15)
    run(written(tmp_path, bars))
    bars[3] = bars[3]._replace(volume="7.25")
    assert counts(run(written(tmp_path, bars))[0])["market_data_1m"] == (0, 14, 1)
    assert MarketData1m.objects.get(timestamp=bars[3].opened_at).volume == Decimal("7.25")


@pytest.mark.parametrize("timeframe", Timeframe)
def test_bars_of_every_timeframe_have_a_table_of_their_own(tmp_path: Path, timeframe: Timeframe) -> None:
    bars = walks.walk(rows=7, timeframe=timeframe)
    (report,) = run(written(tmp_path, bars, name=f"ETH-{timeframe}.csv"))
    assert counts(report)[f"market_data_{timeframe}"] == (7, 0, 0)
    kept = apps.get_model("strands_market", f"MarketData{timeframe}").objects.order_by("timestamp")
    assert [(row.timestamp, row.close) for row in kept] == [(bar.opened_at, Decimal(bar.close)) for bar in bars]


def test_five_minutes_fill_the_longer_ones(tmp_path: Path) -> None:
    (report,) = run(written(tmp_path, walks.walk(rows=300, timeframe=Timeframe.M5), name="ETH-5m.csv"))
    assert counts(report) == {
        "market_data_5m": (300, 0, 0),
        "market_data_15m": (100, 0, 0),
        "market_data_1h": (25, 0, 0),
        "market_data_4h": (6, 0, 0),
        "market_data_1d": (1, 0, 0),
    }


def test_an_import_that_keeps_nothing_says_so(tmp_path: Path) -> None:
    path, told = written(tmp_path, walks.walk(rows=20)), StringIO()
    run(path)
    call_command("import_bars", str(path), stderr=told)
    assert "nothing was kept that was not there before" in told.getvalue()


def test_a_dry_run_shows_how_a_file_was_understood_and_keeps_nothing(tmp_path: Path) -> None:
    path, told = tmp_path / "GBPUSD_1m.csv", StringIO()
    path.write_text(
        "Date;Zeit;O;H;L;C;Vol\n25.03.2024;09:00;1,25;1,5;1,25;1,5;3\n25.03.2024;09:01;1,5;1,5;1,25;1,25;4\n"
    )
    call_command("import_bars", str(path), dry_run=True, stderr=told)
    said = told.getvalue()
    assert "parted by semicolon" in said
    assert "time = Date + Zeit, open = O" in said
    assert "times: day first, in UTC, as no zone is told" in said
    assert "numbers: decimal comma, as in 1,25" in said
    assert re.search(r"2024-03-25T09:01:00\+00:00 +1\.5 +1\.5 +1\.25 +1\.25 +4", said)
    assert not MarketData1m.objects.exists()


def test_bars_of_a_sessions_grid_are_kept_as_they_are_and_fill_no_longer_ones(tmp_path: Path) -> None:
    half_past = [
        bar._replace(opened_at=bar.opened_at + timedelta(minutes=30))
        for bar in walks.walk(rows=30, timeframe=Timeframe.H1)
    ]
    (report,) = run(written(tmp_path, half_past, name="ACME_1h.csv"))
    assert counts(report) == {"market_data_1h": (30, 0, 0)}
    assert report["grid"] == "a session's: 00:30 after multiples of 1h in UTC"


def test_differing_rows_of_one_bar_are_counted_in_the_report(tmp_path: Path) -> None:
    bars = walks.walk(rows=6)
    (report,) = run(written(tmp_path, [*bars[:3], bars[2]._replace(volume="77.5"), *bars[3:]]))
    assert report["differing"] == 2
    assert MarketData1m.objects.get(timestamp=bars[2].opened_at).volume == Decimal("77.5")


def test_a_bucket_with_a_gap_is_left_out_and_the_gap_reported(tmp_path: Path) -> None:
    (report,) = run(written(tmp_path, walks.without(walks.walk(rows=45), {20})))
    assert counts(report)["market_data_15m"] == (2, 0, 0)
    assert [gap["missing"] for gap in report["gaps"]] == [1]


def test_a_rollup_does_not_replace_a_bar_that_was_read(tmp_path: Path) -> None:
    quarter = walks.walk(rows=1, timeframe=Timeframe.M15)
    run(written(tmp_path, quarter, name="BTC-15m.csv"))
    run(written(tmp_path, walks.walk(rows=15, seed=2)))
    assert MarketData15m.objects.get().volume == Decimal(quarter[0].volume)


def test_bad_rows_are_skipped_and_reported_by_line(tmp_path: Path) -> None:
    bars = walks.walk(rows=20)
    bars[4] = bars[4]._replace(high="1")
    (report,) = run(written(tmp_path, bars))
    assert report["bad"] == [{"line": 6, "rule": "high_below_low", "field": "high", "value": "1"}]
    assert MarketData1m.objects.count() == 19


def test_strict_refuses_the_file_whole(tmp_path: Path) -> None:
    bars = walks.walk(rows=20)
    bars[4] = bars[4]._replace(high="1")
    with pytest.raises(CommandError, match="line 6: high_below_low") as refused:
        run(written(tmp_path, bars), strict=True)
    assert refused.value.returncode == 1
    assert not MarketData1m.objects.exists()


def test_a_file_that_cannot_be_read_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="there is no such file") as refused:
        run(tmp_path / "BTC_1m.csv")
    assert refused.value.returncode == 2


def test_bars_that_were_said_become_rows_with_their_features(tmp_path: Path) -> None:
    from django.db import connection

    said = list(MarketData().announce(walks.walk(rows=30)))
    with connection.cursor():
        for _ in range(2):
            projections.project(connection.connection, said)
    row = MarketData1m.objects.latest("timestamp")
    assert row.features == said[-2].payload["md_features"]
    assert [each.features["bars"] for each in MarketData15m.objects.all()] == [15, 15]
    assert counts(run(written(tmp_path, walks.walk(rows=30)))[0])["market_data_1m"] == (0, 30, 0)
    assert MarketData1m.objects.latest("timestamp").features == row.features


def test_bars_laid_beside_a_list_of_instruments_say_what_lies_between_its_steps(tmp_path: Path) -> None:
    listed = tmp_path / "instruments.yaml"
    listed.write_text("BTC: {tick: 1000000}\n")
    [report] = run(written(tmp_path, walks.walk(rows=3)), instruments=listed)
    assert any(note.startswith("12 of 12 prices lie between multiples of the tick 1000000") for note in report["notes"])
