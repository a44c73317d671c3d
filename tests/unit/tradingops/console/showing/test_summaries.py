"""Each kind of strand in a line, whatever its JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strands import tables
from tests.console import stories
from tradingops.console.feed import frames
from tradingops.console.feed.frames import Row
from tradingops.console.showing import facts, summaries
from tradingops.console.showing.summaries import READ, Tone

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["12.5", "1e999", "NaN"])
)
NAMES = st.sampled_from(
    [*sorted({step for read in READ.values() for path in read.values() for step in path}), "gates", "qty", "px"]
)
ODD = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4), max_leaves=12
)


def line_of(kind: str, story: list[Any], *, nth: int = 0) -> summaries.Line:
    strand = [each for each in story if each.kind == kind][nth]
    table = tables.TABLES[strand.module].name
    return summaries.of(module=strand.module, kind=kind, read=summaries.from_row(table, dict(strand.payload)))


@pytest.mark.parametrize(
    ("kind", "words", "tone"),
    [
        (
            "signal",
            "long · strength 0.71, confidence 0.64 · entry 46,319.50, stop 46,149.50, target 46,659.50",
            Tone.CALM,
        ),
        ("decision", "approve · score 0.74 · quantity 0.108", Tone.GOOD),
        ("order", "buy 0.108 limit near 46,319.50 · entry", Tone.CALM),
        ("fill", "buy 0.06 at 46,324.00 · fee 2.38", Tone.GOOD),
        ("execution", "filled · score 0.93 · slippage 1.1 bps · latency 200 ms", Tone.GOOD),
        ("position", "+31.42 (0.63 %) · take profit after 31 min", Tone.GOOD),
        ("order_update", "partially filled · 0.06 at 46,324.00", Tone.CALM),
        ("bar", "46,419.50 (+0.12 %) · volume 12.5", Tone.CALM),
    ],
)
def test_a_strand_says_the_facts_that_matter(kind: str, words: str, tone: Tone) -> None:
    assert line_of(kind, stories.a_story()) == summaries.Line(words, tone)


def test_a_refusal_says_the_gate_that_stopped_it() -> None:
    line = line_of("decision", stories.a_story(refused=True))
    assert line == summaries.Line("reject · score 0.74 · exposure 0.52 above 0.50, 0.02 too much", Tone.BAD)


def test_an_unknown_kind_tells_what_it_has() -> None:
    read = summaries.from_row("op_strands", {"op_halt": {"scope": "desk", "state": "halted"}})
    assert summaries.of(module="op", kind="whatever", read=read).text == "scope desk, state halted"


@given(st.sampled_from(sorted(tables.BY_NAME)), st.sampled_from([kind for _, kind in summaries.kinds()]), st.data())
def test_no_json_breaks_a_frame(table: str, kind: str, data: st.DataObject) -> None:
    read = data.draw(st.none() | st.fixed_dictionaries(dict.fromkeys(READ[table], ODD)))
    frame = frames.of(Row(strand_table=table, said=1, id="x", kind=kind, facts=read, tags=data.draw(ODD)))
    assert json.loads(frame.text)["id"] == "x"


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_number_can_be_shown(value: float) -> None:
    for show in (facts.price, facts.quantity, facts.share, facts.score, facts.signed, facts.span, facts.brief):
        assert show(value)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (59, "59 s"), (61, "1 min 1 s"), (3_600, "1 h"), (90_061, "1 d 1 h"), ("nan", "–"), (None, "–")],
)
def test_a_span_is_told_in_its_two_largest_units(seconds: object, words: str) -> None:
    assert facts.span(seconds) == words


def test_numbers_near_each_other_are_told_apart() -> None:
    assert facts.near(0.5004, 0.5) == ["0.5004", "0.5000"]
    assert facts.near(0.52, 0.5) == ["0.52", "0.50"]


def test_json_that_python_cannot_read_is_nothing() -> None:
    assert facts.loads("[" * 100_000 + "]" * 100_000) is None
    assert facts.number(facts.loads("1" + "0" * 5_000)) is None
