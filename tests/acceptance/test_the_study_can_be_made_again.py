"""The study of judgement runs on any bars, and its page holds the tables that it makes."""

from __future__ import annotations

import gzip
import re
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pytest

from strands.market.bar import Bar
from tests.acceptance import learning, markets
from tests.studies import judgement, part
from tests.studies.part import Part
from tradingops import environments
from tradingops.replay import report

pytestmark = pytest.mark.in_memory

BARS = markets.simulated("BTC", moments=4_000, seed=markets.LIVELY)


def headings(block: str) -> list[tuple[str, ...]]:
    """Return the first line of each table in a text."""
    lines = re.findall(r"^\| (.*) \|\n\| ---", block, re.MULTILINE)
    return [tuple(line.split(" | ")) for line in lines]


@pytest.fixture(scope="module")
def studied() -> list[judgement.Studied]:
    return [judgement.study("BTC_1m_simulated", BARS, usual=learning.EAGER)]


def test_the_study_runs_every_variant_and_both_ways_to_do_without_a_desk(studied: list[judgement.Studied]):
    assert list(studied[0].parts) == [*judgement.VARIANTS, judgement.HELD, judgement.IDLE]
    assert studied[0].parts[judgement.EVERYTHING].earned


def test_the_study_comes_to_the_same_when_it_is_run_again(studied: list[judgement.Studied]):
    again = [judgement.study("BTC_1m_simulated", BARS, usual=learning.EAGER)]
    assert [table(again) for table in judgement.TABLES.values()] == [
        table(studied) for table in judgement.TABLES.values()
    ]


def _written(path: Path, bars: Sequence[Bar]) -> None:
    lines = [",".join([each.opened_at.isoformat(), *each[3:8]]) for each in bars]
    text = "\n".join(["timestamp,open,high,low,close,volume", *lines]) + "\n"
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())


def test_plain_text_is_studied_like_gzipped_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(judgement.FOLDER, str(tmp_path))
    _written(tmp_path / "AAA_1m.csv", BARS[:90])
    _written(tmp_path / "BBB_1m.csv.gz", BARS[:90])
    found = dict(judgement.recordings())
    assert list(found) == ["AAA_1m", "BBB_1m"]
    assert [each[2:8] for each in found["AAA_1m"]] == [each[2:8] for each in found["BBB_1m"]]
    assert len(found["AAA_1m"]) == 90


def test_a_folder_of_nothing_to_study_is_refused_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(judgement.FOLDER, str(tmp_path))
    (tmp_path / "notes.txt").write_text("none")
    with pytest.raises(SystemExit, match=r"holds no file of recorded bars, \.csv or \.csv\.gz"):
        list(judgement.recordings())


def test_every_file_and_variant_has_a_line(studied: list[judgement.Studied]):
    variants = len(judgement.VARIANTS)
    assert judgement.results(studied).count("| BTC_1m_simulated |") == variants + 2
    assert judgement.results(studied).count(f"| {judgement.ALL} |") == variants + 2
    assert judgement.judged(studied).count("| BTC_1m_simulated |") == variants


def test_the_page_holds_every_table_with_the_columns_of_the_script(studied: list[judgement.Studied]):
    page = judgement.PAGE.read_text()
    assert [found[2] for found in judgement.BLOCK.finditer(page)] == list(judgement.TABLES)
    assert headings(page) == headings(judgement.rewritten(page, studied))


def test_the_page_names_every_variant_of_the_script():
    told = dict.fromkeys(re.findall(rf"^\| {re.escape(judgement.ALL)} \| ([^|]+) \|", judgement.PAGE.read_text(), re.M))
    assert list(told) == [*judgement.VARIANTS, judgement.HELD, judgement.IDLE]


def test_holding_earns_what_the_market_did_less_what_buying_cost():
    market = Decimal(BARS[-1].close) / Decimal(BARS[700].open) - 1
    earned = part.held(BARS, place=700, cash=Decimal(1000)).value
    assert float(market) - 0.02 < earned < float(market)


def test_drawing_trades_anew_gives_bounds_about_what_they_came_to():
    trades = [0.01, -0.02, 0.03, 0.005, -0.004]
    low, high = part.interval(part.draws(trades))
    assert low < sum(trades) < high
    assert part.draws(trades) == part.draws(trades)
    assert part.interval(part.draws([])) == (0.0, 0.0)


def test_two_parts_differ_by_the_plans_that_one_of_them_entered():
    base, other = (Part(earned=earned, drawdown=0.0) for earned in ({"a": 0.01, "b": -0.02}, {"a": 0.01, "c": 0.03}))
    assert part.flips(other, base) == 2
    assert sorted(part.beside(other, base)) == pytest.approx([0.0, 0.02, 0.03])


def test_only_plans_told_after_the_split_are_judged():
    desk = environments.replay(learning.EAGER)
    desk.run([[BARS]])
    strands = list(desk.wire.strands.values())
    made = report.build(strands, initial_cash=Decimal(100_000), marks={BARS[-1].symbol: BARS[-1].close})
    whole = part.judged(strands, made=made, split=BARS[0].opened_at, initial=Decimal(100_000))
    late = part.judged(strands, made=made, split=BARS[-1].closed_at, initial=Decimal(100_000))
    assert whole.value == pytest.approx(made.money.earned, abs=1e-6)
    assert whole.drawdown == pytest.approx(made.max_drawdown, abs=1e-6)
    assert late.earned == {}
