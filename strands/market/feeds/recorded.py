"""Recorded bars: CSV, CSV.gz, Parquet and Feather files."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from pathlib import Path

import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet

from strands.market import filename, reader, table
from strands.market.bar import Bar, Timeframe

BATCH = 4096
GZIP_MAGIC = b"\x1f\x8b"


class Recorded:
    """A feed of the bars of one symbol, in order, from one recording or several."""

    def __init__(self, *recordings: reader.Recording, batch: int = BATCH) -> None:
        self.recordings = sorted(recordings, key=lambda each: each.bars[0].opened_at)
        self.symbol, self.timeframe, self.batch = recordings[0].symbol, recordings[0].timeframe, batch
        self.bars = list(chain.from_iterable(each.bars for each in self.recordings))

    @property
    def series(self) -> tuple[tuple[str, Timeframe], ...]:
        return ((self.symbol, self.timeframe),)

    def __iter__(self) -> Iterator[Sequence[Bar]]:
        for start in range(0, len(self.bars), self.batch):
            yield self.bars[start : start + self.batch]


def read(
    path: Path, *, symbol: str | None = None, timeframe: Timeframe | None = None, strict: bool = False
) -> reader.Recording:
    """Return what a file holds; symbol and timeframe come from the options, else its name, else its rows.

    Raises ``reader.Unreadable`` for a file that is none of ours, and ``reader.Refused`` for bad rows when ``strict``.
    """
    named = filename.read(path.name)
    return reader.read(
        _table(path),
        name=path.name,
        symbol=symbol or named.symbol,
        timeframe=timeframe or named.timeframe,
        strict=strict,
    )


def _table(path: Path) -> table.Table:
    open_ = _opener(path)
    try:
        return open_(path)
    except FileNotFoundError as fault:
        raise reader.Unreadable(str(path), "there is no such file") from fault
    except (IsADirectoryError, PermissionError) as fault:
        raise reader.Unreadable(str(path), f"cannot be opened: {fault.strerror}") from fault
    except (EOFError, zlib.error, gzip.BadGzipFile) as fault:
        raise reader.Unreadable(
            path.name, f"the gzip is broken or cut short ({fault}); fetch the file again"
        ) from fault
    except UnicodeDecodeError as fault:
        raise reader.Unreadable(path.name, f"not UTF-8 at byte {fault.start}; save it as UTF-8") from fault
    except pa.ArrowException as fault:
        raise reader.Unreadable(path.name, f"not what its ending says: {str(fault).splitlines()[0]}") from fault
    except ValueError as fault:
        raise reader.Unreadable(path.name, str(fault)) from fault


def _opener(path: Path) -> Callable[[Path], table.Table]:
    ending = next((each for each in _OPENERS if path.name.lower().endswith(each)), None)
    if ending is None:
        raise reader.Unreadable(path.name, f"its ending is not one of {', '.join(_OPENERS)}")
    return _OPENERS[ending]


def _csv(path: Path) -> table.Table:
    content = path.read_bytes()
    if content.startswith(GZIP_MAGIC):
        content = gzip.decompress(content)
    elif path.suffix.lower() == ".gz" and content:
        raise gzip.BadGzipFile("it does not start like one")
    return table.of_csv(content.decode("utf-8-sig"))


def _parquet(path: Path) -> table.Table:
    return table.of_arrow(pyarrow.parquet.read_table(path))


def _feather(path: Path) -> table.Table:
    return table.of_arrow(pyarrow.feather.read_table(path))


_OPENERS: dict[str, Callable[[Path], table.Table]] = {
    ".csv": _csv,
    ".csv.gz": _csv,
    ".parquet": _parquet,
    ".feather": _feather,
    ".ftr": _feather,
}
