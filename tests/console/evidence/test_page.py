"""The evidence page: the tape made again, the sums spelled out, and whoever may see it."""

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


def signal_of(told: Sequence[Strand]) -> Strand:
    return next(each for each in told if each.kind == "signal")


def evidence_page(client: Client, key: str) -> Any:
    return client.get(reverse("admin:console_evidence", args=[key]))


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
def test_evidence_of_another_make_spoils_no_page(chief: Client, odd: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ad_strands (id, kind, curator_feedback, dsi_evidence, lesson_metadata, module_intelligence)"
            " VALUES ('odd', 'signal', %(odd)s, %(odd)s, %(odd)s, %(odd)s)",
            {"odd": odd},
        )
    assert chief.get(reverse("admin:console_lifecycle", args=["odd"])).status_code == 200
