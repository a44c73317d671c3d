"""Lists of decisions, signals, orders and fills: each of its own alone, a line a row, counted, filtered, as CSV."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from strands.strand import Strand
from tests.console import desk, stories
from tradingops.console import navigation
from tradingops.console.decisions import listing, page

pytestmark = pytest.mark.django_db
NO_INDEX = re.compile(r"Seq Scan|(?<!Incremental )Sort  \(cost")


@pytest.fixture
def chief(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("chief"))
    return client


@pytest.fixture
def told() -> list[Strand]:
    """Two plans traded and closed, one refused."""
    return desk.said(
        [
            *stories.a_story(100),
            *stories.a_story(200, refused=True),
            *stories.a_story(300, symbol="SOL-USD"),
        ]
    )


def rows_of(chief: Client, name: str, **asked: Any) -> list[Any]:
    answer = chief.get(reverse(f"admin:console_{name}"), asked)
    assert answer.status_code == 200, answer.content
    return list(answer.context["cl"].result_list)


def file_of(chief: Client, name: str, **asked: Any) -> list[dict[str, str]]:
    answer: Any = chief.get(reverse(f"admin:console_{name}_csv"), asked)
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(answer.getvalue().decode("utf-8"), newline="")))


KINDS = {"decisions": "decision", "signals": "signal", "orders": "order", "fills": "fill"}


@pytest.mark.parametrize("name", page.LISTS)
def test_a_list_holds_its_own_kind_alone_and_says_how_many(chief: Client, told: list[Strand], name: str) -> None:
    expected = sorted((each.id for each in told if each.kind == KINDS[name]), reverse=True)
    answer = chief.get(reverse(f"admin:console_{name}"))
    assert [row.pk for row in answer.context["cl"].result_list] == expected
    many = name if len(expected) != 1 else name[:-1]
    assert f"<strong>{len(expected)} {many}</strong>" in answer.content.decode()


@pytest.mark.parametrize(
    ("address", "trail"),
    [
        ("console_decisions", ["Decide", "Decisions"]),
        ("console_trades", ["Now", "Trades"]),
        ("strands_decisionstrand_changelist", ["Records", "Decision maker said"]),
        ("auth_user_add", ["Control", "Users"]),
    ],
)
def test_the_way_to_a_page_is_told_in_the_words_of_the_sidebar(chief: Client, address: str, trail: list[str]) -> None:
    path = reverse(f"admin:{address}")
    assert [each["title"] for each in navigation.trail(path, [{"title": "Strands"}, {"title": "Decisions"}])] == trail
    told = re.sub(r"<[^>]+>", " ", chief.get(path).content.decode())
    assert re.search(rf"{trail[0]}\s+chevron_right\s+{trail[1]}", told)


@pytest.mark.parametrize("name", page.LISTS)
def test_the_first_link_of_every_row_leads_to_its_story(chief: Client, told: list[Strand], name: str) -> None:
    shown = chief.get(reverse(f"admin:console_{name}")).content.decode()
    table = shown[shown.index('id="result_list"') :]
    firsts = re.findall(r'<tr[^>]*>.*?<a href="([^"]+)"', table[table.index("</thead>") :], re.DOTALL)
    expected = {
        reverse("admin:console_lifecycle", args=[each.lifecycle_id]) for each in told if each.kind == KINDS[name]
    }
    assert {each.partition("#")[0] for each in firsts} == expected
    assert all(chief.get(each).status_code == 200 for each in firsts)


@pytest.mark.parametrize("name", page.LISTS)
def test_a_file_holds_what_the_page_held_and_more_than_a_page_of_it(
    chief: Client, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "TOGETHER", 2)
    desk.said(
        [
            *(each for nth in range(3) for each in stories.a_story(100 + 100 * nth)),
            *stories.a_story(500, symbol="SOL-USD"),
        ]
    )
    monkeypatch.setattr(listing.ToldAdmin, "list_per_page", 2)
    whole, of_one = file_of(chief, name), file_of(chief, name, symbol="SOL-USD", o="-0", before="01")
    assert len(whole) == 4 * len(of_one) > 2
    assert [each["id"] for each in whole] == sorted((each["id"] for each in whole), reverse=True)
    shown = [row.pk for row in rows_of(chief, name, symbol="SOL-USD")]
    assert [each["id"] for each in of_one][:2] == shown
    assert all(re.fullmatch(r"2026-01-05T\d\d:\d\d:\d\dZ", each["when (UTC)"]) for each in whole)


def test_a_decision_tells_what_was_asked_and_given_what_limited_it_and_what_it_came_to(
    chief: Client, told: list[Strand]
) -> None:
    refused = next(each for each in file_of(chief, "decisions") if each["verdict"] == "reject")
    passed = [each for each in file_of(chief, "decisions") if each["verdict"] == "approve"]
    assert (refused["direction"], refused["asked"], refused["given"]) == ("long", "0.05", "")
    assert refused["limited by"] == "exposure 0.52 above 0.50, 0.02 too much"
    assert (refused["outcome"], refused["came to"], refused["approval"]) == ("", "not traded", "")
    assert {(each["asked"], each["given"], each["outcome"], each["came to"]) for each in passed} == {
        ("0.05", "0.05", "31.42", "won")
    }
    cells = chief.get(reverse("admin:console_decisions")).content.decode()
    assert "+31.42" in cells
    assert "5.00 %" in cells


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ({"verdict": "reject"}, 1),
        ({"verdict": "approve"}, 2),
        ({"verdict": "modify"}, 0),
        ({"gate": "exposure"}, 1),
        ({"gate": "risk_reward"}, 0),
        ({"symbol": "SOL-USD"}, 1),
        ({"day": "2026-01-05"}, 3),
        ({"day": "2026-01-04"}, 0),
        ({"outcome": "won"}, 2),
        ({"outcome": "lost"}, 0),
        ({"outcome": "open"}, 0),
        ({"outcome": "not traded"}, 1),
        ({"outcome": "won", "symbol": "SOL-USD"}, 1),
    ],
)
def test_a_filter_keeps_what_it_names_on_the_page_and_in_the_file(
    chief: Client, told: list[Strand], asked: dict[str, str], count: int
) -> None:
    assert len(rows_of(chief, "decisions", **asked)) == count
    assert len(file_of(chief, "decisions", **asked)) == count


@pytest.mark.parametrize(
    ("name", "asked", "says"),
    [
        ("decisions", {"verdict": "maybe"}, "verdict: &#x27;maybe&#x27; is none of approve, modify, reject"),
        ("decisions", {"gate": "drop table"}, "gate: &#x27;drop table&#x27; is none of"),
        ("decisions", {"outcome": "-1"}, "outcome: &#x27;-1&#x27; is none of won, lost, open, not traded"),
        ("signals", {"day": "31.12.2026"}, "day: &#x27;31.12.2026&#x27; is no day"),
        ("fills", {"day": "9999-12-31"}, "day: &#x27;9999-12-31&#x27; is no day"),
        ("orders", {"day": "1969-12-31"}, "day: &#x27;1969-12-31&#x27; is no day"),
    ],
)
@pytest.mark.parametrize("where", ["", "_csv"])
def test_an_odd_filter_is_refused_by_its_name(
    chief: Client, name: str, asked: dict[str, str], says: str, where: str
) -> None:
    answer = chief.get(reverse(f"admin:console_{name}{where}"), asked)
    assert answer.status_code == 400
    assert says in answer.content.decode()


def test_a_lookup_that_nobody_declared_is_refused_by_a_file_too(chief: Client) -> None:
    assert chief.get(reverse("admin:console_decisions_csv"), {"said__gte": "1"}).status_code == 400


def test_rows_are_sorted_by_a_column_and_what_has_no_value_comes_last(chief: Client, told: list[Strand]) -> None:
    for order in ("9", "-9"):
        came = [row.came.pnl for row in rows_of(chief, "decisions", o=order)]
        assert [each is None for each in came] == [False, False, True]
    oldest = [row.pk for row in rows_of(chief, "fills", o="0")]
    assert oldest == sorted(oldest)
    sizes = [float(row.fills[0]["qty"]) for row in rows_of(chief, "fills", o="-4")]
    assert sizes == sorted(sizes, reverse=True)
    assert len(set(sizes)) > 1


@pytest.mark.parametrize("order", ["", "0", "-4", "4"])
def test_pages_in_any_order_follow_one_another_until_every_row_was_shown_once(
    chief: Client, order: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing.ToldAdmin, "list_per_page", 2)
    signals = desk.said(desk.a_plan(nth, at=desk.NOON + timedelta(seconds=nth)) for nth in range(7))
    address, seen = f"?o={order}" if order else "?", []
    while address:
        shown = chief.get(reverse("admin:console_signals") + address).context["cl"]
        seen += [row.pk for row in shown.result_list]
        address = shown.older
    assert len(seen) == len(signals)
    assert set(seen) == {each.id for each in signals}


def test_beyond_what_is_worth_counting_it_says_more_than(
    chief: Client, told: list[Strand], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "MOST_COUNTED", 2)
    assert "more than 2 decisions" in chief.get(reverse("admin:console_decisions")).content.decode()


@pytest.mark.parametrize("name", page.LISTS)
def test_an_empty_desk_says_what_will_be_here(chief: Client, name: str) -> None:
    shown = chief.get(reverse(f"admin:console_{name}")).content.decode()
    assert "Nothing here yet." in shown
    assert page.LISTS[name][0].nothing_yet in shown
    assert "Nothing matches." in chief.get(reverse(f"admin:console_{name}"), {"symbol": "X"}).content.decode()
    assert file_of(chief, name) == []


def asked_of(name: str) -> Iterator[dict[str, str]]:
    yield from ({}, {"symbol": "BTC-PERP"}, {"day": "2026-01-05"}, {"before": "01KE70EHG000Y4163QD5C09Y90"}, {"o": "0"})
    if name == "decisions":
        yield from ({"verdict": "reject"}, {"gate": "exposure"}, {"gate": "exposure", "before": "01KE"})


@pytest.mark.parametrize("name", page.LISTS)
def test_a_list_is_read_in_the_order_of_an_index_with_few_questions(
    chief: Client, told: list[Strand], name: str
) -> None:
    table = page.LISTS[name][1]._meta.db_table
    for asked in asked_of(name):
        with connection.cursor() as cursor, CaptureQueriesContext(connection) as queries:
            cursor.execute(
                "SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off; SET LOCAL enable_bitmapscan = off"
            )
            chief.get(reverse(f"admin:console_{name}"), asked)
        assert len(queries) <= 12
        for read in (
            each["sql"] for each in queries if f'FROM "{table}"' in each["sql"] and '"kind" = ' in each["sql"]
        ):
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN {read}")
                plan = "\n".join(row[0] for row in cursor.fetchall())
            assert not NO_INDEX.search(plan), (asked, plan)


def test_a_row_that_a_spreadsheet_would_run_is_a_text_in_the_file(chief: Client) -> None:
    desk.said([desk.a_plan(1, symbol="=1+1")])
    assert [each["symbol"] for each in file_of(chief, "signals")] == ["'=1+1"]
