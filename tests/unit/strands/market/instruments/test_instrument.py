"""An instrument is read as anybody writes it, laid over another value by value, and refused by name and rule."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strands.market.instruments import catalog
from strands.market.instruments.instrument import (
    VALUES,
    BadInstrument,
    Instrument,
    Sort,
    Source,
    instrument_from,
    laid,
    made,
)

steps = st.builds(lambda digits, exponent: Decimal(digits).scaleb(exponent), st.integers(1, 999), st.integers(-12, 12))
told = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(("tick", "lot", "contract_size"), steps),
        **dict.fromkeys(("base", "quote", "fee_class", "session_grid"), st.sampled_from(["BTC", "24x7"])),
        "kind": st.sampled_from(Sort),
        "least_notional": steps,
    },
)
sources = st.sampled_from(Source)


@given(told, sources)
def test_it_comes_back_from_json_with_every_digit_and_its_sources(values: dict[str, Any], source: Source) -> None:
    made_of = made("PEPE", values, source=source)
    assert instrument_from(json.loads(json.dumps(made_of.to_json()))) == made_of
    assert dict(made_of.told()) == values
    assert made_of.sources == dict.fromkeys(values, source)


@given(told, told)
def test_what_is_laid_over_counts_where_it_tells_something(under: dict[str, Any], over: dict[str, Any]) -> None:
    found = laid(made("X", under, source=Source.EXCHANGE), made("X", over, source=Source.FILE))
    assert isinstance(found, Instrument)
    assert dict(found.told()) == {**under, **over}
    assert {name for name, source in found.sources.items() if source is Source.FILE} == set(over)


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"tick": "0"}, "X: tick: '0' is not a number above zero"),
        ({"lot": "nan"}, "X: lot: 'nan' is not a number above zero"),
        ({"lot": "1e999"}, "X: lot: '1e999' is not a number above zero"),
        ({"least_notional": "-1"}, "X: least_notional: '-1' is not a number of zero or more"),
        ({"kind": "swap"}, "X: kind: 'swap' is not one of spot, perpetual, future, fx, stock"),
        ({"tikc": "1"}, "X: tikc: no value of an instrument; it has base, quote"),
        ({"tick": True}, "X: tick: True is not a number"),
        ({"base": "A\x00B"}, "X: base: 'A\\x00B' is not text"),
        ({"least_quantity": 2, "greatest_quantity": 1}, "X: least_quantity: 2 is above greatest_quantity 1"),
    ],
)
def test_a_value_that_no_instrument_has_is_refused_by_name_value_and_rule(values: dict[str, Any], named: str) -> None:
    with pytest.raises(BadInstrument) as fault:
        made("X", values, source=Source.FILE)
    assert str(fault.value).startswith(named)


@pytest.mark.parametrize("kept", [{}, {"symbol": "X"}, {"symbol": "X", "tick": "1", "sources": {}}])
def test_what_tells_no_sources_is_no_instrument(kept: dict[str, Any]) -> None:
    with pytest.raises(BadInstrument):
        instrument_from(kept)


def test_a_setting_names_a_symbol_with_dots_and_slashes_and_one_value() -> None:
    found = catalog.asked(
        {"instruments.BRK.B.tick": "0.01", "instruments.BTC/USDT:USDT.lot": "0.001", "dm.max_exposure": "0.3"}
    )
    assert found["BRK.B"].tick == Decimal("0.01")
    assert found["BTC/USDT:USDT"].lot == Decimal("0.001")
    assert set(found) == {"BRK.B", "BTC/USDT:USDT"}
    assert found["BRK.B"].sources == {"tick": Source.SETTING}


def test_a_setting_without_a_value_is_refused_with_the_way_out() -> None:
    with pytest.raises(BadInstrument, match=r"say instruments\.SYMBOL\.tick"):
        catalog.asked({"instruments.tick": "1"})


def test_settings_count_before_a_file_and_that_before_an_exchange() -> None:
    of_exchange = made("X", {"tick": 1, "lot": 1, "base": "A"}, source=Source.EXCHANGE)
    of_file = made("X", {"tick": 2, "lot": 2}, source=Source.FILE)
    of_setting = made("X", {"tick": 3}, source=Source.SETTING)
    known = catalog.lookup(asked={"X": of_setting}, listed={"X": of_file}, exchange={"X": of_exchange}.get)
    found = known("X")
    assert found is not None
    assert (found.tick, found.lot, found.base) == (3, 2, "A")
    assert {name: str(source) for name, source in found.sources.items()} == {
        "tick": "setting",
        "lot": "file",
        "base": "exchange",
    }
    assert known("Y") is None


def test_the_names_of_values_are_those_that_the_wire_declares() -> None:
    from strands.kinds import market

    assert {"symbol", "sources", *VALUES} == market.Instrument.__annotations__.keys()
