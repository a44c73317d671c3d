"""A list of instruments is read from CSV, JSON and TOML alike, or refused with what to write."""

from __future__ import annotations

from decimal import Decimal

import pytest

from strands.market.instruments import listed
from strands.market.instruments.instrument import BadInstrument

CSV = "\n".join(["symbol,tick,lot,least_notional", "BTC-PERP,0.5,0.001,10", "PEPE/USDT,1e-10,,"])
JSON = '{"BTC-PERP": {"tick": 0.5, "lot": "0.001", "least_notional": 10}, "PEPE/USDT": {"tick": 1e-10}}'
TOML = '["BTC-PERP"]\ntick = 0.5\nlot = "0.001"\nleast_notional = 10\n["PEPE/USDT"]\ntick = 1e-10\n'


@pytest.mark.parametrize(("name", "text"), [("a.csv", CSV), ("b.json", JSON), ("C.TOML", TOML)])
def test_the_same_list_is_read_the_same_from_every_kind_of_file(name: str, text: str) -> None:
    found = listed.read(name, text)
    assert {symbol: dict(each.told()) for symbol, each in found.items()} == {
        "BTC-PERP": {"tick": Decimal("0.5"), "lot": Decimal("0.001"), "least_notional": Decimal(10)},
        "PEPE/USDT": {"tick": Decimal("1e-10")},
    }


def test_a_number_in_json_keeps_every_digit() -> None:
    found = listed.read("a.json", '{"X": {"tick": 0.1000000000000000055511151231257827}}')
    assert found["X"].tick == Decimal("0.1000000000000000055511151231257827")


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.yaml", "", "name a file ending in .csv, .json, .toml"),
        ("a.csv", "", "it has no column symbol"),
        ("a.csv", "symbol,tick\nX,1,2\n", "line 2 has not as many cells"),
        ("a.csv", "symbol,tick\nX,1\nX,2\n", "X: listed twice"),
        ("a.csv", "symbol,tick\nX,much\n", "X: tick: 'much' is not a number above zero"),
        ("a.csv", "symbol,tikc\nX,1\n", "X: tikc: no value of an instrument"),
        ("a.json", "[1]", "no object of objects"),
        ("a.json", "{", "cannot be read"),
        ("a.toml", "x", "cannot be read"),
    ],
)
def test_a_list_that_is_none_is_refused_with_the_file_and_the_rule(name: str, text: str, said: str) -> None:
    with pytest.raises(BadInstrument) as fault:
        listed.read(name, text)
    assert str(fault.value).startswith(f"{name}: ")
    assert said in str(fault.value)
