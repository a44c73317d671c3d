"""Desks in memory for benchmarks, over recorded bars or simulated ones."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

#: The folder of recorded bars, when there is one; and the file that is one feed of one month of minutes.
FOLDER, MONTH = "TRADINGOPS_BARS", "BTC-PERP_1m_2022-01.csv.gz"


def ready() -> None:
    """Set Django up, which the desk's settings need."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tradingops.settings")
    django.setup()


def bars_of(file: Path) -> list[Any]:
    """Return the bars of a recorded file."""
    from strands.market.feeds import recorded

    return list(recorded.read(file).bars)


def feeds(files: Sequence[Path], *, bars: int) -> list[list[Any]]:
    """Return the first ``bars`` bars of each file; without files those of the recorded month, else simulated ones."""
    ready()
    folder = os.environ.get(FOLDER)
    if not files and folder and (Path(folder) / MONTH).exists():
        files = [Path(folder) / MONTH]
    if files:
        return [bars_of(file)[:bars] for file in files]
    return [_simulated(bars)]


def _simulated(bars: int) -> list[Any]:
    from strands.market.feeds import simulated

    batches = simulated.Simulated(["BTC-SIM"], start=datetime(2024, 1, 1, tzinfo=UTC))
    return list(islice((bar for batch in batches for bar in batch), bars))


def replayed(feeds: Sequence[list[Any]], *, keep_bars: bool = False, settings: Mapping[str, Any] | None = None) -> Any:
    """Return a desk after it has played these feeds of bars to their end."""
    ready()
    from tradingops import environments

    desk = environments.replay(settings, keep_bars=keep_bars)
    desk.run([[bars] for bars in feeds])
    return desk
