"""What each column means: which tells the time, which the prices, and which of several volumes was traded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

from strands.market.reading import dates, head, headings
from strands.market.reading.head import Head
from strands.market.reading.told import Told

#: How far money by volume may lie from the price for one to be the money of the other.
NEAR = 5.0
#: Share of a column's cells that must be numbers for it to be one of prices or volumes.
MOST = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """The place of each field's column; ``clock`` is that of the time of day, where it has one of its own."""

    places: Mapping[str, int]
    clock: int | None = None
    symbol: int | None = None
    extras: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


class _Choice:
    """A sheet's head being read."""

    def __init__(self, found: Head, rows: Sequence[Sequence[str]], told: Told, symbol: str | None) -> None:
        self.head, self.told, self.symbol = found, told, symbol
        self.names, self.titles = found.names, found.titles
        self.body = rows[found.start :]
        self.notes: list[str] = []
        self.said = dict(told.columns)

    def cells(self, place: int) -> list[str]:
        return [row[place].strip() if place < len(row) else "" for row in self.body]

    def named(self, name: str) -> int:
        """Return the column that a person names, by heading or number; raises ValueError."""
        for place, title in enumerate(self.titles):
            if title == name or (headings.plain(name) and headings.plain(name) in self.names[place]):
                return place
        if name.isdecimal() and 1 <= int(name) <= len(self.titles):
            return int(name) - 1
        raise ValueError(f"--columns: no column {name!r}; the file has {', '.join(map(repr, self.titles))}")

    def kind(self, place: int) -> dates.Kind | None:
        return dates.kind(self.cells(place), self.told)

    def is_numeric(self, place: int) -> bool:
        cells = [cell for cell in self.cells(place) if cell]
        return sum(map(head.is_number, cells)) > MOST * len(cells)

    def time(self) -> tuple[int, int | None] | None:
        """Return the column of the time, and that of the time of day if there is one."""
        if said := self.said.get("time"):
            several = [self.named(name) for name in said]
            return several[0], several[1] if len(several) > 1 else None
        found = headings.places(self.names, (*headings.OPENING, *headings.TIME))
        kinds = {place: self.kind(place) for place in found}
        moments_ = [place for place in found if kinds[place] is dates.Kind.MOMENT]
        days = [place for place in found if kinds[place] is dates.Kind.DAY]
        named = headings.places(self.names, headings.CLOCK)
        clocks = [place for place in named if self.kind(place) is dates.Kind.CLOCK]
        self._tell_unread(found, [*moments_, *days, *clocks])
        if moments_:
            certain = [place for place in moments_ if dates.is_certain(self.cells(place))]
            return (certain or moments_)[0], None
        if days:
            return days[0], clocks[0] if clocks else None
        # Nothing reads: the first by name is kept, so that its rows say what stands there.
        return (found[0], None) if found else None

    def _tell_unread(self, found: Sequence[int], read: Sequence[int]) -> None:
        if read:
            self.notes += [f"column {self.titles[place]!r} reads as no time" for place in found if place not in read]

    def price(self, name: str) -> int | None:
        if said := self.said.get(name):
            return self.named(said[0])
        found = headings.places(self.names, headings.PRICES[name])
        return next(filter(self.is_numeric, found), found[0] if found else None)

    def volume(self, close: int | None) -> int | None:
        if said := self.said.get("volume"):
            return self.named(said[0])
        base, quote = self._volumes()
        if base and quote and close is not None and self._is_swapped(base[0], quote[0], close):
            self.notes.append(f"{self.titles[quote[0]]!r} is what was traded, {self.titles[base[0]]!r} its money")
            base, quote = quote, base
        ticks = headings.places(self.names, headings.TICKS)
        found = [place for place in (*base, *ticks) if self.is_numeric(place)] or base
        chosen = next((place for place in found if not self._is_zero(place)), found[0] if found else None)
        if chosen is not None and quote:
            self.notes.append(f"{self.titles[quote[0]]!r} is money, not what was traded")
        if chosen is not None and chosen in ticks:
            self.notes.append(f"{self.titles[chosen]!r} counts changes of price: nobody told what was traded")
        return chosen

    def _volumes(self) -> tuple[list[int], list[int]]:
        """Return the columns of what was traded, the best first, and of the money it was traded for."""
        base = headings.places(self.names, headings.VOLUME)
        quote = headings.places(self.names, headings.QUOTE_VOLUME)
        others: list[int] = []
        for place, several in enumerate(self.names):
            for name in several:
                word, _, currency = name.partition("_")
                if word not in ("volume", "vol") or not currency or place in (*base, *quote):
                    continue
                (quote if self._is_quote(currency.upper()) else others).append(place)
        return [*base, *others], quote

    def _is_quote(self, currency: str) -> bool:
        symbol = (self.symbol or "").upper()
        coin = headings.QUOTES.index("CURRENCY") if currency in headings.QUOTES else 0
        if currency not in headings.QUOTES or symbol.startswith(currency):
            return False
        return headings.QUOTES.index(currency) <= coin or currency in symbol[1:]

    def _is_swapped(self, base: int, quote: int, close: int) -> bool:
        rows = [[_loose(cell) for cell in row] for row in zip(*map(self.cells, (base, quote, close)), strict=True)]
        shares = [(two / one, price) for one, two, price in rows if one > 0 and two > 0 and price > 0]
        if not shares:
            return False
        share, price = median(each[0] for each in shares), median(each[1] for each in shares)
        return not price / NEAR < share < price * NEAR and price / NEAR < 1 / share < price * NEAR

    def _is_zero(self, place: int) -> bool:
        return all(_loose(cell) == 0 for cell in self.cells(place))


