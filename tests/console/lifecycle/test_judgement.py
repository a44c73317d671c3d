"""Judgement in a story: who said what of a plan, and how right that turned out to be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from strands.strand import Strand
from tests.console import desk, judged

MOST_QUERIES = 12


@pytest.fixture
def chief(db: None, client: Client) -> Client:
    client.force_login(User.objects.create_superuser("chief"))
    return client


def story_page(client: Client, told: Sequence[Strand]) -> Any:
    return client.get(reverse("admin:console_lifecycle", args=[told[-1].lifecycle_id]))


def test_every_curator_is_a_row_also_one_that_failed_or_was_silent(chief: Client) -> None:
    answer = story_page(chief, desk.said(judged.a_judged_story()))
    rows = {each.curator: each for each in answer.context["by_dm"].hearings}
    assert {name: each.voice for name, each in rows.items()} == {
        "risk_curator": "nudge",
        "budget_curator": "approve",
        "execution_curator": "abstained",
        "portfolio_curator": "failed",
    }
    assert rows["execution_curator"].reason == "had nothing to say"
    assert rows["portfolio_curator"].reason == "KeyError: 'correlation'"
    assert rows["risk_curator"].nudge == "+0.0210"
    assert "Alpha’s own curators" in answer.content.decode()


def test_a_curator_that_was_scored_says_how_right_it_was(chief: Client) -> None:
    rows = story_page(chief, desk.said(judged.a_judged_story())).context["by_dm"].hearings
    assert [(each.curator, each.correct) for each in rows if each.correct is not None] == [("risk_curator", False)]


def test_lessons_are_named_and_lead_to_their_pages(chief: Client) -> None:
    braid = judged.a_braid(title="Longs paid")
    judged.learn([braid])
    shown = story_page(chief, desk.said(judged.a_judged_story(lesson_id=braid.id))).content.decode()
    for words in ("Longs paid", reverse("admin:console_lesson", args=[braid.id]), "relevance 0.85", "1.050 times"):
        assert words in shown


def test_a_story_that_completed_a_lesson_leads_to_it(chief: Client) -> None:
    told = judged.a_judged_story()
    braid = told[-1].answer(module="dm", kind="braid", payload=judged.a_braid(title="Longs paid").payload)
    answer = story_page(chief, desk.said([*told, braid]))
    assert answer.context["learned"] == [(braid.id, "Longs paid")]
    assert reverse("admin:console_lesson", args=[braid.id]) in answer.content.decode()


def test_a_refused_plan_says_what_it_would_have_come_to(chief: Client) -> None:
    answer = story_page(chief, desk.said(judged.a_judged_story()))
    assert answer.context["outcome"].text == (
        "Not traded: exposure 0.52 above 0.50, 0.02 too much. It would have come to -0.42 %."
    )
    assert answer.context["counterfactual"][0] == "-0.42 % (-0.42 R), stop loss"


def test_a_withheld_signal_has_a_story_that_says_who_withheld_it(chief: Client) -> None:
    answer = story_page(chief, desk.said(judged.a_withheld_story()))
    assert (
        answer.context["outcome"].text
        == "Withheld by alpha: its regime curator vetoed it, the regime speaks against it."
    )
    assert answer.context["story"].signal.text.startswith("withheld · long · ")
    assert answer.context["by_alpha"].sum_told.startswith("Stopped by regime")


def test_a_judged_story_asks_few_questions(chief: Client) -> None:
    told = desk.said(judged.a_judged_story())
    with CaptureQueriesContext(connection) as asked:
        assert story_page(chief, told).status_code == 200
    assert len(asked) <= MOST_QUERIES


ODD = ('{"curators": [7, {"curator_type": 3}]}', '[{"curator_type": "x", "contribution": "much"}]', '"text"')


@pytest.mark.parametrize("odd", ODD)
def test_judgement_of_another_make_is_shown_as_it_is(chief: Client, odd: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ad_strands (id, kind, curator_feedback, dsi_evidence, lesson_metadata, module_intelligence)"
            " VALUES ('odd', 'signal', %(odd)s, %(odd)s, %(odd)s, %(odd)s)",
            {"odd": odd},
        )
    assert chief.get(reverse("admin:console_lifecycle", args=["odd"])).status_code == 200
