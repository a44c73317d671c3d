"""The feed's socket, against a stream that the page itself plays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.console.javascript.modules import Blank, call

if TYPE_CHECKING:
    from playwright.sync_api import Page

PLAY = """
    window.sockets = [];
    window.states = [];
    window.taken = [];
    window.WebSocket = class {
        static OPEN = 1;
        constructor(address) { Object.assign(this, { address, sent: [], readyState: 1 }); sockets.push(this); }
        send(text) { this.sent.push(JSON.parse(text)); }
        hear(letter) { this.onmessage({ data: JSON.stringify({ frames: [], ...letter }) }); }
        close(code = 1006) { this.readyState = 3; this.onclose({ code }); }
    };
    Math.random = () => 0.5;
    window.feed = new m.Feed({
        address: "/ws/stream/",
        onFrames: (frames, kind) => taken.push([kind, ...frames]),
        onState: (state, detail = "") => states.push(detail ? `${state}: ${detail}` : state),
    });
    feed.subscribe({ kinds: ["signal"] });
"""
HELLO = {"type": "hello", "health": "live", "ack_every": 3, "beat_seconds": 10}


def a_feed(blank: Blank) -> Page:
    """A page with a feed that has asked its stream for signals; its clock stands still."""
    page = blank()
    page.clock.install(time="2026-01-05T12:00:00Z")
    page.clock.pause_at("2026-01-05T13:00:00Z")
    call(page, "feed/socket.js", PLAY)
    return page


def hear(page: Page, **letter: Any) -> None:
    page.evaluate("letter => sockets.at(-1).hear(letter)", letter)


def past(position: int, *, kind: str = "history", frames: tuple[int, ...] = ()) -> dict[str, Any]:
    return {"type": kind, "epoch": "e", "position": position, "settled": position - 1, "frames": [*frames]}


def sent(page: Page) -> list[dict[str, Any]]:
    """Everything that the newest socket was told."""
    told: list[dict[str, Any]] = page.evaluate("sockets.at(-1).sent")
    return told


def test_a_feed_asks_once_it_is_greeted_and_is_live_once_the_past_has_come(blank: Blank) -> None:
    page = a_feed(blank)
    assert sent(page) == []
    hear(page, **HELLO)
    assert sent(page) == [{"type": "subscribe", "filter": {"kinds": ["signal"]}, "cursor": None}]
    assert page.evaluate("states") == ["connecting"]
    hear(page, **past(7, frames=(1, 2)))
    assert page.evaluate("states") == ["connecting", "live"]
    assert page.evaluate("taken") == [["history", 1, 2]]


def test_a_feed_resumes_at_the_last_that_it_saw(blank: Blank) -> None:
    page = a_feed(blank)
    hear(page, **HELLO)
    hear(page, **past(7))
    hear(page, **past(9, kind="frames", frames=(8, 9)))
    page.evaluate("sockets.at(-1).close()")
    page.clock.run_for(500)
    hear(page, **HELLO)
    assert page.evaluate("sockets.length") == 2
    assert sent(page)[0]["cursor"] == {"epoch": "e", "position": 9, "settled": 8}


def test_what_is_new_does_not_move_the_place_before_the_past_has_come(blank: Blank) -> None:
    page = a_feed(blank)
    hear(page, **HELLO)
    hear(page, **past(7))
    page.evaluate("sockets.at(-1).close()")
    page.clock.run_for(500)
    hear(page, **HELLO)
    hear(page, **past(20, kind="frames", frames=(20,)))
    assert page.evaluate("feed.cursor.position") == 7
    hear(page, **past(21, kind="resumed"))
    assert page.evaluate("feed.cursor.position") == 21


def test_each_try_waits_twice_as_long_up_to_a_bound_and_success_begins_anew(blank: Blank) -> None:
    page = a_feed(blank)
    for wait in (500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000):
        tries = page.evaluate("sockets.length")
        page.evaluate("sockets.at(-1).close()")
        assert page.evaluate("states.at(-1)") == f"lost: trying again in {max(1, wait // 1_000)} s"
        page.clock.run_for(wait - 1)
        assert page.evaluate("sockets.length") == tries
        page.clock.run_for(1)
        assert page.evaluate("sockets.length") == tries + 1
    hear(page, **HELLO)
    hear(page, **past(7))
    page.evaluate("sockets.at(-1).close()")
    page.clock.run_for(500)
    assert page.evaluate("sockets.length") == tries + 2


def test_screens_do_not_all_come_back_at_once(blank: Blank) -> None:
    body = "return [0, 0.999].map((random) => new m.Backoff(() => random).next())"
    assert call(blank(), "feed/backoff.js", body) == [250, 749.5]


def test_a_silent_connection_counts_as_lost(blank: Blank) -> None:
    page = a_feed(blank)
    hear(page, **HELLO)
    page.clock.run_for(24_999)
    assert page.evaluate("states.at(-1)") == "connecting"
    page.clock.run_for(1)
    assert page.evaluate("states.at(-1)").startswith("lost")


def test_whoever_is_signed_out_is_told_and_does_not_knock_again(blank: Blank) -> None:
    page = a_feed(blank)
    page.evaluate("sockets.at(-1).close(4401)")
    page.clock.run_for(60_000)
    assert page.evaluate("[states.at(-1), sockets.length]") == ["signed-out", 1]


def test_a_new_filter_begins_with_its_own_past(blank: Blank) -> None:
    page = a_feed(blank)
    hear(page, **HELLO)
    hear(page, **past(7))
    page.evaluate("feed.subscribe({ kinds: [] })")
    assert sent(page)[-1] == {"type": "subscribe", "filter": {"kinds": []}, "cursor": None}


def test_a_stream_that_lost_the_place_is_asked_from_the_start(blank: Blank) -> None:
    page = a_feed(blank)
    hear(page, **HELLO)
    hear(page, **past(7))
    hear(page, type="resync")
    page.clock.run_for(500)
    assert sent(page)[-1] == {"type": "subscribe", "filter": {"kinds": ["signal"]}, "cursor": None}


def test_frames_are_acknowledged_when_there_are_enough(blank: Blank) -> None:
    page = a_feed(blank)
    hear(page, **HELLO)
    hear(page, **past(2, frames=(1, 2)))
    assert [each["type"] for each in sent(page)] == ["subscribe"]
    hear(page, **past(4, kind="frames", frames=(3, 4)))
    assert sent(page)[-1] == {"type": "ack", "count": 4}


def test_a_console_without_its_database_says_so(blank: Blank) -> None:
    page = a_feed(blank)
    hear(page, **HELLO)
    hear(page, **past(7))
    hear(page, type="state", health="lost")
    assert page.evaluate("states.at(-1)") == "lost: the console has lost its database"
