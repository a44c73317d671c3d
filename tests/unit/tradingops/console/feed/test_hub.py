"""What has been read goes to every screen that wants it, and a screen that was away gets exactly what it missed."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tradingops.console.feed import frames
from tradingops.console.feed.frames import Frame
from tradingops.console.feed.hub import Answer, Health, Hub, Screen
from tradingops.console.feed.policy import StreamPolicy
from tradingops.console.feed.ring import Ring
from tradingops.console.feed.screens import Cursor, Filter

POLICY = StreamPolicy(ring=100, window=50)
BARS = Filter(ticks=True)


def a_frame(number: int, *, module: str = "alpha", kind: str = "signal", symbol: str = "BTC-PERP") -> Frame:
    return Frame(number, f"id-{number}", module, kind, symbol, frames.encode({"id": f"id-{number}"}))


def a_tick(number: int) -> Frame:
    return a_frame(number, module="market", kind="bar")


def a_hub(past: list[Frame] | None = None) -> Hub:
    hub = Hub(policy=POLICY)
    hub.begin(epoch="this", past=past or [])
    return hub


def a_screen(hub: Hub, wants: Filter | None = None) -> Screen:
    screen = Screen(wake=lambda: None)
    hub.subscribe(screen, wants or Filter())
    return screen


def letters(screen: Screen) -> list[dict[str, Any]]:
    taken, screen.outbox = screen.outbox, []
    return [json.loads(letter) for letter in taken]


def ids(screen: Screen) -> list[str]:
    return [frame["id"] for letter in letters(screen) for frame in letter["frames"]]


def test_screens_that_want_the_same_share_one_letter() -> None:
    hub = a_hub()
    one, other = a_screen(hub), a_screen(hub)
    hub.publish([a_frame(1)], settled=1)
    assert one.outbox[0] is other.outbox[0]


def test_a_letter_says_where_it_leads() -> None:
    hub = a_hub()
    screen = a_screen(hub)
    hub.publish([a_frame(1), a_frame(2)], settled=1)
    (letter,) = letters(screen)
    assert {name: letter[name] for name in ("epoch", "position", "settled")} == {
        "epoch": "this",
        "position": 2,
        "settled": 1,
    }


def test_a_filter_keeps_out_the_rest() -> None:
    hub = a_hub()
    screen = a_screen(hub, Filter(symbols=frozenset({"ETH-PERP"}), kinds=frozenset({"signal"})))
    hub.publish([a_frame(1), a_frame(2, symbol="ETH-PERP"), a_frame(3, symbol="ETH-PERP", kind="anomaly")], settled=3)
    assert ids(screen) == ["id-2"]


def test_ticks_reach_only_those_who_asked() -> None:
    hub = a_hub()
    quiet, busy = a_screen(hub), a_screen(hub, BARS)
    hub.publish([a_tick(1), a_frame(2)], settled=2)
    assert ids(quiet) == ["id-2"]
    assert ids(busy) == ["id-1", "id-2"]


def test_a_screen_that_does_not_acknowledge_is_let_go_at_its_window() -> None:
    hub = a_hub()
    screen = a_screen(hub)
    hub.publish([a_frame(number) for number in range(POLICY.window)], settled=1)
    assert not screen.too_slow
    hub.publish([a_frame(99)], settled=1)
    assert screen.too_slow
    assert screen not in hub.screens


def test_a_screen_that_acknowledges_stays() -> None:
    hub = a_hub()
    screen = a_screen(hub)
    for number in range(4 * POLICY.window):
        hub.publish([a_frame(number)], settled=1)
        hub.acknowledge(screen, len(ids(screen)))
    assert not screen.too_slow


def test_an_acknowledgement_of_more_than_was_sent_is_no_credit() -> None:
    hub = a_hub()
    screen = a_screen(hub)
    hub.acknowledge(screen, 10**9)
    hub.publish([a_frame(number) for number in range(POLICY.window + 1)], settled=1)
    assert screen.too_slow


def test_a_cursor_of_another_hub_is_elsewhere() -> None:
    hub = a_hub()
    assert hub.resume(a_screen(hub), Cursor("that", 0, 0)) is Answer.ELSEWHERE


def test_a_position_that_was_never_reached_cannot_be_resumed() -> None:
    hub = a_hub()
    assert hub.resume(a_screen(hub), Cursor("this", 7, 0)) is Answer.TOO_OLD


def test_a_fast_market_pushes_no_decision_out_of_the_ring() -> None:
    hub = a_hub()
    hub.publish([a_frame(1)], settled=1)
    hub.publish([a_tick(number) for number in range(2, 1_000)], settled=1)
    screen = a_screen(hub)
    assert hub.resume(screen, Cursor("this", 0, 0)) is Answer.RESUMED
    assert ids(screen) == ["id-1"]
    assert hub.resume(a_screen(hub, BARS), Cursor("this", 0, 0)) is Answer.TOO_OLD


def test_recent_frames_come_oldest_first() -> None:
    hub = a_hub([a_frame(1), a_tick(2), a_frame(3)])
    assert [frame.said for frame in hub.recent(Filter())] == [1, 3]
    assert [frame.said for frame in hub.recent(BARS)] == [1, 2, 3]


def test_a_new_stream_tells_screens_to_load_anew() -> None:
    hub = a_hub([a_frame(1)])
    screen = a_screen(hub)
    hub.begin(epoch="new", past=[])
    assert [letter["type"] for letter in letters(screen)] == ["resync"]


def test_health_is_told_when_it_changes() -> None:
    hub = a_hub()
    screen = a_screen(hub)
    for health in (Health.LIVE, Health.LIVE, Health.LOST):
        hub.become(health)
    assert [letter["health"] for letter in letters(screen)] == ["live", "lost"]


@given(st.lists(st.booleans(), max_size=60), st.integers(0, 60), st.booleans())
def test_a_ring_that_reaches_back_gives_exactly_what_came_after(
    ticks: list[bool], position: int, wants_ticks: bool
) -> None:
    ring = Ring(20)
    told = [a_tick(nth) if is_tick else a_frame(nth) for nth, is_tick in enumerate(ticks, start=1)]
    ring.add(told)
    due = [frame for frame in told[position:] if wants_ticks or not frame.is_tick]
    if ring.reaches(position, ticks=wants_ticks):
        assert list(ring.after(position, ticks=wants_ticks)) == due
    else:
        assert (
            position > len(told)
            or sum(frame.is_tick for frame in due) > 20
            or sum(not frame.is_tick for frame in due) > 20
        )
