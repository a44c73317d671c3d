"""Which processes make a desk."""

from typing import Any

import pytest

from tradingops.management import processes


def desk(**given: Any) -> list[list[str]]:
    """The processes' names and arguments, from the command on; drafts are tried beside every desk that stays."""
    nothing = {"feed": None, "symbol": [], "timeframe": None, "speed": None, "once": False}
    found = [list(child.command[2:]) for child in processes.desk({**nothing, **given})]
    assert (["try_drafts"] in found) is not given.get("once", False)
    return [each for each in found if each != ["try_drafts"]]


def test_with_nothing_said_a_few_simulated_symbols_run_at_a_speed_one_can_watch():
    (feed,) = desk()
    assert feed[:2] == ["feed", "sim"]
    assert feed[feed.index("--speed") + 1] == processes.DEFAULT_SPEED
    assert set(processes.DEFAULT_SYMBOLS) < set(feed)
    assert "--drain" in feed


def test_a_recorded_market_is_told_as_it_was_recorded():
    (feed,) = desk(feed=["bars.csv"], symbol=["BTC-PERP"], timeframe="1m", speed="max", once=True)
    assert feed[:2] == ["feed", "bars.csv"]
    assert " ".join(feed[2:]) == "--symbol BTC-PERP --timeframe 1m --speed max --drain --once"


def test_a_file_that_tells_its_own_symbol_is_asked_for_none():
    assert desk(feed=["bars.csv"]) == [["feed", "bars.csv", "--drain"]]


def test_an_exchange_does_not_wait_for_the_modules():
    feed, modules = desk(feed=["ccxt:kraken"], symbol=["BTC/USD"])
    assert "--drain" not in feed
    assert modules == ["run_module", "--all"]


@pytest.mark.parametrize("source", ["bars.csv", "ccxt:kraken"])
def test_once_lets_the_modules_finish_after_the_feed(source):
    options = {"feed": [source], "symbol": [], "timeframe": None, "speed": None, "once": True}
    (feed,) = processes.desk(options)
    assert feed.once
    assert feed.after is not None
    modules = feed.after()
    assert list(modules.command[2:]) == ["run_module", "--all", "--once"]
    assert modules.once


def test_what_a_person_says_of_a_file_reaches_the_feed():
    (feed,) = desk(feed=["bars.csv"], decimal=",", dayfirst=False, timezone="Europe/Berlin")
    assert " ".join(feed[2:]) == "--decimal , --timezone Europe/Berlin --no-dayfirst --drain"


def test_settings_of_the_market_reach_the_feed():
    (feed,) = desk(feed=["bars.csv"], policy=["instruments.BTC.tick=0.5", "market.slow=15m"])
    assert " ".join(feed[2:]) == "--set instruments.BTC.tick=0.5 --set market.slow=15m --drain"
