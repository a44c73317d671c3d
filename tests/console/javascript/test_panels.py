"""The dashboard's parts: panels that replace only what changed, and the curve's settings."""

from __future__ import annotations

from tests.console.javascript.modules import Blank, call


def test_only_the_panel_that_changed_is_replaced_and_its_canvas_stays(blank: Blank) -> None:
    before = "<p>one</p><section>two <i data-keep><canvas></canvas></i></section>"
    body = """
        const root = document.getElementById("panels");
        const [first, second] = root.children, canvas = root.querySelector("canvas");
        new m.Panels(root).replace(given.replace("two", "three"));
        return [root.children[0] === first, root.children[1] === second, root.querySelector("canvas") === canvas,
                root.textContent];
    """
    shown = call(blank(f'<div id="panels">{before}</div>'), "home/panels.js", body, before)
    assert shown == [True, False, True, "onethree "]


def test_panels_that_come_or_go_are_all_put_anew(blank: Blank) -> None:
    body = "const root = document.querySelector('div'); new m.Panels(root).replace(given); return root.innerHTML"
    assert call(blank("<div><p>one</p></div>"), "home/panels.js", body, "<p>1</p><p>2</p>") == "<p>1</p><p>2</p>"


def test_a_curve_has_its_points_in_market_time_and_the_colours_of_the_palette(blank: Blank) -> None:
    curve = {"moments": ["2026-01-05T12:00:00Z", "2026-01-05T12:15:00Z"], "equity": [1, 2], "drawdown": [0, -0.125]}
    body = """
        const { data: { datasets }, options: { scales } } = m.configuration(given, (name) => `the ${name}`);
        const [equity, drawdown] = datasets;
        return [equity.data, drawdown.data.map(({ y }) => m.percent(y)), equity.borderColor, drawdown.borderColor,
                scales.x.max - scales.x.min, scales.x.ticks.callback(scales.x.min)];
    """
    noon = 1_767_614_400_000
    points = [{"x": noon, "y": 1}, {"x": noon + 900_000, "y": 2}]
    assert call(blank(), "home/curve.js", body, curve) == [
        points,
        ["0.00 %", "-12.50 %"],
        "the line",
        "the bad",
        900_000,
        "12:00 PM",
    ]


def test_a_lost_connection_is_told_in_words_with_the_moment_that_what_is_shown_is_of(blank: Blank) -> None:
    body = """
        const place = document.getElementById("connection");
        let now = Date.UTC(2026, 2, 2, 12, 30, 5);
        const connection = new m.Connection(place, () => now);
        const told = () => [place.textContent, place.className];
        connection.live();
        const live = told();
        now += 60_000;
        connection.lost();
        const lost = told();
        now += 60_000;
        connection.lost("the console answered 500");
        const refused = told();
        connection.live();
        return [live, lost, refused, told()];
    """
    live, lost, refused, again = call(blank('<p id="connection"></p>'), "home/connection.js", body)
    assert "read at 2026-03-02 12:30:05 UTC" in live[0]
    assert lost[0].startswith("Connection lost. What stands here is of 2026-03-02 12:30:05 UTC")
    assert refused[0].startswith(
        "Connection lost (the console answered 500). What stands here is of 2026-03-02 12:30:05"
    )
    assert [each[1] for each in (live, lost, refused, again)] == ["said-muted", "said-bad", "said-bad", "said-muted"]
