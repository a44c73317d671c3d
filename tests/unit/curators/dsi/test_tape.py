"""The tape: windows, tokens in [0, 1], a hash that knows what was said and in what order; absent is absent."""

from __future__ import annotations

import math

import numpy as np
import pytest

from curators.dsi import tape
from curators.dsi.policy import TapePolicy
from tests.unit.curators.dsi import tapes

POLICY = TapePolicy()
#: What only trades or a book can say.
NOT_IN_BARS = {"depth_ratio", "trade_size", "trade_intensity", "trade_aggression", "imbalance_intensity"}
ALL = NOT_IN_BARS | {
    *("bid_ask_spread", "mid_price", "volume_imbalance", "price_impact", "trade_price", "trade_direction"),
    *("volume", "volume_rate", "volume_volatility", "volume_momentum", "spread_volume_ratio"),
    "price_volume_correlation",
}


@pytest.mark.parametrize(("rows", "windows"), [(64, 1), (95, 1), (96, 2), (128, 3)])
def test_windows_of_64_every_32_end_with_the_newest_row(rows, windows):
    read = tape.of_bars(tapes.walk(rows), policy=POLICY)
    assert read.windows.shape[:2] == (windows, 64)
    tokens = list(read.read(step=POLICY.step))
    assert (len(tokens), tokens[-1].timestamp) == (read.tokens, tapes.walk(rows)[-1][0])
    assert [token.window_id for token in tokens[::64]] == list(range(windows))


@pytest.mark.parametrize("numbers", [{"recent": 20}, {"lookback": 65}, {"recent": 21, "lookback": 64}])
def test_spans_that_do_not_fit_into_a_window_are_refused(numbers):
    with pytest.raises(ValueError, match="recent"):
        TapePolicy(**numbers)


def test_fewer_rows_than_a_window_are_no_tape():
    assert tape.of_bars(tapes.walk(63), policy=POLICY) is None
    assert tape.of_bars([], policy=POLICY) is None
    assert tape.of_events(tapes.trades(63), policy=POLICY) is None


def test_every_feature_of_a_token_spans_0_to_1_within_its_window():
    read = tape.of_bars(tapes.walk(), policy=POLICY)
    assert np.nanmin(read.windows, axis=1) == pytest.approx(0.0)
    assert np.nanmax(read.windows, axis=1) == pytest.approx(1.0)


def test_the_hash_is_the_same_for_the_same_rows_and_another_for_another_order_or_row():
    rows = tapes.walk()
    first = tape.of_bars(rows, policy=POLICY).hash
    assert tape.of_bars([list(row) for row in rows], policy=POLICY).hash == first
    swapped = [row[:1] + other[1:] for row, other in zip(rows, [rows[1], rows[0], *rows[2:]], strict=True)]
    changed = [*rows[:-1], [*rows[-1][:5], rows[-1][5] + 10.0]]
    assert len({first, tape.of_bars(swapped, policy=POLICY).hash, tape.of_bars(changed, policy=POLICY).hash}) == 3
    assert len(first) == 64


def test_bars_lack_what_only_trades_and_books_can_say():
    assert set(tape.of_bars(tapes.walk(), policy=POLICY).names) == ALL - NOT_IN_BARS


def test_trades_with_a_book_have_every_feature():
    read = tape.of_events(tapes.trades(book=True), policy=POLICY)
    assert (read.source, set(read.names)) == ("book", ALL)


def test_trades_alone_know_no_spread_and_a_book_alone_no_volume():
    read = tape.of_events(tapes.trades(), policy=POLICY)
    assert read.source == "trades"
    assert {"bid_ask_spread", "depth_ratio"}.isdisjoint(read.names)
    quotes = [{name: row[name] for name in ("ts", "bid", "ask", "bid_size", "ask_size")}
              for row in tapes.trades(book=True)]  # fmt: skip
    assert {"volume", "trade_size", "trade_direction"}.isdisjoint(tape.of_events(quotes, policy=POLICY).names)


def test_an_absent_cell_is_missing_from_its_token_and_never_zero():
    first = next(tape.of_bars(tapes.walk(), policy=POLICY).read(step=POLICY.step))
    # A rate needs a row before, a momentum a whole look back.
    assert {"volume_rate", "volume_momentum"}.isdisjoint(first.features)
    assert all(0.0 <= value <= 1.0 for value in first.features.values())


def test_what_does_not_vary_is_in_the_middle():
    read = tape.of_bars(tapes.bars([100.0] * 64, 5.0), policy=POLICY)
    assert (read.windows[:, :, read.names.index("trade_price")] == 0.5).all()


@pytest.mark.parametrize(
    "bad",
    [
        {4: math.nan}, {5: math.inf}, {4: -1.0}, {5: -1.0}, {0: math.nan}, {2: 1.0}, {4: None}, {4: "dear"},
        {1: 1e9, 2: 1e9, 3: 1e9, 4: 1e9},
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_believed_ends_what_came_before_it(bad):
    rows = tapes.walk(128)
    rows[40] = [bad.get(place, value) for place, value in enumerate(rows[40])]
    read = tape.of_bars(rows, policy=POLICY)
    assert len(read.times) <= 87
    rows[100] = [bad.get(place, value) for place, value in enumerate(rows[100])]
    assert tape.of_bars(rows, policy=POLICY) is None


def test_rows_before_a_step_back_in_time_are_left_out():
    rows = tapes.walk(128)
    rows[30][0] = rows[31][0] + 1.0
    assert len(tape.of_bars(rows, policy=POLICY).times) == 97


def test_a_book_that_is_crossed_ends_what_came_before_it():
    rows = tapes.trades(96, book=True)
    rows[10]["ask"] = rows[10]["bid"] - 1.0
    assert len(tape.of_events(rows, policy=POLICY).times) == 85
