"""A braid as a question: the same for the same content, bounded whatever a braid holds."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strands.lessons import lesson_json
from strands.lessons.writers.endpoint import prompt
from strands.lessons.writers.endpoint.policy import WriterPolicy
from tests import factories

POLICY = WriterPolicy()


def ask(policy: WriterPolicy = POLICY, *, model: str = "m", **braid: Any) -> prompt.Question:
    return prompt.ask(factories.a_braid(**braid), model=model, policy=policy)


def shown(question: prompt.Question) -> dict[str, Any]:
    """Return what the question shows of the braid."""
    return json.loads(question.messages[1]["content"])


def test_what_tells_braids_of_one_content_apart_is_not_in_the_question():
    members = [{**each, "id": f"other {nth}"} for nth, each in enumerate(factories.a_braid()["source_strands"])]
    other = ask(lesson_id="another", created_at="2030-01-01T00:00:00+00:00", source_strands=members)
    assert other == ask()


@pytest.mark.parametrize(
    "change",
    [
        {"accumulated_score": 4.0},
        {"clustering_columns": {"symbol": "ETH-PERP"}},
        {"source_strands": factories.a_braid()["source_strands"][:3]},
        {"lesson": {**factories.a_braid()["lesson"], "conditions": {"symbol": "ETH-PERP"}}},
        {"lesson": {**factories.a_braid()["lesson"], "confidence": 0.9}},
    ],
)
def test_what_the_answer_depends_on_changes_the_hash(change: dict[str, Any]):
    assert ask(**change).hash != ask().hash


def test_another_model_or_temperature_is_another_question():
    hashes = {ask().hash, ask(model="n").hash, ask(WriterPolicy(temperature=0.7)).hash}
    assert len(hashes) == 3


def test_the_order_in_which_a_braid_s_keys_come_is_of_no_account():
    backwards = dict(reversed(factories.a_braid().items()))
    assert prompt.ask(backwards, model="m", policy=POLICY) == ask()


def test_the_question_shows_how_each_member_fared():
    assert shown(ask())["members"][2] == {"score": 0.8, "outcome": 0.4, "won": True, "pnl_percent": 0.014}


def test_of_a_great_cluster_the_newest_members_are_shown():
    many = [{"score": nth / 1000} for nth in range(500)]
    scores = [each["score"] for each in shown(ask(source_strands=many))["members"]]
    assert scores == [nth / 1000 for nth in range(500 - POLICY.members, 500)]


def test_every_shape_of_recommendation_is_explained():
    task = ask().messages[0]["content"]
    assert [kind for kind in lesson_json.SHAPES if f'"{kind}"' not in task] == []


def test_the_endpoint_s_own_name_for_the_longest_answer_is_used():
    body = ask(WriterPolicy(answer_tokens_field="max_completion_tokens", answer_tokens=700)).body
    assert body["max_completion_tokens"] == 700
    assert "max_tokens" not in body


def test_a_braid_of_a_million_letters_makes_a_short_question():
    long = "x" * 1_000_000
    lesson = {
        "title": long,
        "description": long,
        "conditions": {long: long},
        "recommendations": [{"type": long, "because": long}] * 1000,
        "confidence": 0.5,
    }
    columns = {long: long, **{f"column {nth}": long for nth in range(1000)}}
    question = ask(lesson=lesson, clustering_columns=columns, lesson_type=long)
    assert len(question.as_bytes()) < 30_000


@given(st.text(), st.text())
def test_whatever_a_cluster_is_called_the_question_is_sound_json(symbol: str, title: str):
    lesson = {**factories.a_braid()["lesson"], "title": title}
    question = ask(clustering_columns={"symbol": symbol}, lesson=lesson)
    assert json.loads(question.as_bytes()) == question.body


@pytest.mark.parametrize("value", [None, 7, "a text"])
@pytest.mark.parametrize("part", ["lesson", "source_strands", "clustering_columns"])
def test_a_braid_without_its_parts_is_a_fault_that_names_them(part: str, value: Any):
    with pytest.raises(prompt.NoBraid, match=rf"^lesson_metadata\.{part}: "):
        ask(**{part: value})


@pytest.mark.parametrize("part", ["title", "description", "conditions", "recommendations", "confidence"])
def test_a_lesson_without_its_parts_is_a_fault_that_names_them(part: str):
    lesson = {name: value for name, value in factories.a_braid()["lesson"].items() if name != part}
    with pytest.raises(prompt.NoBraid, match=rf"^lesson_metadata\.lesson\.{part}: NoneType is no "):
        ask(lesson=lesson)


def test_a_member_that_is_none_is_a_fault():
    with pytest.raises(prompt.NoBraid, match=r"^lesson_metadata\.source_strands\[\]: int is no mapping"):
        ask(source_strands=[{"score": 0.5}, 7])


def test_a_number_that_is_none_is_not_sent():
    with pytest.raises(ValueError, match="JSON"):
        ask(accumulated_score=float("nan"))
