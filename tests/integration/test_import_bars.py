"""Recorded bars get into the market tables, exactly, once, and with a report of what was wrong with them."""

from __future__ import annotations

import json
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
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
    assert counts(report) == {"market_data_1m": (130, 0, 0), "market_data_15m": (8, 0, 0), "market_data_1h": (2, 0, 0)}
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


def test_five_minute_bars_have_no_table_and_fill_the_longer_ones(tmp_path: Path) -> None:
    (report,) = run(written(tmp_path, walks.walk(rows=24, timeframe=Timeframe.M5), name="ETH-5m.csv"))
    assert counts(report) == {"market_data_15m": (8, 0, 0), "market_data_1h": (2, 0, 0)}


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
