"""Whether market data is fresh: by market time, and only while the market is open."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from strands.telling import Tone
from tradingops.console.home import freshness, words
from tradingops.people.halting import Standing

#: A Monday; 09:15 in Kolkata is 03:45 UTC.
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)


def clock(hour: int, minute: int = 0, *, day: int = 0) -> datetime:
    return MONDAY + timedelta(days=day, hours=hour, minutes=minute)


def test_age_counts_only_while_the_market_is_open() -> None:
    """08:30 before a 09:15 opening is no age at all, 18 minutes into it are eighteen."""
    rows = [("NIFTY", "09:15-15:30 Asia/Kolkata", ["1m"], clock(10, day=-3), clock(10, day=-3))]
    for until, is_stale in ((clock(3), False), (clock(4, 3), True)):
        [found] = freshness.of(rows, present=until, now=until)
        assert found.is_stale is is_stale


def one(behind: float = 0, silent: float = 0, frames: list[str] | None = None) -> freshness.Freshness:
    """A symbol whose newest bar lies so many minutes behind the market, and came so many minutes ago."""
    now, present = clock(12, day=30), clock(8)
    row = ("BTC", None, frames or ["1m", "15m"], present - timedelta(minutes=behind), now - timedelta(minutes=silent))
    [found] = freshness.of([row], present=present, now=now)
    return found


def test_a_bar_of_the_shortest_timeframe_decides() -> None:
    assert (one(2).is_stale, one(2.1).is_stale, one(18).told) == (False, True, "stale: 18 min behind the market")
    assert not one(18, frames=["15m"]).is_stale


def test_a_feed_that_is_connected_and_silent_is_stale() -> None:
    assert one(0, silent=3).told == "silent: no bar for 3 min"


def test_the_stale_stand_first() -> None:
    rows = [(name, None, ["1m"], clock(8 if name == "A" else 7), clock(8)) for name in ("A", "B")]
    assert [each.symbol for each in freshness.of(rows, present=clock(8), now=clock(8))] == ["B", "A"]


def health(*, alive: bool = True, failed: int = 0) -> words.Health:
    row = {"beat_at": clock(8) if alive else None, "failed": failed}
    return words.health(name="dm", title="Decision maker", now=clock(8), row=row)


def standing(scope: str) -> Standing:
    from strands.given import HaltState

    told = {"by": "ada", "reason": "a look", "since": clock(7), "until": None, "strand": "S"}
    return Standing(scope=scope, state=HaltState.HALTED, **told)  # type: ignore[arg-type]


def test_the_gravest_word_wins_and_all_reasons_are_told() -> None:
    sound, stale = one(), one(18)
    told = [
        words.state([], [health()], [sound]),
        words.state([standing("desk")], [health(alive=False)], [stale]),
        words.state([], [health(alive=False)], [sound]),
        words.state([], [health()], [stale]),
        words.state([standing("symbol:BTC")], [health()], [sound]),
        words.state([], [health(failed=2)], [sound]),
        words.state([], [health()], [sound, stale]),
    ]
    assert [each.word for each in told] == [
        *("Running", "Halted", "Stopped", "Market data stale"),
        *("Running, partly halted", "Running, with faults", "Running, with faults"),
    ]
    assert told[1].reasons == ["Decision maker: not running.", "BTC: stale: 18 min behind the market."]
    assert (told[0].tone, told[1].tone) == (Tone.GOOD, Tone.BAD)