def _loose(cell: str) -> float:
    try:
        return float(cell.replace(",", ""))
    except ValueError:
        return 0.0


def choose(found: Head, rows: Sequence[Sequence[str]], *, told: Told, symbol: str | None) -> Columns:
    """Return which column is which; raises ``headings.UnknownColumns`` and, for ``--columns``, ValueError."""
    if not any(found.names) and not told.columns:
        return _by_place(found, rows, told)
    choice = _Choice(found, rows, told, symbol)
    time = choice.time()
    prices = {name: choice.price(name) for name in headings.PRICES}
    volume = None if told.counts_nothing else choice.volume(prices["close"])
    places = {"time": time[0] if time else None, **prices, "volume": volume}
    if told.counts_nothing:
        del places["volume"]
    if missing := [name for name, place in places.items() if place is None]:
        raise headings.UnknownColumns(missing, found.titles, hint=_hint(choice, missing))
    symbols = [place for place in headings.places(found.names, headings.SYMBOL) if place not in places.values()]
    return Columns(
        places={name: place for name, place in places.items() if place is not None},
        clock=time[1] if time else None,
        symbol=symbols[0] if symbols else None,
        extras=headings.extras(found.titles),
        notes=tuple(choice.notes),
    )


def _hint(choice: _Choice, missing: Sequence[str]) -> str:
    closing = headings.places(choice.names, headings.CLOSING)
    if "time" in missing and closing:
        return f" ({choice.titles[closing[0]]!r} says when a bar closed, not when it opened)"
    _, quote = choice._volumes()
    if "volume" in missing and quote:
        return f" ({choice.titles[quote[0]]!r} is money, not what was traded)"
    return ""


def _by_place(found: Head, rows: Sequence[Sequence[str]], told: Told) -> Columns:
    """Return the columns of a sheet without headings: time, perhaps time of day, open, high, low, close, volume."""
    choice = _Choice(found, rows, told, None)
    width = len(found.titles)
    kinds = [choice.kind(place) for place in range(width)]
    time = next((place for place, kind in enumerate(kinds) if kind in (dates.Kind.MOMENT, dates.Kind.DAY)), None)
    if time is None:
        raise headings.UnknownColumns(list(headings.FIELDS), found.titles)
    paired = kinds[time] is dates.Kind.DAY and time + 1 < width and kinds[time + 1] is dates.Kind.CLOCK
    first = time + (2 if paired else 1)
    numbers = headings.FIELDS[1:]
    if width < first + len(numbers):
        raise headings.UnknownColumns([*numbers[width - first :]], found.titles)
    places = {"time": time, **{name: first + nth for nth, name in enumerate(numbers)}}
    return Columns(
        places=places,
        clock=time + 1 if paired else None,
        notes=("no headings: read by place as time, open, high, low, close, volume",),
    )
