"""Lists of strands: newest first by an index, page after page, filtered by known words."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from strands import kinds, models, telling
from tests.console import desk, stories

pytestmark = pytest.mark.django_db
SIGNALS = "admin:strands_alphastrand_changelist"
NO_INDEX = re.compile(r"Seq Scan|(?<!Incremental )Sort  \(cost")


@pytest.fixture
def chief(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("chief"))
    return client


def listed(chief: Client, name: str = SIGNALS, **asked: Any) -> list[Any]:
    return [row.pk for row in chief.get(reverse(name), asked).context["cl"].result_list]


def test_pages_follow_one_another_until_every_strand_was_shown_once(chief: Client) -> None:
    said = desk.said(desk.a_plan(number, at=desk.NOON + timedelta(seconds=number)) for number in range(120))
    seen, asked = [], {}
    while asked is not None:
        page = chief.get(reverse(SIGNALS), asked).context["cl"]
        seen += [row.pk for row in page.result_list]
        asked = {"before": seen[-1]} if page.older else None
    assert seen == sorted((strand.id for strand in said), reverse=True)


def test_a_page_keeps_its_filter_on_the_way_to_older_rows(chief: Client) -> None:
    desk.said(desk.a_plan(number, symbol="ABCD"[number % 2]) for number in range(120))
    page = chief.get(reverse(SIGNALS), {"symbol": "A"}).context["cl"]
    assert set(re.findall(r"[?&](\w+)=", page.older)) == {"symbol", "before"}


@pytest.mark.parametrize("what", ["id", "lifecycle_id", "symbol"])
def test_search_finds_by_exact_id_lifecycle_or_symbol(chief: Client, what: str) -> None:
    [wanted, _] = desk.said([desk.a_plan(1, symbol="SOL-USD"), desk.a_plan(2)])
    assert listed(chief, q=getattr(wanted, what)) == [wanted.id]
    assert listed(chief, q=str(getattr(wanted, what))[:-1]) == []


def test_an_id_may_be_typed_in_small_letters(chief: Client) -> None:
    [wanted, _] = desk.said([desk.a_plan(1), desk.a_plan(2)])
    assert listed(chief, q=f" {wanted.id.lower()} ") == [wanted.id]


def test_filters_keep_what_they_name(chief: Client) -> None:
    desk.said(stories.a_story(refused=True))
    name = "admin:strands_decisionstrand_changelist"
    assert [len(listed(chief, name, kind=kind)) for kind in ("decision", "feedback", "review")] == [1, 1, 0]


@pytest.mark.parametrize("invented", ["id__icontains", "symbol__regex", "trading_plan__number", "said__gte"])
def test_a_lookup_that_an_address_invents_is_refused(chief: Client, invented: str) -> None:
    assert chief.get(reverse(SIGNALS), {invented: "1"}).status_code == 400


@pytest.mark.parametrize("model", models.STRANDS.values(), ids=lambda model: model._meta.db_table)
@pytest.mark.parametrize("asked", [{}, {"before": "01KE70EHG000Y4163QD5C09Y90"}, {"kind": "bar"}, {"symbol": "X"}])
def test_a_list_is_read_in_the_order_of_an_index(
    chief: Client, model: type[models.Strand], asked: dict[str, str]
) -> None:
    with connection.cursor() as cursor, CaptureQueriesContext(connection) as queries:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off; SET LOCAL enable_bitmapscan = off")
        chief.get(reverse(f"admin:strands_{model._meta.model_name}_changelist"), asked)
    [read] = [query["sql"] for query in queries if f'FROM "{model._meta.db_table}"' in query["sql"]]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {read}")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert not NO_INDEX.search(plan), plan


def test_a_place_that_is_no_key_of_the_table_shows_the_first_page(chief: Client) -> None:
    for name in ("admin:strands_delivery_changelist", "admin:strands_message_changelist"):
        assert chief.get(reverse(name), {"before": "nonsense"}).status_code == 302


def test_a_decision_tells_its_score_and_what_stopped_it(chief: Client) -> None:
    desk.said(stories.a_story(refused=True))
    shown = chief.get(reverse("admin:strands_decisionstrand_changelist"), {"kind": "decision"}).content.decode()
    assert "reject" in shown
    assert "exposure 0.52 above 0.50, 0.02 too much" in shown


def test_a_row_leads_to_its_lifecycle(chief: Client) -> None:
    [plan] = desk.said([desk.a_plan()])
    assert reverse("admin:console_lifecycle", args=[plan.lifecycle_id]) in chief.get(reverse(SIGNALS)).content.decode()


def test_the_palette_finds_a_lifecycle_by_its_id(chief: Client) -> None:
    [plan] = desk.said([desk.a_plan()])
    found = chief.get(reverse("admin:search"), {"s": plan.id, "extended": "1"}).content.decode()
    assert reverse("admin:console_lifecycle", args=[plan.id]) in found
    assert telling.text(kinds.parts("alpha", "signal", plan.payload)) in found


def test_the_palette_tells_nothing_of_a_strand_to_whoever_may_not_view_it(client: Client) -> None:
    [plan] = desk.said([desk.a_plan()])
    client.force_login(User.objects.create_user("visitor", is_staff=True))
    found = client.get(reverse("admin:search"), {"s": plan.id, "extended": "1"}).content.decode()
    assert "From its first cause to its end" in found
