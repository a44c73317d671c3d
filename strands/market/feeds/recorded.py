"""Recorded bars: delimited text, gzipped, zipped or plain, Parquet and Feather files."""

from __future__ import annotations

import codecs
import gzip
import io
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import IO, cast

import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet

from strands.market import reader
from strands.market.bar import Bar, Timeframe
from strands.market.reading import filename, understanding
from strands.market.reading.sheet import Sheet
from strands.market.reading.table import Typed
from strands.market.reading.told import Told
from strands.market.reading.understanding import Understanding

BATCH = 4096
GZIP_MAGIC, ZIP_MAGIC = b"\x1f\x8b", b"PK\x03\x04"
#: What a file may hold once unpacked, so that memory stays bounded whatever comes: nine years of minutes.
MOST_BYTES = 512 * 2**20
MOST_ROWS = 5_000_000
LONGEST_LINE = 65_536
_CHUNK = 2**18
_MARKS = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16", codecs.BOM_UTF8: "utf-8-sig"}


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
    path: Path,
    *,
    symbol: str | None = None,
    timeframe: Timeframe | None = None,
    strict: bool = False,
    told: Told | None = None,
) -> reader.Recording:
    """Return what a file holds; symbol and timeframe come from the options, else its name, else its rows.

    Raises ``reader.Unreadable`` for a file that is none of ours, and ``reader.Refused`` for bad rows when ``strict``.
    """
    return understood(path, symbol=symbol, timeframe=timeframe, strict=strict, told=told)[0]


def understood(
    path: Path,
    *,
    symbol: str | None = None,
    timeframe: Timeframe | None = None,
    strict: bool = False,
    told: Told | None = None,
) -> tuple[reader.Recording, Understanding]:
    """Return what a file holds, and how it was read; raises what ``read`` raises."""
    named = filename.read(path.name)
    told = told or Told()
    with _telling_faults(path):
        table, how = understanding.understand(_sheet(path), told=told, named=named, symbol=symbol)
        symbol = symbol or _symbol(named.symbol, how.symbol)
    recording = reader.read(
        table,
        name=path.name,
        symbol=symbol,
        timeframe=timeframe or named.timeframe,
        strict=strict,
        told=told,
        now=datetime.now(UTC),
        notes=how.notes,
    )
    return recording, how


def _symbol(named: str | None, found: str | None) -> str | None:
    """Return the symbol that a file's name and its rows agree on; raises ValueError where they do not."""
    if named and found and understanding.bare(named) != understanding.bare(found):
        raise ValueError(f"symbol: the file's name says {named}, its rows {found}; say which with --symbol")
    return named or found


@contextmanager
def _telling_faults(path: Path) -> Iterator[None]:
    """Turn whatever a file does wrong into one sentence."""
    try:
        yield
    except FileNotFoundError as fault:
        raise reader.Unreadable(str(path), "there is no such file") from fault
    except (IsADirectoryError, PermissionError) as fault:
        raise reader.Unreadable(str(path), f"cannot be opened: {fault.strerror}") from fault
    except (EOFError, zlib.error, gzip.BadGzipFile) as fault:
        raise reader.Unreadable(
            path.name, f"the gzip is broken or cut short ({fault}); fetch the file again"
        ) from fault
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as fault:
        raise reader.Unreadable(path.name, f"the zip cannot be opened ({fault}); fetch the file again") from fault
    except UnicodeDecodeError as fault:
        raise reader.Unreadable(path.name, f"not UTF-8 at byte {fault.start}; save it as UTF-8") from fault
    except pa.ArrowException as fault:
        raise reader.Unreadable(path.name, f"not what its ending says: {str(fault).splitlines()[0]}") from fault
    except ValueError as fault:
        raise reader.Unreadable(path.name, str(fault)) from fault


def _sheet(path: Path) -> Sheet | Typed:
    ending = next((each for each in _OPENERS if path.name.lower().endswith(each)), None)
    if ending is None:
        raise ValueError(f"its ending is not one of {', '.join(_OPENERS)}")
    return _OPENERS[ending](path)


def _delimited(path: Path) -> Sheet:
    encoding = _looked_through(path)

    def lines() -> Iterator[str]:
        with _unpacked(path) as stream, io.TextIOWrapper(stream, encoding=encoding, newline="") as text:
            yield from text

    return Sheet(lines)


