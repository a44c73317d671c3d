"""What counts where bars come in may be set there; anything else is refused at once, with the way to say it."""

from __future__ import annotations

import pytest
from django.core.management import CommandError

from tradingops.management import pairs


def test_values_of_instruments_and_numbers_of_the_market_count_where_bars_come_in() -> None:
    given = ["instruments.BRK.B.lot=1", "market.peers_stale_bars=5"]
    assert pairs.at_the_entrance(given) == {"instruments.BRK.B.lot": "1", "market.peers_stale_bars": "5"}


@pytest.mark.parametrize(
    ("pair", "said"),
    [
        ("dm.approve_score=0.8", "manage.py publish dm.approve_score=0.8"),
        ("dm.aprove_score=0.8", "dm.aprove_score: no such setting; known are"),
        ("market.peers_stale_bars=0", "market.peers_stale_bars: '0'"),
        ("instruments.BTC.tikc=1", "tikc: no value of an instrument"),
        ("instruments.BTC.tick=much", "'much' is not a number above zero"),
        ("speed", "say KEY=VALUE"),
    ],
)
def test_what_does_not_count_there_is_refused_with_exit_code_2_and_the_way_out(pair: str, said: str) -> None:
    with pytest.raises(CommandError) as fault:
        pairs.at_the_entrance([pair])
    assert fault.value.returncode == 2
    assert said in str(fault.value)
