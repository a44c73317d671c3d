"""An understanding: what a file's columns, times and numbers were taken for, as a value that can be shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from strands.market.reading import columns, dates, filename, head, headings, numerals
from strands.market.reading.head import Head
from strands.market.reading.sheet import Sheet
from strands.market.reading.table import Table, Typed
from strands.market.reading.told import Told

_DELIMITERS = {"\t": "tab", ";": "semicolon", "|": "bar", ",": "comma", " ": "space"}
#: Headings of hours, whose numbers are not minutes.
MOST_SHOWN = 5
_HOURS = ("hour", "heure", "hora")


@dataclass(frozen=True, slots=True, kw_only=True)
class Understanding:
    """How a file was read; ``columns`` tells for each field under which heading it stands."""

    columns: Mapping[str, str]
    times: str
    numbers: str
    delimiter: str = ""
    symbol: str | None = None
    notes: tuple[str, ...] = field(default=())

    def lines(self) -> list[str]:
        """Return the understanding in words, a line a matter."""
        told = ", ".join(f"{name} = {title}" for name, title in self.columns.items())
        parted = [f"parted by {self.delimiter}"] if self.delimiter else []
        return [*parted, f"columns: {told}", f"times: {self.times}", f"numbers: {self.numbers}", *self.notes]


def understand(
    sheet: Sheet | Typed, *, told: Told, named: filename.Named, symbol: str | None
) -> tuple[Table, Understanding]:
    """Return a sheet's table and how it was read; raises ValueError with what is unclear and the way out."""
    if not sheet.rows:
        raise ValueError("the file is empty")
    found = head.find(sheet.rows)
    if found.start >= len(sheet.rows):
        raise ValueError("the file has a heading and no rows")
    if mine := _wanted([owner for owner in found.owners if owner], symbol):
        found = head.of_one(found, mine)
    chosen = columns.choose(found, sheet.rows, told=told, symbol=symbol or named.symbol)
    places = {*chosen.places.values(), *chosen.extras.values(), chosen.clock, chosen.symbol} - {None}
    cells, lines = sheet.columns(sorted(place for place in places if place is not None), start=found.start)
    cells, lines, which = _one_symbol(cells, lines, chosen.symbol, found, symbol)
    times = _times(cells, chosen, found, told, named)
    nothing = ["0"] * len(lines)
    numbers = [cells[chosen.places[name]] if name in chosen.places else nothing for name in headings.FIELDS[1:]]
    extras = {name: cells[place] for name, place in chosen.extras.items()}
    certain = sheet.delimiter in ("", ",") or found.programs
    written = numerals.decide(numbers, told=told.decimal, certain=certain)
    table = Table(
        [_shown_times(cells, chosen), *(numerals.plain(column, written) for column in numbers)],
        lines,
        {name: numerals.plain(column, written) for name, column in extras.items()},
        times.opened,
    )
    titles = {name: found.titles[place] for name, place in chosen.places.items()}
    if chosen.clock is not None:
        titles["time"] += f" + {found.titles[chosen.clock]}"
    return table, Understanding(
        columns=titles,
        times=times.said,
        numbers=written.why,
        delimiter=_DELIMITERS.get(sheet.delimiter, ""),
        symbol=which,
        notes=chosen.notes,
    )


def _times(
    cells: Mapping[int, list[str]], chosen: columns.Columns, found: Head, told: Told, named: filename.Named
) -> dates.Times:
    clocks: Sequence[str] = ()
    if chosen.clock is not None:
        clocks = cells[chosen.clock]
        if set(found.names[chosen.clock]) & set(_HOURS) and all(cell.isdecimal() for cell in clocks):
            clocks = [f"{cell}:00" for cell in clocks]
    return dates.read(cells[chosen.places["time"]], clocks=clocks, told=told, named=named.dayfirst)


def _shown_times(cells: Mapping[int, list[str]], chosen: columns.Columns) -> list[str]:
    """Return the times as they stand in the file."""
    texts = cells[chosen.places["time"]]
    return texts if chosen.clock is None else [
        f"{day} {clock}" for day, clock in zip(texts, cells[chosen.clock], strict=True)
    ]  # fmt: skip


def _one_symbol(
    cells: dict[int, list[str]], lines: Sequence[int], place: int | None, found: Head, wanted: str | None
) -> tuple[dict[int, list[str]], Sequence[int], str | None]:
    """Return the rows of one symbol and its name; raises ValueError where a file holds several and none was named."""
    if place is None:
        return cells, lines, next(filter(None, found.owners), None)
    mine = _wanted(cells[place], wanted)
    if mine is None or all(cell == mine for cell in cells[place]):
        return cells, lines, mine
    rows = [row for row, cell in enumerate(cells[place]) if cell == mine]
    kept = {each: [column[row] for row in rows] for each, column in cells.items()}
    return kept, [lines[row] for row in rows], mine


def _wanted(told: Sequence[str], wanted: str | None) -> str | None:
    """Return the one symbol that is told, or that of several which is wanted; raises ValueError where none is."""
    several = list(dict.fromkeys(filter(None, told)))
    if len(several) <= 1:
        return several[0] if several else None
    mine = next((each for each in several if wanted and bare(each) == bare(wanted)), None)
    if mine is None:
        shown = ", ".join(several[:MOST_SHOWN]) + (", …" if len(several) > MOST_SHOWN else "")
        raise ValueError(f"symbol: the file holds several, {shown}; name one of them with --symbol")
    return mine


def bare(symbol: str) -> str:
    """Return the letters and digits of a symbol, by which two ways of writing it are one."""
    return "".join(filter(str.isalnum, symbol)).upper()
