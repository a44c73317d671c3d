"""A list of instruments is read from CSV, JSON, TOML and YAML alike, or refused with what to write."""

from __future__ import annotations

from decimal import Decimal

import pytest

from strands.market.instruments import listed
from strands.market.instruments.instrument import BadInstrument

CSV = "\n".join(["symbol,tick,lot,least_notional", "BTC-PERP,0.5,0.001,10", "PEPE/USDT,1e-10,,"])
JSON = '{"BTC-PERP": {"tick": 0.5, "lot": "0.001", "least_notional": 10}, "PEPE/USDT": {"tick": 1e-10}}'
YAML = "BTC-PERP: {tick: 0.5, lot: '0.001', least_notional: 10}\nPEPE/USDT:\n  tick: 1e-10\n  lot:\n"
ROWS = (
    "- symbol: BTC-PERP\n  tick: 0.5\n  lot: 0.001\n  least_notional: 10\n- {symbol: PEPE/USDT, tick: 1e-10, lot: ~}\n"
)
TOML = '["BTC-PERP"]\ntick = 0.5\nlot = "0.001"\nleast_notional = 10\n["PEPE/USDT"]\ntick = 1e-10\n'


@pytest.mark.parametrize(
    ("name", "text"), [("a.csv", CSV), ("b.json", JSON), ("C.TOML", TOML), ("d.yaml", YAML), ("e.yml", ROWS)]
)
def test_the_same_list_is_read_the_same_from_every_kind_of_file(name: str, text: str) -> None:
    found = listed.read(name, text)
    assert {symbol: dict(each.told()) for symbol, each in found.items()} == {
        "BTC-PERP": {"tick": Decimal("0.5"), "lot": Decimal("0.001"), "least_notional": Decimal(10)},
        "PEPE/USDT": {"tick": Decimal("1e-10")},
    }


def test_a_number_in_json_keeps_every_digit() -> None:
    found = listed.read("a.json", '{"X": {"tick": 0.1000000000000000055511151231257827}}')
    assert found["X"].tick == Decimal("0.1000000000000000055511151231257827")


@pytest.mark.parametrize("tick", ["0.10", "1e-8", "1E-8", "010", "10", "+1.5", "0.1000000000000000055511151231257827"])
def test_a_number_in_yaml_is_what_is_written_and_nothing_that_yaml_makes_of_it(tick: str) -> None:
    assert listed.read("a.yaml", f"X: {{tick: {tick}}}") == listed.read("a.json", f'{{"X": {{"tick": "{tick}"}}}}')


@pytest.mark.parametrize("symbol", ["NO", "ON", "1INCH", "12", "1e3", "2024-01-01", "true"])
def test_a_symbol_in_yaml_is_the_word_that_is_written(symbol: str) -> None:
    assert list(listed.read("a.yaml", f"{symbol}: {{tick: 1}}")) == [symbol]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.txt", "", "name a file ending in .csv, .json, .toml"),
        ("a.csv", "", "it has no column symbol"),
        ("a.csv", "symbol,tick\nX,1,2\n", "line 2 has not as many cells"),
        ("a.csv", "symbol,tick\nX,1\nX,2\n", "X: listed twice"),
        ("a.csv", "symbol,tick\nX,much\n", "X: tick: 'much' is not a number above zero"),
        ("a.csv", "symbol,tikc\nX,1\n", "X: tikc: no value of an instrument"),
        ("a.json", "[1]", "no object of objects"),
        ("a.json", "{", "cannot be read"),
        ("a.toml", "x", "cannot be read"),
        ("a.yaml", "", "no object of objects"),
        ("a.yaml", "X: {tick: [1", "cannot be read"),
        ("a.yaml", "X: !!python/object/apply:os.getcwd []", "cannot be read"),
        ("a.yaml", "X: {tick: yes}", "X: tick: 'yes' is not a number above zero"),
        ("a.yaml", "X: {tick: 1, tick: 2}", "tick comes twice"),
        ("a.yaml", "X: {tick: 1}\nX: {tick: 2}", "X comes twice"),
        ("a.yaml", "- {symbol: X, tick: 1}\n- {symbol: X, tick: 2}", "X: listed twice"),
        ("a.yaml", "- {tick: 1}", "no list of objects with a symbol each"),
        ("a.yaml", "[" * 5_000, "cannot be read"),
        ("a.yaml", "~: {tick: 1}", "names no symbol"),
        ("a.json", '{"X": {"tick": 1, "tick": 2}}', "tick comes twice"),
    ],
)
def test_a_list_that_is_none_is_refused_with_the_file_and_the_rule(name: str, text: str, said: str) -> None:
    with pytest.raises(BadInstrument) as fault:
        listed.read(name, text)
    assert str(fault.value).startswith(f"{name}: ")
    assert said in str(fault.value)
