"""The Feed: where bars come in from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from strands.market.bar import Bar, Timeframe


class Feed(Protocol):
    """What every feed promises; ``tests/conformance/test_feed.py`` holds each to it."""

    @property
    def series(self) -> tuple[tuple[str, Timeframe], ...]:
        """The symbols that come in, each with its timeframe, in alphabetical order."""

    def __iter__(self) -> Iterator[Sequence[Bar]]:
        """Yield batches of closed bars, in order of their close, then of their symbol.

        A moment is never split over two batches, and no bar comes twice. A batch may be empty: nothing has closed
        since the last. A feed that has an end is iterated from its beginning every time.
        """
