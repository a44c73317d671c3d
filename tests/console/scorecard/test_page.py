"""The scorecard: figures that add up, few questions to the database, the decisions behind each figure."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.console import desk, judged
from tradingops.mandates.models import Mandate

pytestmark = pytest.mark.django_db
MOST_QUERIES = 12
TABLES = {"alpha": "ad", "dm": "dm", "trader": "tr"}


@pytest.fixture
def chief(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("chief"))
    return client


def board(chief: Client, module: str = "dm") -> Any:
    return chief.get(reverse("admin:console_scorecard"), {"module": module})


def of(chief: Client, curator: str, module: str = "dm", **asked: Any) -> Any:
    return chief.get(reverse("admin:console_scorecard_curator", args=[module, curator]), asked)


def one(told: list[dict[str, Any]], outcome: dict[str, Any], nth: int = 0) -> None:
    judged.project([judged.scores(nth, told=told, outcome=outcome)])


@pytest.mark.parametrize("module", judged.ROSTERS)
def test_every_module_has_its_curators_on_a_board_of_their_own(chief: Client, module: str) -> None:
    judged.project(judged.history(30, module=module))
    assert [card.name for card in board(chief, module).context["cards"]] == sorted(judged.ROSTERS[module])


def test_figures_are_counted_from_the_scores(chief: Client) -> None:
    lost, won = judged.an_outcome(1, pnl=-0.02, actual=False), judged.an_outcome(2, pnl=0.03, actual=False)
    one([judged.a_score(action="veto", confidence=0.9, outcome=lost)], lost, 1)
    one([judged.a_score(action="veto", confidence=0.7, outcome=won)], won, 2)
    one([judged.a_score(confidence=0.6, outcome=won)], won, 3)
    [card] = board(chief).context["cards"]
    figures = {figure.label: figure.value for figure in card.figures}
    assert (card.n, card.correct) == (3, 2)
    assert (figures["vetoes right"], figures["veto rate"], figures["precision"]) == ("0.50", "66.7 %", "1.00")
    assert (round(card.worth.saved, 6), round(card.worth.missed, 6)) == (0.001, 0.0015)


def test_what_a_veto_was_worth_is_told_in_the_currency_of_its_day(chief: Client) -> None:
    desk.a_state(judged.NOON, "200000")
    lost = judged.an_outcome(1, pnl=-0.02, actual=False)
    one([judged.a_score(action="veto", outcome=lost)], lost, 1)
    desk.a_state(judged.NOON + 90 * judged.STEP, "900000")
    [card] = board(chief).context["cards"]
    assert card.worth.money == pytest.approx(0.001 * 200_000)


def test_without_a_portfolio_value_no_money_is_invented(chief: Client) -> None:
    lost = judged.an_outcome(1, pnl=-0.02, actual=False)
    one([judged.a_score(action="veto", outcome=lost)], lost)
    assert board(chief).context["cards"][0].worth.money is None


def test_the_reliability_plot_has_a_dot_for_each_range_that_was_stated(chief: Client) -> None:
    won = judged.an_outcome(1, pnl=0.01)
    for nth, confidence in enumerate((0.62, 0.68, 1.0)):
        one([judged.a_score(confidence=confidence, outcome=won)], won, nth)
    [card] = board(chief).context["cards"]
    assert [(each.lower, each.n) for each in card.reliability.bins if each.n] == [(0.6, 2), (0.9, 1)]
    assert card.reliability.told in board(chief).content.decode()


def test_the_weight_of_a_curator_is_drawn_over_time(chief: Client) -> None:
    judged.project(judged.history(200))
    card = next(card for card in board(chief).context["cards"] if card.name == "risk_curator")
    [line] = card.courses.lines
    assert 2 <= len(line.points.split()) <= 80
    assert f"{line.last.weight:.3f}" == card.weight


def test_a_module_that_learns_by_symbol_has_a_line_for_each(chief: Client) -> None:
    judged.project([*judged.history(40, module="alpha"), *judged.history(40, module="alpha", symbol="ETH-PERP")])
    card = board(chief, "alpha").context["cards"][0]
    assert {line.name for line in card.courses.lines} == {"BTC-PERP", "ETH-PERP"}


def test_a_curator_that_stops_too_much_is_marked(chief: Client) -> None:
    lost = judged.an_outcome(1, pnl=-0.02, actual=False)
    one([judged.a_score(action="veto", outcome=lost)], lost)
    [card] = board(chief).context["cards"]
    assert card.alerts == ("Vetoes 100 % of what it hears; the limit is 30 %",)


@pytest.mark.parametrize("module", judged.ROSTERS)
def test_a_board_without_scores_says_so(chief: Client, module: str) -> None:
    assert "has been scored yet" in board(chief, module).content.decode()


def test_the_list_behind_a_figure_has_its_scores_and_no_other(chief: Client) -> None:
    judged.project(judged.history(40))
    shown = of(chief, "risk_curator", figure="vetoes").context["decisions"]
    assert shown
    assert {each.action for each in shown} == {"veto"}
    assert all(each.correct for each in of(chief, "risk_curator", figure="right").context["decisions"])


def test_pages_follow_one_another_until_every_score_was_shown_once(chief: Client) -> None:
    judged.project(judged.history(60))
    seen: list[str] = []
    asked: dict[str, str] | None = {}
    while asked is not None:
        page = of(chief, "risk_curator", **asked)
        seen += [each.about for each in page.context["decisions"]]
        older = page.context["older"]
        asked = (
            {"after": page.context["older"].split("after=")[1].replace("%2C", ",").replace("%3A", ":")}
            if older
            else None
        )
    assert len(seen) == len(set(seen)) == 60
    assert seen == sorted(seen, reverse=True)


def test_a_score_leads_to_the_lifecycle_of_what_was_judged(chief: Client) -> None:
    judged.project([judged.scores(1, subject="01SUBJECT")])
    shown = of(chief, "risk_curator").content.decode()
    assert reverse("admin:console_lifecycle", args=["01SUBJECT"]) in shown


@pytest.mark.parametrize(
    "asked", [{"figure": "nonsense"}, {"bin": "99"}, {"after": "x"}, {"after": "a,b"}, {"bin": "²"}]
)
def test_an_address_that_asks_for_nonsense_shows_the_page(chief: Client, asked: dict[str, str]) -> None:
    judged.project(judged.history(3))
    assert of(chief, "risk_curator", **asked).status_code == 200


def test_an_unknown_curator_or_module_is_not_found(chief: Client) -> None:
    assert of(chief, "nobody").status_code == 404
    assert of(chief, "risk_curator", module="nobody").status_code == 404


@pytest.mark.parametrize(
    "told", ["[]", '"x"', '{"correct": true, "confidence": "much"}', '{"correct": true, "confidence": 7}']
)
def test_a_row_of_another_make_is_passed_over(chief: Client, told: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO dm_curator_performance (id, curator_type, decision_id, contribution_score, accuracy_score,"
            " learning_metadata) VALUES ('odd', 'risk_curator', 'odd', 0, 0, %s)",
            [json.dumps(json.loads(told))],
        )
    assert board(chief).status_code == 200


@pytest.mark.parametrize("curator", [None, "risk_curator"])
def test_a_page_asks_few_questions_and_finds_its_scores_by_an_index(chief: Client, curator: str | None) -> None:
    judged.project(judged.history(40))
    with CaptureQueriesContext(connection) as asked:
        answer = of(chief, curator) if curator else board(chief)
    assert answer.status_code == 200
    assert len(asked) <= MOST_QUERIES
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
        for query in asked.captured_queries:
            if "FROM dm_curator_performance" in query["sql"]:
                cursor.execute(f"EXPLAIN {query['sql']}")
                plan = "\n".join(line for (line,) in cursor.fetchall())
                assert "Seq Scan on dm_curator_performance" not in plan, plan


def test_whoever_may_not_see_curators_sees_none(client: Client) -> None:
    client.force_login(User.objects.create_user("visitor", is_staff=True))
    assert client.get(reverse("admin:console_scorecard")).status_code == 403
    assert of(client, "risk_curator").status_code == 403


def test_whoever_may_see_one_module_sees_that_one_alone(client: Client) -> None:
    person = User.objects.create_user("quant", is_staff=True)
    person.user_permissions.add(Permission.objects.get(codename="view_alphacuratorperformance"))
    client.force_login(person)
    assert [tab["title"] for tab in client.get(reverse("admin:console_scorecard")).context["tabs"]] == [
        "Alpha detector"
    ]
    assert client.get(reverse("admin:console_scorecard"), {"module": "dm"}).status_code == 403


def test_who_is_bounded_sees_the_scores_of_their_symbols_and_no_money_of_the_desk(client: Client) -> None:
    narrow = User.objects.create_superuser("narrow")
    Mandate.objects.create(name="one symbol", person=narrow, symbols=["BTC-PERP"])
    client.force_login(narrow)
    desk.a_state(judged.NOON, "200000")
    lost = judged.an_outcome(1, pnl=-0.02, actual=False)
    told = [judged.a_score(action="veto", confidence=0.9, outcome=lost)]
    own = judged.scores(1, told=told, outcome=lost)
    judged.project([own, dataclasses.replace(judged.scores(2, told=told, outcome=lost), symbol="ETH-PERP")])
    shown = board(client)
    assert own.symbol == "BTC-PERP"
    assert [card.n for card in shown.context["cards"]] == [1]
    assert (shown.context["value"], shown.context["total"]["money"]) == (None, None)
    one_curator = of(client, "risk_curator")
    assert len(one_curator.context["decisions"]) == 1
    assert "ETH-PERP" not in shown.content.decode() + one_curator.content.decode()


def test_who_is_bounded_sees_the_weights_of_their_symbols(client: Client) -> None:
    narrow = User.objects.create_superuser("narrow")
    Mandate.objects.create(name="another symbol", person=narrow, symbols=["NONE-PERP"])
    judged.project(judged.history(30, module="alpha"))
    client.force_login(narrow)
    assert board(client, "alpha").context["cards"] == []
