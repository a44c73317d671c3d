"""Judgement in a story and on the evidence page: who said what, and that the tape can be made again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from strands.strand import Strand
from strands.wires.postgres import PostgresWire
from tests.console import desk, judged
from tests.console.consoles import Console

if TYPE_CHECKING:
    from playwright.sync_api import Page

MOST_QUERIES = 12


@pytest.fixture
def chief(db: None, client: Client) -> Client:
    client.force_login(User.objects.create_superuser("chief"))
    return client


def story_page(client: Client, told: Sequence[Strand]) -> Any:
    return client.get(reverse("admin:console_lifecycle", args=[told[-1].lifecycle_id]))


def signal_of(told: Sequence[Strand]) -> Strand:
    return next(each for each in told if each.kind == "signal")


def evidence_page(client: Client, key: str) -> Any:
    return client.get(reverse("admin:console_evidence", args=[key]))


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
    assert "long withheld" in answer.content.decode()
    assert answer.context["by_alpha"].sum_told.startswith("Stopped by regime")


def test_a_judged_story_asks_few_questions(chief: Client) -> None:
    told = desk.said(judged.a_judged_story())
    with CaptureQueriesContext(connection) as asked:
        assert story_page(chief, told).status_code == 200
    assert len(asked) <= MOST_QUERIES


def test_the_tape_is_made_again_from_the_stored_bars_and_is_the_same(chief: Client) -> None:
    told = desk.said(judged.a_judged_story())
    answer = evidence_page(chief, signal_of(told).id)
    assert answer.context["same"] is True
    assert answer.context["sums"].agrees is True
    assert len(answer.context["strips"]) == len(answer.context["again"].names)
    assert "The same tape, recomputed" in answer.content.decode()


def test_a_tape_whose_bars_are_gone_or_changed_says_so(chief: Client) -> None:
    told = judged.a_judged_story()
    desk.said(told[60:])
    answer = evidence_page(chief, signal_of(told).id)
    assert answer.context["same"] is False
    assert "another hash" in answer.content.decode()


def test_a_tape_with_too_few_bars_left_cannot_be_made_again(chief: Client) -> None:
    told = judged.a_judged_story()
    desk.said(told[120:])
    answer = evidence_page(chief, signal_of(told).id)
    assert answer.context["same"] is None
    assert "cannot be made again" in answer.content.decode()


def test_the_evidence_page_asks_few_questions_and_none_of_a_whole_table(chief: Client) -> None:
    told = desk.said(judged.a_judged_story())
    with CaptureQueriesContext(connection) as asked:
        assert evidence_page(chief, signal_of(told).id).status_code == 200
    assert len(asked) <= MOST_QUERIES
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        for query in asked.captured_queries:
            if "_strands" in query["sql"]:
                cursor.execute(f"EXPLAIN {query['sql']}")
                assert "Seq Scan" not in "\n".join(line for (line,) in cursor.fetchall())


@pytest.mark.parametrize("key", ["nobody", "00000000-0000-0000-0000-000000000000", "' OR 1=1"])
def test_evidence_that_nobody_gave_is_not_found(chief: Client, key: str) -> None:
    assert evidence_page(chief, key).status_code == 404


def test_whoever_may_not_see_evidence_sees_none(client: Client, db: None) -> None:
    client.force_login(User.objects.create_user("visitor", is_staff=True))
    assert evidence_page(client, "nobody").status_code == 403


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
    assert evidence_page(chief, "odd").status_code in (200, 404)


PAGES = {
    "scorecard": ".curator .plot-dot",
    "curator": "#decisions table",
    "lesson": ".lesson-actions button",
    "evidence": ".strips svg",
    "lifecycle": ".story-curators",
}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_a_phone_in_the_dark_and_asks_no_other_host(
    console: Console, wire: PostgresWire, page: Page, name: str
) -> None:
    braid, told = judged.a_braid(), judged.a_judged_story()
    judged.learn([braid], connection=wire.connection)
    judged.project(judged.history(30), connection=wire.connection)
    wire.publish(told)
    addresses = {
        "scorecard": "/admin/scorecard/",
        "curator": "/admin/scorecard/dm/risk_curator/",
        "lesson": f"/admin/lesson/{braid.id}/",
        "evidence": f"/admin/evidence/{signal_of(told).id}/",
        "lifecycle": f"/admin/lifecycle/{told[-1].lifecycle_id}/",
    }
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on(
        "request", lambda request: faults.append(request.url) if not request.url.startswith(console.origin) else None
    )
    page.context.add_cookies([{"name": "tradingops_session", "value": console.cookie, "url": console.origin}])
    page.emulate_media(color_scheme="dark")
    page.goto(f"{console.origin}{addresses[name]}")
    page.wait_for_selector(PAGES[name])
    assert page.locator("main svg:not([aria-hidden]):not([aria-label]), .judgement svg:not([aria-label])").count() == 0
    page.set_viewport_size({"width": 390, "height": 800})
    page.wait_for_function("document.documentElement.scrollWidth === 390")
    assert faults == []


def test_a_person_retires_a_lesson_with_the_keyboard_alone(console: Console, wire: PostgresWire, page: Page) -> None:
    braid = judged.a_braid()
    judged.learn([braid], connection=wire.connection)
    page.context.add_cookies([{"name": "tradingops_session", "value": console.cookie, "url": console.origin}])
    page.goto(f"{console.origin}/admin/lesson/{braid.id}/")
    page.locator(".lesson-actions button").focus()
    page.keyboard.press("Enter")
    page.locator("#dialog textarea").fill("it has cost us enough")
    page.locator("#dialog button[type=submit]").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Said to the decision maker")
    said = wire.connection.execute("SELECT op_verdict ->> 'standing' FROM op_strands WHERE kind = 'lesson_verdict'")
    assert said.fetchall() == [("retired",)]
