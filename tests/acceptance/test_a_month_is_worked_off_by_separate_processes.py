"""A feed far ahead of six processes ends flat or protected; `python -m tests.chaos.backlog` is the long form."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chaos import backlog


@pytest.mark.any_server
@pytest.mark.timeout(600)
def test_it_ends_flat_or_protected_with_no_exit_before_its_entry(bars_folder: Path, tmp_path: Path) -> None:
    counts = backlog.run(tmp_path, [backlog.first(bars_folder / backlog.MONTH, 1_200, tmp_path)], patience=500.0)
    assert backlog.wrong(counts) == {}
    assert counts["bars"] >= 1_200
