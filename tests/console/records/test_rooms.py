"""Every table has a room; what modules write is looked at and never changed."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.utils import quote
from django.contrib.auth.models import User
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from strands.market import models as market
from tests.console import rows

pytestmark = pytest.mark.django_db
MOST_QUERIES = 12


def room(model: type[Model], page: str, *arguments: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=arguments)


def by_table(model: type[Model]) -> str:
    return str(model._meta.db_table)


every_table = pytest.mark.parametrize("model", rows.models(), ids=by_table)


@pytest.fixture
def chief(client: Client) -> Client:
    """The browser of somebody who may do everything."""
    client.force_login(User.objects.create_superuser("chief"))
    return client


def test_every_table_has_a_room() -> None:
    assert set(rows.models()) <= set(admin.site._registry)


@every_table
def test_a_room_lists_its_rows_with_few_queries(model: type[Model], chief: Client) -> None:
    from django.db import connection

    rows.a_row(model)
    with CaptureQueriesContext(connection) as asked:
        answer = chief.get(room(model, "changelist"))
    assert answer.status_code == 200
    assert len(asked) <= MOST_QUERIES
    assert not [query["sql"] for query in asked if "COUNT(" in query["sql"] and model._meta.db_table in query["sql"]]


@every_table
def test_a_row_has_a_page_that_tells_its_documents(model: type[Model], chief: Client) -> None:
    row = rows.a_row(model)
    page = chief.get(room(model, "change", row.pk))
    assert page.status_code == 200
    documents = [field for field in model._meta.concrete_fields if field.get_internal_type() == "JSONField"]
    told = [field for field in documents if field.name not in ("tags", "message_data")]
    assert page.content.decode().count('class="document"') >= len(told)


@every_table
def test_not_even_a_superuser_adds_changes_or_deletes(model: type[Model], chief: Client) -> None:
    row = rows.a_row(model)
    refused = [
        chief.get(room(model, "add")).status_code,
        chief.post(room(model, "add"), {}).status_code,
        chief.post(room(model, "change", row.pk), {"symbol": "CHANGED"}).status_code,
        chief.post(room(model, "delete", row.pk), {"post": "yes"}).status_code,
        chief.post(
            room(model, "changelist"), {"action": "delete_selected", "_selected_action": [str(row.pk)]}
        ).status_code,
    ]
    assert set(refused[:4]) == {403}
    assert model._default_manager.filter(pk=row.pk).exists()


@every_table
def test_whoever_may_not_view_a_table_sees_neither_list_nor_row(model: type[Model], client: Client) -> None:
    row = rows.a_row(model)
    client.force_login(User.objects.create_user("visitor", is_staff=True))
    assert {
        client.get(room(model, "changelist")).status_code,
        client.get(room(model, "change", row.pk)).status_code,
    } == {403}


@pytest.mark.parametrize("odd", ["[" * 3_000 + "]" * 3_000, f'{{"state": 1{"0" * 5_000}}}'], ids=["deep", "long"])
def test_a_document_that_python_cannot_hold_takes_no_page_with_it(odd: str, chief: Client) -> None:
    from django.db import connection

    from strands.models import PeopleStrand

    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO op_strands (id, kind, op_halt) VALUES ('odd', 'halt', %s)", [odd])
    assert chief.get(room(PeopleStrand, "changelist")).status_code == 200
    assert chief.get(room(PeopleStrand, "change", "odd")).status_code == 200


def test_instruments_show_each_value_beside_where_it_comes_from(chief: Client) -> None:
    market.Instrument.objects.create(
        symbol="MOG/USDT",
        tick="0.000000000001",
        lot="1000",
        sources={"tick": "exchange", "lot": "inferred"},
        at="2026-01-05T09:30Z",
        strand_id="S",
    )
    page = chief.get(room(market.Instrument, "changelist")).content.decode()
    cells = [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", cell)).strip() for cell in page.split("<td")]
    told = " ".join(cells)
    assert "0.000000000001 exchange" in told
    assert "1,000 inferred" in told


@every_table
def test_the_first_link_of_a_row_leads_to_its_story_and_the_last_to_the_row(model: type[Model], chief: Client) -> None:
    row = rows.a_row(model)
    page = chief.get(room(model, "changelist")).content.decode()
    links = re.findall(r'<a[^>]* href="([^"]+)"', page[page.index('id="result_list"') :].partition("<tbody")[2])
    own = room(model, "change", quote(row.pk))
    assert own in links
    story = admin.site._registry[model].story_of(row)
    if story is not None:
        assert links[0] == story
        assert story.startswith(("/admin/lifecycle/", "/admin/lesson/", "/admin/evidence/"))


def test_whatever_names_a_strand_leads_to_its_story() -> None:
    names = ("lifecycle_id", "strand_id", "signal_id", "decision_id", "execution_id", "source_id")
    without = {
        model._meta.db_table
        for model in rows.models()
        if any(field.name in names for field in model._meta.concrete_fields)
        and admin.site._registry[model].story is None
    }
    assert without == {"instruments"}, "an instrument is looked up for itself"
