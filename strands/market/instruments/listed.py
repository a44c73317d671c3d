"""Instruments as people list them: the text of a CSV, JSON or TOML file."""

from __future__ import annotations

import csv
import io
import json
import tomllib
from collections.abc import Mapping
from typing import Any

from strands.market.instruments.instrument import VALUES, BadInstrument, Instrument, Source, made

SYMBOL = "symbol"
#: How each kind of file begins to be read, by the end of its name.
ENDINGS = (".csv", ".json", ".toml")


def read(name: str, text: str) -> dict[str, Instrument]:
    """Return the instruments of a file by symbol: a table with a column ``symbol``, or an object a symbol.

    Raises BadInstrument for a file of another kind, and for what is no instrument.
    """
    ending = next((each for each in ENDINGS if name.lower().endswith(each)), None)
    if ending is None:
        raise BadInstrument(f"{name}: no list of instruments; name a file ending in {', '.join(ENDINGS)}")
    try:
        rows = _rows(ending, text)
    except ValueError as fault:
        raise BadInstrument(f"{name}: cannot be read ({fault}); write {_EXAMPLES[ending]}") from None
    found: dict[str, Instrument] = {}
    for symbol, values in rows:
        if symbol in found:
            raise BadInstrument(f"{name}: {symbol}: listed twice; leave one out")
        try:
            found[symbol] = made(symbol, values, source=Source.FILE)
        except BadInstrument as fault:
            raise BadInstrument(f"{name}: {fault}") from None
    return found


_EXAMPLES = {
    ".csv": "symbol,tick,lot and a row an instrument",
    ".json": '{"BTC-PERP": {"tick": "0.5", "lot": "0.001"}}',
    ".toml": '[BTC-PERP] and below it tick = "0.5"',
}


def _rows(ending: str, text: str) -> list[tuple[str, Mapping[str, Any]]]:
    if ending == ".csv":
        return _of_csv(text)
    # Numbers stay text, so that no digit is lost between a file and an instrument.
    told: Any = json.loads(text, parse_float=str) if ending == ".json" else tomllib.loads(text, parse_float=str)
    if not isinstance(told, dict) or not all(isinstance(each, dict) for each in told.values()):
        raise ValueError("it is no object of objects")
    return list(told.items())


def _of_csv(text: str) -> list[tuple[str, Mapping[str, Any]]]:
    table = csv.DictReader(io.StringIO(text, newline=""), skipinitialspace=True, strict=True)
    headings = [(name or "").strip().lower() for name in table.fieldnames or ()]
    table.fieldnames = headings
    if SYMBOL not in headings:
        raise ValueError(f"it has no column {SYMBOL}; columns are {SYMBOL}, {', '.join(VALUES)}")
    rows: list[tuple[str, Mapping[str, Any]]] = []
    try:
        for row in table:
            if None in row or None in row.values():
                raise ValueError(f"line {table.line_num} has not as many cells as the heading")
            cells = {name: cell.strip() for name, cell in row.items()}
            symbol = cells.pop(SYMBOL)
            if not symbol:
                raise ValueError(f"line {table.line_num} names no symbol")
            rows.append((symbol, cells))
    except csv.Error as fault:
        raise ValueError(f"line {table.line_num}: {fault}") from None
    return rows
