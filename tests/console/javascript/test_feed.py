"""The feed's parts: its filter, what it holds while paused, and its rows."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.console.javascript.modules import Blank, call

HOSTILE = '<img src=x onerror="window.hacked = 1"><script>window.hacked = 1</script>'


def a_frame(said: int = 1, **more: Any) -> dict[str, Any]:
    """A strand as the stream sends it."""
    return {
        "said": said,
        "id": f"id-{said}",
        "module": "dm",
        "kind": "risk_update",
        "symbol": "BTC-PERP",
        "at": "2026-01-05T12:00:00Z",
        "written": "2026-01-05T12:00:01Z",
        "lifecycle": "story/1",
        "tone": "good",
        "chip": ["risk", "info"],
        "parts": [["approve", "good", True], ["score 0.74", "plain", False]],
        **more,
    }


@pytest.mark.parametrize(
    ("search", "passes"),
    [
        ("", True),
        ("?symbol=BTC-PERP&symbol=ETH-PERP", True),
        ("?symbol=ETH-PERP", False),
        ("?kind=risk_update&module=dm", True),
        ("?kind=risk_update&module=alpha", False),
        ("?ticks=1", True),
        ("?symbol=btc-perp", False),
    ],
)
def test_a_frame_passes_when_every_word_asked_for_is_its_own(blank: Blank, search: str, passes: bool) -> None:
    body = "return new m.Filter(given[0]).wants(given[1])"
    assert call(blank(), "feed/filter.js", body, [search, a_frame()]) is passes


def test_bars_pass_only_when_asked_for(blank: Blank) -> None:
    body = "return given[0].map((search) => new m.Filter(search).wants(given[1]))"
    searches = ["", "?ticks", "?module=market", "?kind=risk_update"]
    assert call(blank(), "feed/filter.js", body, [searches, a_frame(module="market")]) == [False, True, False, True]


def test_a_filter_goes_into_an_address_and_comes_back(blank: Blank) -> None:
    body = """
        const filter = new m.Filter("?symbol=A%26B&ticks=1");
        filter.toggle("kind", "signal"); filter.toggle("module", "dm"); filter.toggle("module", "dm");
        const again = new m.Filter(filter.search());
        return [filter.search(), again.asked(), new m.Filter("").search()];
    """
    asked = {"symbols": ["A&B"], "kinds": ["signal"], "modules": [], "ticks": True}
    assert call(blank(), "feed/filter.js", body) == ["?symbol=A%26B&kind=signal&ticks=1", asked, ""]


def test_what_is_held_is_counted_once_each_and_the_newest_are_kept(blank: Blank) -> None:
    body = """
        const held = new m.Holding(3);
        held.add(given.slice(0, 2)); held.add(given);
        const count = held.count;
        return [count, held.release().map((frame) => frame.id), held.count, held.release()];
    """
    frames = [a_frame(said) for said in range(1, 6)]
    assert call(blank(), "feed/holding.js", body, frames) == [5, ["id-3", "id-4", "id-5"], 0, []]


def test_a_row_tells_its_frame_and_leads_to_its_story(blank: Blank) -> None:
    page = blank("<ol></ol>")
    body = """
        const row = m.row(given, { lifecycle: "/story/@/", now: Date.parse("2026-01-05T12:00:10Z") });
        document.querySelector("ol").append(row);
        const link = row.firstChild;
        return [[...link.children].map((cell) => cell.textContent), link.getAttribute("href"), { ...row.dataset }];
    """
    words, href, data = call(page, "feed/row.js", body, a_frame())
    assert words == ["9s ago", "risk", "BTC-PERP", "approve score 0.74 "]
    assert href == "/story/story%2F1/#id-1"
    assert data == {"id": "id-1", "said": "1", "tone": "good", "kind": "risk_update"}


def test_market_time_is_shown_where_it_is_apart_from_the_clock(blank: Blank) -> None:
    body = """
        const time = (at) => m.row({ ...frame, at }, { lifecycle: "@" }).querySelector("time");
        return given.map((at) => time(at).dataset.market ?? "");
    """
    moments = ["2026-01-05T11:55:01Z", "2026-01-05T11:54:59Z", "2025-01-05T12:00:00Z"]
    frame = {"written": "2026-01-05T12:00:01Z", "lifecycle": "x", "id": "x", "chip": ["x", "plain"], "parts": []}
    shown = call(blank(), "feed/row.js", f"const frame = {json.dumps(frame)}; {body}", moments)
    assert shown == ["", "2026-01-05 11:54 UTC", "2025-01-05 12:00 UTC"]


def test_hostile_words_stay_words(blank: Blank) -> None:
    hostile_words = {"chip": [HOSTILE, HOSTILE], "parts": [[HOSTILE, HOSTILE, True]]}
    names = ("kind", "symbol", "module", "id", "lifecycle", "tone", "written", "at")
    hostile = a_frame(**dict.fromkeys(names, HOSTILE), **hostile_words)
    page = blank("<ol></ol>")
    body = """
        const row = m.row(given, { lifecycle: "/story/@/" });
        document.querySelector("ol").append(row);
        return [row.querySelectorAll("img, script").length, row.querySelector(".feed-text").textContent,
                row.querySelector("a").origin === location.origin];
    """
    assert call(page, "feed/row.js", body, hostile) == [0, f"{HOSTILE} ", True]
    page.wait_for_timeout(100)
    assert page.evaluate("window.hacked") is None


@pytest.mark.parametrize("lifecycle", ["$&", "$'", "../../logout", "javascript:alert(1)"])
def test_an_odd_id_leads_nowhere_else(blank: Blank, lifecycle: str) -> None:
    body = "return new URL(m.address(given, '/story/@/'), location.href).pathname"
    shown = call(blank(), "feed/row.js", body, a_frame(lifecycle=lifecycle))
    assert shown == call(blank(), "feed/row.js", "return `/story/${encodeURIComponent(given)}/`", lifecycle)


def test_rows_stand_newest_first_once_each_and_never_too_many(blank: Blank) -> None:
    body = """
        const list = document.querySelector("ol");
        const rows = new m.Rows({ list, lifecycle: "@" });
        const ids = () => [...list.children].map((row) => row.dataset.id);
        const added = [rows.add([given(3), given(1)]), rows.add([given(2), given(3), given(4)])];
        const few = ids();
        rows.add(Array.from({ length: m.MOST_ROWS + 50 }, (_, nth) => given(nth + 10)));
        return [added, few, list.children.length, ids()[0], rows.has("id-4"), rows.shown.size];
    """
    rest = {"lifecycle": "x", "written": "2026-01-05T12:00:00Z", "chip": ["x", "plain"], "parts": []}
    made = f"given = (said) => ({{ said, id: `id-${{said}}`, ...{json.dumps(rest)} }});"
    shown = call(blank("<ol></ol>"), "feed/rows.js", made + body)
    assert shown == [[2, 2], ["id-4", "id-3", "id-2", "id-1"], 400, "id-459", False, 400]


def test_what_comes_waits_while_somebody_has_their_hand_on_the_rows(blank: Blank) -> None:
    page = blank("<ol><li>one</li><li>two</li></ol><p>three</p>")
    made = "window.hand = new m.Hand(document.querySelector('ol'), () => window.letGo++); window.letGo = 0"
    call(page, "feed/hand.js", made)
    place = page.locator("li").first.bounding_box()
    assert place
    page.mouse.move(place["x"] + 5, place["y"] + 5)
    page.mouse.down()
    assert page.evaluate("[hand.isBusy, letGo]") == [True, 0]
    page.mouse.up()
    page.wait_for_function("!hand.isBusy && letGo > 0")
    page.evaluate("getSelection().selectAllChildren(document.querySelector('li'))")
    assert page.evaluate("hand.isBusy")
    page.evaluate("window.letGo = 0; getSelection().selectAllChildren(document.querySelector('p'))")
    page.wait_for_function("!hand.isBusy && letGo > 0")


def test_a_row_with_the_focus_is_not_dropped(blank: Blank) -> None:
    body = """
        const list = document.querySelector("ol");
        const rows = new m.Rows({ list, lifecycle: "@" });
        rows.add([given(1)]);
        list.querySelector("a").focus();
        rows.add(Array.from({ length: m.MOST_ROWS + 5 }, (_, nth) => given(nth + 10)));
        return [rows.has("id-1"), document.activeElement.closest("li").dataset.id];
    """
    rest = {"lifecycle": "x", "written": "2026-01-05T12:00:00Z", "chip": ["x", "plain"], "parts": []}
    made = f"given = (said) => ({{ said, id: `id-${{said}}`, ...{json.dumps(rest)} }});"
    assert call(blank("<ol></ol>"), "feed/rows.js", made + body) == [True, "id-1"]
