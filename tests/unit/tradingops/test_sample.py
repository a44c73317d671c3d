"""The sample month is one that the quickstart runs on."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from strands.market.feeds import recorded
from tests import reference


def sample(folder: Path, **options: object) -> Path:
    call_command("sample", folder=folder, stdout=StringIO(), **options)
    (path,) = folder.iterdir()
    return path


def test_it_is_a_whole_month_of_bars_that_are_read_without_a_word(tmp_path: Path):
    recording = recorded.read(sample(tmp_path))
    assert len(recording.bars) == 31 * 1440
    assert (recording.bars[0].opened_at, recording.bars[-1].closed_at) == (
        datetime(2024, 1, 1, tzinfo=UTC),
        datetime(2024, 2, 1, tzinfo=UTC),
    )
    assert (recording.bad, recording.gaps, recording.summary()) == ([], [], [])


def test_it_is_the_same_every_time_and_another_with_another_seed(tmp_path: Path):
    made = []
    for place, seed in enumerate((1, 1, 2)):
        folder = tmp_path / str(place)
        folder.mkdir()
        made.append(recorded.read(sample(folder, timeframe="1h", month="2024-02", seed=seed)).bars)
    assert len(made[0]) == 29 * 24
    assert made[0] == made[1] != made[2]


def test_the_quickstart_names_the_file_that_it_writes(tmp_path: Path):
    text = (reference.DOCS / "quickstart.md").read_text()
    assert "manage.py sample\n" in text
    assert set(re.findall(r"[\w-]+\.csv\.gz", text)) == {sample(tmp_path).name}


def test_a_folder_that_is_not_there_and_a_month_that_is_none_are_told(tmp_path: Path):
    with pytest.raises(CommandError, match=r"--folder: .* cannot be written"):
        call_command("sample", folder=tmp_path / "none", timeframe="1d")
    with pytest.raises(CommandError, match="--month: '2024-13' is no month"):
        call_command("sample", month="2024-13")