@contextmanager
def _unpacked(path: Path) -> Iterator[IO[bytes]]:
    """Open a file's bytes, out of a gzip or a zip that holds one file."""
    with path.open("rb") as raw:
        magic = raw.read(4)
        raw.seek(0)
        if magic == ZIP_MAGIC:
            with zipfile.ZipFile(raw) as archive, archive.open(_only_member(archive)) as member:
                yield member
        elif magic.startswith(GZIP_MAGIC):
            with gzip.GzipFile(fileobj=raw) as unzipped:
                yield cast(IO[bytes], unzipped)
        elif path.suffix.lower() == ".gz" and magic:
            raise gzip.BadGzipFile("it does not start like one")
        elif path.suffix.lower() == ".zip":
            raise zipfile.BadZipFile("it does not start like one")
        else:
            yield raw


def _only_member(archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    """Return the one file of a zip that may hold bars; raises ValueError naming what there is."""
    files = [each for each in archive.infolist() if not each.is_dir() and not each.filename.startswith("__MACOSX")]
    told = [each for each in files if each.filename.lower().endswith(_TEXTS)]
    if len(told) != 1:
        held = ", ".join(each.filename for each in files[:5]) or "nothing"
        raise ValueError(f"the zip holds {len(told)} files of text and must hold one ({held}); unpack it")
    return told[0]


def _looked_through(path: Path) -> str:
    """Read a file once, holding none of it, and return its encoding; raises ValueError for one that is too much."""
    size = rows = open_line = 0
    decoder: codecs.IncrementalDecoder | None = None
    encoding = ""
    with _unpacked(path) as stream:
        while chunk := stream.read(_CHUNK):
            if decoder is None:
                encoding = next((name for mark, name in _MARKS.items() if chunk.startswith(mark)), "utf-8")
                decoder = codecs.getincrementaldecoder(encoding)()
            _decoded(decoder, chunk, size)
            size, rows = size + len(chunk), rows + max(chunk.count(b"\n"), chunk.count(b"\r"))
            open_line = _longest(open_line, chunk)
            _refuse_too_much(size, rows)
    return encoding or "utf-8"


def _refuse_too_much(size: int, rows: int) -> None:
    if size > MOST_BYTES or rows > MOST_ROWS:
        raise ValueError(
            f"it holds more than {MOST_BYTES // 2**20} MiB or {MOST_ROWS:,} rows once unpacked; cut it into files of a "
            "year"
        )


def _decoded(decoder: codecs.IncrementalDecoder, chunk: bytes, before: int) -> None:
    """Decode a chunk to nothing; raises UnicodeDecodeError with the place in the file."""
    pending = len(decoder.getstate()[0])
    try:
        decoder.decode(chunk)
    except UnicodeDecodeError as fault:
        fault.start += before - pending
        raise


def _longest(open_line: int, chunk: bytes) -> int:
    """Return how long the line is that a chunk leaves open; raises ValueError for one that is no line of bars."""
    pieces = chunk.replace(b"\r", b"\n").split(b"\n")
    longest = max(open_line + len(pieces[0]), *map(len, pieces)) if len(pieces) > 1 else open_line + len(chunk)
    if longest > LONGEST_LINE:
        raise ValueError(f"a line is longer than {LONGEST_LINE} characters, which no row of bars is")
    return len(pieces[-1]) if len(pieces) > 1 else open_line + len(chunk)


def _parquet(path: Path) -> Typed:
    with pyarrow.parquet.ParquetFile(path) as file:
        unpacked = sum(file.metadata.row_group(each).total_byte_size for each in range(file.metadata.num_row_groups))
        _refuse_too_much(unpacked, file.metadata.num_rows)
        return Typed(_few(file.iter_batches(batch_size=BATCH), file.schema_arrow))


def _feather(path: Path) -> Typed:
    table = pyarrow.feather.read_table(path, memory_map=True)
    return Typed(_few(iter(table.to_batches(max_chunksize=BATCH)), table.schema))


def _few(batches: Iterator[pa.RecordBatch], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """Yield batches as long as they are not too much, at least an empty one."""
    size = rows = 0
    yield pa.RecordBatch.from_pylist([], schema=schema)
    for batch in batches:
        size, rows = size + batch.nbytes, rows + batch.num_rows
        _refuse_too_much(size, rows)
        yield batch


_TEXTS = (".csv", ".txt", ".tsv")
_OPENERS: dict[str, Callable[[Path], Sheet | Typed]] = {
    **{f"{text}{packed}": _delimited for packed in ("", ".gz", ".zip") for text in _TEXTS},
    ".zip": _delimited,
    ".parquet": _parquet,
    ".feather": _feather,
    ".ftr": _feather,
}
