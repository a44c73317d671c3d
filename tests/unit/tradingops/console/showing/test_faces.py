"""Every kind has one face on every page: a chip, a place in its list's filter, and one line in feed, list and story."""

from __future__ import annotations

import html
import json
import re
from typing import Any

import pytest
from django.contrib import admin
from django.template.loader import render_to_string
from hypothesis import given
from hypothesis import strategies as st

from strands import json_values, kinds, models, tables, telling
from strands.json_values import Unreadable
from tests.payloads import ODD, typical
from tradingops.console.feed import frames
from tradingops.console.feed.frames import Row
from tradingops.console.lifecycle.story import story_of
from tradingops.console.records.strands import FILTERS
from tradingops.console.showing import html as shown

EVERY = sorted(kinds.KINDS)
#: What PostgreSQL calls the types of JSON.
SHAPES = {dict: "object", list: "array", str: "string", int: "number", float: "number", bool: "boolean"}


def frame(role: str, kind: str | None, read: Any, **rest: Any) -> dict[str, Any]:
    """The frame of a strand of whose payload this was read."""
    row = Row(strand_table=kinds.ROLES[role].table, said=1, id="x", kind=kind, read=read, **rest)
    return dict(json.loads(frames.of(row).text))


def read(role: str, payload: dict[str, Any]) -> list[Any]:
    """What the stream reads of a payload, as the database answers: a path into another shape is nothing."""
    declared = kinds.ROLES[role]
    return [
        [None if isinstance(found := json_values.at(payload, path), Unreadable) else found for path in declared.reads],
        [SHAPES.get(type(json_values.at(payload, way))) for way in declared.ways],
    ]


def listed(role: str, kind: str, payload: dict[str, Any]) -> str:
    """What the list of a role says of a strand in short, without its looks."""
    model = models.STRANDS[role]
    columns = {getattr(each, "short_description", each): each for each in admin.site._registry[model].list_display}
    line = columns["in short"](model(kind=kind, **payload))
    return " · ".join(html.unescape(text) for text in re.findall(r">([^<>]+)</span>", line))


@pytest.mark.parametrize(("role", "name"), EVERY)
def test_a_kind_says_the_same_in_feed_list_and_story(role: str, name: str) -> None:
    payload = typical(kinds.of(role, name))
    line = kinds.parts(role, name, payload)
    told = frame(role, name, read(role, payload))
    [strand] = story_of("x", [(kinds.ROLES[role].table, {"id": "x", "kind": name, **payload})]).told
    assert telling.text(line) == listed(role, name, payload) == strand.text
    assert told["chip"] == [kinds.LOOKS[name].label, kinds.LOOKS[name].tone.value]
    assert told["parts"] == [[part.text, part.tone.value, part.pill] for part in line]
    assert told["tone"] == telling.tone(line) == strand.tone


WRONG = {"a list": ["x"], "text": "x", "a number": 7}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
@pytest.mark.parametrize(("role", "name"), EVERY)
def test_a_column_of_another_shape_is_unreadable_in_feed_list_and_story(role: str, name: str, wrong: Any) -> None:
    kind = kinds.of(role, name)
    ways = {path.partition(".")[0] for path in kind.reads if "." in path and not path.endswith(".0")}
    for column in ways:
        payload = {**typical(kind), column: wrong}
        line = kinds.parts(role, name, payload)
        [strand] = story_of("x", [(kinds.ROLES[role].table, {"id": "x", "kind": name, **payload})]).told
        assert "unreadable" in telling.text(line)
        assert any(part.title for part in line)
        assert telling.text(line) == listed(role, name, payload) == strand.text
        assert [part[0] for part in frame(role, name, read(role, payload))["parts"]] == [part.text for part in line]


def test_what_is_unreadable_names_its_field_on_hover() -> None:
    [*_, score] = kinds.parts("dm", "decision", {"dm_decision": {"score": "a lot"}})
    [*_, mark] = kinds.parts("op", "lesson_words", {"op_note": []})
    assert shown.part(score) == '<span class="said said-warning" title="score">score unreadable</span>'
    assert 'title="op_note"' in shown.part(mark)


@pytest.mark.parametrize(("role", "name"), EVERY)
def test_a_kind_is_a_filter_of_its_list_as_the_wire_says_it(role: str, name: str) -> None:
    [by_kind] = [each for each in FILTERS[role] if each.parameter_name == "kind"]
    offered = [word for word, _ in by_kind.lookups(None, None, None)]
    assert offered.count(name) == 1


def test_the_live_page_has_one_chip_a_kind() -> None:
    page = render_to_string("console/feed/page.html", {"kinds": kinds.LOOKS, "history": []})
    chips = re.findall(r'data-filter="kind" data-name="(\w+)" data-tone="(\w+)" aria-pressed="false">([^<]+)<', page)
    assert chips == [(name, look.tone.value, look.label) for name, look in kinds.LOOKS.items()]


def test_a_chip_shows_the_look_of_a_kind_and_the_name_of_one_that_nobody_declared() -> None:
    assert shown.chip("policy_changed") == '<span class="pill pill-warning">policy changed</span>'
    assert shown.chip("loud_<rumour>") == '<span class="pill pill-muted">loud &lt;rumour&gt;</span>'
    assert shown.chip(None) == '<span class="pill pill-muted">strand</span>'


@given(st.sampled_from(sorted(tables.TABLES)), st.sampled_from([*kinds.LOOKS, "rumour", None]), st.data())
def test_no_json_breaks_a_frame(role: str, kind: str | None, data: st.DataObject) -> None:
    found = data.draw(ODD | st.lists(ODD, max_size=len(kinds.ROLES[role].reads)))
    told = frame(role, kind, found, tags=data.draw(ODD))
    assert all(part[0] for part in told["parts"])
