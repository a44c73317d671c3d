"""Instruments as people list them: the text of a CSV, JSON, TOML or YAML file."""

from __future__ import annotations

import csv
import io
import json
import tomllib
from collections.abc import Iterable, Mapping
from typing import Any

import yaml

from strands.market.instruments.instrument import VALUES, BadInstrument, Instrument, Source, made

SYMBOL = "symbol"
#: How each kind of file begins to be read, by the end of its name.
ENDINGS = (".csv", ".json", ".toml", ".yaml", ".yml")
_YAML = (".yaml", ".yml")


def read(name: str, text: str) -> dict[str, Instrument]:
    """Return the instruments of a file by symbol: rows that each name a ``symbol``, or an object a symbol.

    Raises BadInstrument for a file of another kind, and for what is no instrument.
    """
    ending = next((each for each in ENDINGS if name.lower().endswith(each)), None)
    if ending is None:
        raise BadInstrument(f"{name}: no list of instruments; name a file ending in {', '.join(ENDINGS)}")
    try:
        rows = _rows(ending, text)
    except (ValueError, yaml.YAMLError, RecursionError) as fault:
        said = " ".join(str(fault).split())
        raise BadInstrument(f"{name}: cannot be read ({said}); write {_EXAMPLES[ending]}") from None
    found: dict[str, Instrument] = {}
    for symbol, values in rows:
        if not isinstance(symbol, str) or not symbol.strip():
            raise BadInstrument(f"{name}: an entry names no symbol; write {_EXAMPLES[ending]}")
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
    **dict.fromkeys(_YAML, "BTC-PERP: and below it, indented, tick: 0.5"),
}


def _rows(ending: str, text: str) -> list[tuple[str, Mapping[str, Any]]]:
    if ending == ".csv":
        return _of_csv(text)
    # Numbers stay text, so that no digit is lost between a file and an instrument.
    if ending == ".json":
        told: Any = json.loads(text, parse_float=str, parse_int=str, object_pairs_hook=_once)
    elif ending == ".toml":
        told = tomllib.loads(text, parse_float=str)
    else:
        told = yaml.load(text, Loader=_AsWritten)  # noqa: S506  (a SafeLoader)
    if isinstance(told, list) and all(isinstance(each, dict) and each.get(SYMBOL) for each in told):
        return [(str(each[SYMBOL]), {name: each[name] for name in each if name != SYMBOL}) for each in told]
    if not isinstance(told, dict) or not all(isinstance(each, dict) for each in told.values()):
        raise ValueError(f"it is no object of objects, and no list of objects with a {SYMBOL} each")
    return list(told.items())


def _once(pairs: Iterable[tuple[Any, Any]]) -> dict[Any, Any]:
    """Return an object of pairs; raises ValueError for a name that comes twice, of which one would be lost."""
    found: dict[Any, Any] = {}
    for name, value in pairs:
        if name in found:
            raise ValueError(f"{name} comes twice; leave one out")
        found[name] = value
    return found


class _AsWritten(yaml.SafeLoader):
    """YAML whose scalars are text as it was written: 0.10 keeps its zero, 1e-8 is a number, and NO is a symbol."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        """Return a mapping of which no key comes twice."""
        own = [self.construct_object(key, deep=True) for key, _ in node.value if key.tag != _MERGE]
        _once((str(key), None) for key in own)
        return super().construct_mapping(node, deep=deep)


_NULL, _MERGE = "tag:yaml.org,2002:null", "tag:yaml.org,2002:merge"
_AsWritten.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag in (_NULL, _MERGE)]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


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
