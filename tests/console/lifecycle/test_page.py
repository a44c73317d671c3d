"""The lifecycle page, from strands in the database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from strands.strand import Strand
from strands.wires.postgres import PostgresWire
from tests.console import stories
from tests.console.consoles import Console

if TYPE_CHECKING:
    from django.http import HttpResponse
    from playwright.sync_api import Page

MOST_QUERIES = 12


@pytest.fixture
def operator(transactional_db: None, client: Client) -> Client:
    client.force_login(User.objects.create_superuser("operator"))
    return client


def page_of(client: Client, lifecycle_id: str | None) -> HttpResponse:
    return client.get(reverse("admin:console_lifecycle", args=[lifecycle_id]))


def text(answer: Any) -> str:
    return str(answer.content.decode())


def bars(around: int, *, count: int = 80) -> list[Strand]:
    return [stories.a_bar(around - count // 2 + nth) for nth in range(count)]


def test_a_whole_story_is_on_the_page(operator: Client, wire: PostgresWire) -> None:
    wire.publish([*bars(100), *(story := stories.a_story(100))])
    answer = page_of(operator, story[0].id)
    assert answer.context["outcome"].text == "win · long · +31.42 · +0.63 % · take profit · after 31 min"
    own = {each.id for each in story if each.lifecycle_id == story[0].id}
    assert {each.id for each in answer.context["story"].told} == own
    assert answer.context["chart"]["marks"]
    shown = text(answer)
    assert all(
        words in shown for words in ("Gates", "all 11 passed", "predicted", "Execution of the entry", "Timeline")
    )


def test_a_refused_plan_says_in_the_first_line_why(operator: Client, wire: PostgresWire) -> None:
    wire.publish(story := stories.a_story(refused=True))
    shown = text(page_of(operator, story[0].id))
    assert "Not traded: exposure 0.52 above 0.50, 0.02 too much" in shown
    assert "2 of 11 failed" in shown


def test_the_id_of_any_strand_leads_to_its_story(operator: Client, wire: PostgresWire) -> None:
    wire.publish(story := stories.a_story())
    bar, last = story[0], story[-1]
    answer = page_of(operator, last.id)
    assert answer.status_code == 302
    assert answer["Location"] == f"/admin/lifecycle/{bar.id}/#{last.id}"


@pytest.mark.parametrize("unknown", ["01KE6QXQ1004A1TGMCXXSB3KR1", "a/b", "'; DROP TABLE ad_strands; --", "%(id)s"])
def test_an_unknown_id_is_not_found(operator: Client, unknown: str) -> None:
    assert page_of(operator, unknown).status_code == 404


def test_the_page_asks_few_questions_and_none_of_a_whole_table(operator: Client, wire: PostgresWire) -> None:
    wire.publish([*bars(100), *(story := stories.a_story(100))])
    with CaptureQueriesContext(connection) as asked:
        assert page_of(operator, story[0].id).status_code == 200
    assert len(asked) <= MOST_QUERIES
    with connection.cursor() as cursor:
        cursor.execute("SET enable_seqscan = off")
        for query in asked.captured_queries:
            if "_strands" in query["sql"]:
                cursor.execute(f"EXPLAIN {query['sql']}")
                assert "Seq Scan" not in "\n".join(line for (line,) in cursor.fetchall())
        cursor.execute("RESET enable_seqscan")


ODD = (
    ("ad_strands", {"kind": "signal", "sig_direction": "sideways", "trading_plan": "[1, null]"}),
    ("dm_strands", {"kind": "decision", "dm_decision": '"approve"', "at": "epoch"}),
    ("dm_strands", {"kind": "decision", "dm_decision": '{"gates": {"gate": 7}}', "lifecycle_id": "odd"}),
    ("tr_strands", {"kind": "fill", "symbol": "X", "timeframe": "1m", "fills": "[[]]", "at": "9998-12-31"}),
    ("tr_strands", {"symbol": "X", "timeframe": "1m", "order_spec": '{"quantity": "much"}'}),
    ("md_strands", {"kind": "bar", "md_bar": '"up"', "md_features": "[]"}),
    ("op_strands", {"op_note": '{"text": "<script>alert(1)</script>"}'}),
)


@pytest.mark.parametrize(("table", "row"), ODD)
def test_rows_of_another_make_are_shown_as_they_are(operator: Client, table: str, row: dict[str, str]) -> None:
    columns, places = ", ".join(row), ", ".join(["%s"] * len(row))
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {table} (id, {columns}) VALUES ('odd', {places})", [*row.values()])
    answer = page_of(operator, "odd")
    assert answer.status_code == 200
    assert "<script>alert" not in text(answer)


def test_the_chart_is_drawn_without_a_word_from_another_host(console: Console, wire: PostgresWire, page: Page) -> None:
    wire.publish([*bars(100), *(story := stories.a_story(100))])
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on(
        "request", lambda request: faults.append(request.url) if not request.url.startswith(console.origin) else None
    )
    page.context.add_cookies([{"name": "tradingops_session", "value": console.cookie, "url": console.origin}])
    page.goto(f"{console.origin}/admin/lifecycle/{story[0].id}/#{story[-1].id}")
    page.wait_for_selector(".story-timeline li.is-pointed-at")
    drawn = page.evaluate("Chart.getChart('story-chart').data.datasets.map(set => set.type)")
    assert drawn == ["bar", "bar", "scatter", "scatter", "scatter", "line", "line", "line"]
    page.set_viewport_size({"width": 375, "height": 800})
    page.wait_for_function("document.documentElement.scrollWidth === 375")
    assert faults == []
