"""Files of the makers that people have them from are read as they are."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from strands.market.bar import Timeframe
from strands.market.feeds import recorded
from strands.market.reading import told
from tests import reference
from tests.unit.strands.market import makers

PAGE = reference.DOCS / "reference" / "files.md"


def read(folder: Path, maker: makers.Maker):
    content = maker.write(maker.rows)
    path = folder / maker.file
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    options = dict(maker.options)
    symbol = options.pop("symbol", None)
    return recorded.read(path, symbol=symbol, told=told.parse(**options))


@pytest.mark.parametrize("maker", makers.MAKERS, ids=lambda maker: maker.name)
def test_a_makers_file_is_read_as_it_is(tmp_path: Path, maker: makers.Maker):
    recording = read(tmp_path, maker)
    assert recording.symbol == maker.symbol
    assert recording.timeframe is Timeframe.of_seconds(int(maker.step.total_seconds()))
    assert [bar.opened_at for bar in recording.bars] == [row.at for row in maker.rows]
    assert [tuple(map(Decimal, bar[3:8])) for bar in recording.bars] == [
        tuple(map(Decimal, row[1:])) for row in maker.rows
    ]


def test_every_maker_is_on_the_page_and_every_maker_there_has_a_sample():
    section = PAGE.read_text().partition("## Makers")[2].partition("\n## ")[0]
    listed = [line.split("|")[1].strip() for line in section.splitlines() if line.startswith("| ")][1:]
    assert listed == sorted((maker.name for maker in makers.MAKERS), key=str.lower)
    assert len(listed) >= 20
