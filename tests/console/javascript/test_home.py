"""The dashboard's parts: the curve's settings, and what is said of the connection."""

from __future__ import annotations

from tests.console.javascript.modules import Blank, call


def test_a_curve_has_its_points_in_market_time_and_the_colours_of_the_palette(blank: Blank) -> None:
    curve = {"moments": ["2026-01-05T12:00:00Z", "2026-01-05T12:15:00Z"], "equity": [1, 2], "drawdown": [0, -0.125]}
    body = """
        const { data: { datasets }, options: { scales } } = m.configuration(given, (name) => `the ${name}`);
        const [equity, drawdown] = datasets;
        return [equity.data, drawdown.data.map(({ y }) => m.percent(y)), equity.borderColor, drawdown.borderColor,
                scales.x.max - scales.x.min, [1, 5, 9].map((days) => m.onAxis(scales.x.min, days * 86_400_000))];
    """
    noon = 1_767_614_400_000
    points = [{"x": noon, "y": 1}, {"x": noon + 900_000, "y": 2}]
    assert call(blank(zone="Asia/Kolkata"), "home/curve.js", body, curve) == [
        points,
        ["0.00 %", "-12.50 %"],
        "the line",
        "the bad",
        900_000,
        ["12:00", "01-05 12:00", "01-05"],
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
