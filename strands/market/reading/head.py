"""The head of a sheet: where its bars begin, and what each column is called."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from strands.market.reading import dates, headings, numerals
from strands.market.reading.told import Told

#: Rows above the bars that may hold headings, or something else, such as where the file came from.
MOST_ROWS = 20
#: Fields that a row of headings has columns for, at least.
LEAST_FIELDS = 4
_NUMBER = re.compile(r"[-+]?[$€£¥₿]?\d[\d.,'’\s]*(?:[eE][-+]?\d+)?\s?[KMBTkmbt%]?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """``start`` is the row of the first bar; ``titles`` are the headings as written, ``names`` what they come to.

    ``owners`` are the symbols that a row of headings names, one a column; ``programs`` says that the headings are of a
    kind that only programs write, who write a decimal point.
    """

    start: int
    titles: tuple[str, ...]
    names: tuple[tuple[str, ...], ...]
    owners: tuple[str, ...] = ()
    programs: bool = False


def of_one(found: Head, symbol: str) -> Head:
    """Return the head with the names of those columns only that are of one symbol, or of none."""
    names = [
        several if owner in ("", symbol) else () for several, owner in zip(found.names, found.owners, strict=False)
    ]
    return replace(found, names=(*names, *found.names[len(names) :]), owners=("", symbol))


def find(rows: Sequence[Sequence[str]]) -> Head:
    """Return the head of these rows; without headings its names are empty."""
    top = rows[:MOST_ROWS]
    counts = [headings.recognised(row) for row in top]
    best = max(range(len(top)), key=lambda place: (counts[place], -place))
    if counts[best] < LEAST_FIELDS:
        return _without_headings(rows)
    start = best + 1
    while start < min(len(rows), best + MOST_ROWS) and _goes_on(rows[start]):
        start += 1
    return _named(rows[best], rows[best + 1 : start], start)


def _goes_on(row: Sequence[str]) -> bool:
    """Say whether a row below the headings is one more of them."""
    return not any(re.search(r"\d", cell) for cell in row) or headings.plain(row[0]) in headings.SYMBOL


def _named(row: Sequence[str], more: Sequence[Sequence[str]], start: int) -> Head:
    names = [[headings.plain(cell)] for cell in row]
    titles = [cell.strip() for cell in row]
    if not titles[0]:
        names[0], titles[0] = ["index"], "index"
    owners: list[str] = []
    for below in more:
        if headings.plain(below[0]) in headings.SYMBOL:
            owners = ["", *(cell.strip() for cell in below[1:])]
            continue
        for place, cell in enumerate(below[: len(names)]):
            names[place].append(headings.plain(cell))
            titles[place] = "/".join(filter(None, (titles[place], cell.strip())))
    return Head(
        start=start,
        titles=tuple(titles),
        names=tuple(tuple(filter(None, several)) for several in headings.stripped(names)),
        owners=tuple(owners),
        programs=all(re.fullmatch(r"<\w+>", title) for title in titles),
    )


def _without_headings(rows: Sequence[Sequence[str]]) -> Head:
    width = max(map(len, rows[:MOST_ROWS]))
    start = next((place for place, row in enumerate(rows[:MOST_ROWS]) if _is_bar(row)), None)
    if start is None:
        titles = max(rows[:MOST_ROWS], key=headings.recognised)
        return Head(
            start=min(1, len(rows) - 1),
            titles=tuple(cell.strip() for cell in titles),
            names=tuple((headings.plain(cell),) for cell in titles),
        )
    above = rows[start - 1] if start else []
    if sum(bool(cell.strip()) for cell in above) > LEAST_FIELDS and not any(map(is_number, above)):
        return _named(above, [], start)
    return Head(start=start, titles=tuple(f"column {place}" for place in range(1, width + 1)), names=((),) * width)


def _is_bar(row: Sequence[str]) -> bool:
    cells = [cell.strip() for cell in row]
    numbers = sum(is_number(cell) for cell in cells)
    return numbers >= LEAST_FIELDS and any(dates.kind([cell], Told()) in (dates.Kind.MOMENT, dates.Kind.DAY)
                                           for cell in cells)  # fmt: skip


def is_number(cell: str) -> bool:
    """Say whether a cell looks like a number, whatever its marks mean."""
    return len(cell) <= numerals.LONGEST and _NUMBER.fullmatch(cell) is not None
