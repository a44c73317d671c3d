"""Sources as people name them: ``sim``, ``ccxt:ID`` and files of bars."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from strands.market import reader
from strands.market.bar import Timeframe
from strands.market.feed import Feed
from strands.market.feeds import exchange, recorded, simulated
from strands.market.reading.told import Told

SIMULATED, EXCHANGE = "sim", "ccxt:"
LONGEST_SYMBOL = 64
DEFAULT_SYMBOLS = ("BTC-PERP", "ETH-PERP", "SOL-PERP")


class BadSource(ValueError):
    """A source cannot be opened as it was named."""


@dataclass(frozen=True, kw_only=True)
class World:
    """What feeds are handed of the world they run in.

    ``start`` is the first moment of a simulated market, ``after`` the last known close by symbol.
    """

    start: datetime
    seed: int
    clock: Callable[[], datetime]
    wait: Callable[[float], bool]
    after: Mapping[str, datetime] = field(default_factory=dict)
    simulation: simulated.SimulationPolicy = field(default_factory=simulated.SimulationPolicy)
    polling: exchange.ExchangePolicy = field(default_factory=exchange.ExchangePolicy)


def is_endless(source: str) -> bool:
    """Say whether a source never ends by itself."""
    return source == SIMULATED or source.startswith(EXCHANGE)


def open_all(
    sources: Sequence[str],
    *,
    symbols: Sequence[str],
    timeframe: Timeframe | None,
    world: World,
    told: Told | None = None,
) -> list[Feed]:
    """Return a feed for each source; symbols name the files' in their order, or those of the one other source.

    ``told`` is what a person says of the files where they leave it open.
    Raises BadSource, ``reader.Unreadable``, ``exchange.NotInstalled`` and ``exchange.Unavailable``.
    """
    refuse_odd_names(symbols)
    files = [source for source in sources if not is_endless(source)]
    others = [source for source in sources if is_endless(source)]
    if (files and others) or len(others) > 1:
        raise BadSource(
            f"sources: {', '.join(sources)} do not go together; name files, or one of {SIMULATED} and {EXCHANGE}ID"
        )
    if others:
        return [_endless(others[0], symbols, timeframe or Timeframe.M1, world)]
    return list(recorded_feeds(read_all(files, symbols=symbols, timeframe=timeframe, told=told)))


def recorded_feeds(recordings: Sequence[reader.Recording]) -> list[recorded.Recorded]:
    """Return one feed a symbol, in alphabetical order; several recordings of a symbol follow each other."""
    by_symbol: dict[str, list[reader.Recording]] = {}
    for each in recordings:
        by_symbol.setdefault(each.symbol, []).append(each)
    return [recorded.Recorded(*by_symbol[symbol]) for symbol in sorted(by_symbol)]


def read_all(
    files: Sequence[str],
    *,
    symbols: Sequence[str],
    timeframe: Timeframe | None,
    strict: bool = False,
    told: Told | None = None,
) -> list[reader.Recording]:
    """Return the recording of each file; raises BadSource for symbols that do not match, or bars that came twice."""
    refuse_odd_names(symbols)
    if symbols and len(symbols) != len(files):
        raise BadSource(
            f"symbol: {len(symbols)} named for {len(files)} files; name one a file, in their order, or none"
        )
    named: Sequence[str | None] = symbols or [None] * len(files)
    read = [
        recorded.read(Path(file), symbol=symbol, timeframe=timeframe, strict=strict, told=told)
        for file, symbol in zip(files, named, strict=True)
    ]
    _refuse_overlaps(read)
    return read


def refuse_odd_names(symbols: Sequence[str]) -> None:
    """Raise BadSource for a symbol that no exchange could have, and that would break a line or a page."""
    for symbol in symbols:
        if not symbol.isprintable() or not symbol.strip() or symbol != symbol.strip() or len(symbol) > LONGEST_SYMBOL:
            raise BadSource(
                f"symbol: {symbol[:80]!r} is no symbol; give 1 to {LONGEST_SYMBOL} printable characters without a line "
                "break, and no space at an end, as in BTC-PERP"
            )


def _refuse_overlaps(recordings: Sequence[reader.Recording]) -> None:
    """Recordings of one symbol are of one timeframe, and none holds a bar that another has."""
    for place, one in enumerate(recordings):
        for other in recordings[place + 1 :]:
            if one.symbol != other.symbol:
                continue
            if one.timeframe is not other.timeframe:
                raise BadSource(
                    f"{other.name}: {one.symbol} comes as {one.timeframe} from {one.name} already; name one of them"
                )
            if one.bars[0].opened_at <= other.bars[-1].opened_at and other.bars[0].opened_at <= one.bars[-1].opened_at:
                raise BadSource(f"{other.name}: its bars of {one.symbol} overlap with those of {one.name}; name one")


def _endless(source: str, symbols: Sequence[str], timeframe: Timeframe, world: World) -> Feed:
    if source == SIMULATED:
        return simulated.Simulated(
            [symbol.upper() for symbol in symbols] or DEFAULT_SYMBOLS,
            start=world.start,
            seed=world.seed,
            timeframe=timeframe,
            policy=world.simulation,
        )
    if not symbols:
        raise BadSource(f"symbol: {source} needs to know which; name them with --symbol, as in BTC/USDT")
    client, transient = exchange.connect(source.removeprefix(EXCHANGE))
    return exchange.Exchange(
        client,
        symbols,
        timeframe=timeframe,
        clock=world.clock,
        wait=world.wait,
        after=world.after,
        transient=transient,
        policy=world.polling,
    )
