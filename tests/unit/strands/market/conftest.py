"""Real recordings, where there are some."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from strands.market import reader
from strands.market.feeds import recorded


@pytest.fixture(scope="session")
def real_recordings() -> list[reader.Recording]:
    """Recordings of real markets in the folder that TRADINGOPS_BARS names."""
    folder = os.environ.get("TRADINGOPS_BARS")
    if not folder:
        pytest.skip("TRADINGOPS_BARS names no folder of recorded bars")
    return [recorded.read(path) for path in sorted(Path(folder).glob("*.csv.gz"))]
