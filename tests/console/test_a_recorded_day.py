"""A stretch of a real desk's day on every page of the console: each opens quickly and speaks to people."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db.models import Model
from django.test import Client

from strands import kinds, models, tables, telling
from strands.kinds import refusals
from tests.console import day_pages, page_words, recorded_day, rows

pytestmark = pytest.mark.django_db
#: What the simulated day holds, by who says it; the company says nothing yet.
SAID = {
    "alpha": ("signal", "withheld", "counterfactual", "anomaly", "curator_scores", "lesson", "braid"),
    "dm": ("decision", "feedback", "curator_scores"),
    "trader": ("order", "fill", "execution", "position", "curator_scores", "lesson", "braid"),
    "risk": ("risk_update",),
    "market": ("bar",),
    "venue": ("order_update",),
    "op": ("note", "halt", "policy_changed", "lesson_verdict"),
}
by_table = pytest.mark.parametrize("model", rows.models(), ids=lambda model: model._meta.db_table)
of_the_wire = pytest.mark.parametrize("model", models.STRANDS.values(), ids=lambda model: model._meta.db_table)
each_kind = pytest.mark.parametrize(("role", "kind"), [(role, kind) for role, said in SAID.items() for kind in said])


@pytest.fixture(scope="module")
def simulated_day(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The database after a day of the desk's own simulated market; emptied when the module's tests are over."""
    with django_db_blocker.unblock():
        recorded_day.play(recorded_day.simulated())
    yield
    with django_db_blocker.unblock():
        call_command("flush", verbosity=0, interactive=False)


@pytest.fixture
def chief(simulated_day: None, client: Client) -> Client:
    """The browser of somebody who may see everything."""
    client.force_login(User.objects.create_superuser("chief"))
    return client


# --- where a strand is told


def in_its_list(chief: Client, strand: Any) -> str:
    """Return the cell of a list that tells a strand."""
    asked = urlencode({"q": strand.id, "kind": strand.kind})
    html = day_pages.opened(chief, f"{day_pages.room(type(strand), 'changelist')}?{asked}")
    link = day_pages.room(type(strand), "change", strand.id)
    [row] = [each for each in re.findall(r"<tr.*?</tr>", html, re.DOTALL) if link in each]
    [told] = page_words.cells(row, "in short")
    return told


def in_the_feed(chief: Client, strand: Any) -> str:
    """Return the line with which the live page tells a strand."""
    role = tables.BY_NAME[strand._meta.db_table].module
    asked = {"kind": strand.kind, "module": role, **({"symbol": strand.symbol} if strand.symbol else {})}
    html = day_pages.opened(chief, day_pages.at("console_live", **asked))
    [line] = [each["parts"] for each in history(html) if each["id"] == strand.id]
    return " · ".join(text for text, _, _ in line)


def in_its_story(chief: Client, strand: Any) -> str:
    """Return the line of a strand in the timeline of its lifecycle."""
    html = day_pages.opened(chief, day_pages.at("console_lifecycle", strand.lifecycle_id))
    [line] = re.findall(rf'<li id="{strand.id}".*?</summary>', html, re.DOTALL)
    return page_words.text(line)


def history(html: str) -> list[dict[str, Any]]:
    [found] = re.findall(r'<script id="feed-history" type="application/json">(.*?)</script>', html, re.DOTALL)
    return list(json.loads(found))


PLACES = {"list": in_its_list, "feed": in_the_feed, "lifecycle": in_its_story}
every_place = pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)

Place = Callable[[Client, Any], str]


# --- the day itself


@each_kind
def test_the_day_holds_every_kind_it_is_to_show(simulated_day: None, role: str, kind: str) -> None:
    assert day_pages.strands_of(role, kind).exists()


def test_the_day_holds_what_people_ask_about(simulated_day: None) -> None:
    decided = set(day_pages.strands_of("dm", "decision").values_list("dm_decision__decision_type", flat=True))
    ended = set(day_pages.strands_of("trader", "position").values_list("tr_outcome__outcome", flat=True))
    states = set(day_pages.strands_of("op", "halt").values_list("op_halt__state", flat=True))
    assert decided == {"approve", "modify", "reject"}
    assert {"win", "loss"} <= ended
    assert states == {"active", "reduce-only", "halted"}
    assert day_pages.decisions("confidence")
    assert day_pages.decisions("halted")
    assert day_pages.strands_of("alpha", "withheld").filter(curator_feedback__has_key="halt").exists()
    assert {"delivered", "failed"} <= set(models.Message.objects.values_list("status", flat=True))


# --- every page


@pytest.mark.parametrize("addresses", day_pages.PAGES.values(), ids=day_pages.PAGES)
def test_a_page_opens_with_few_queries_and_speaks_to_people(chief: Client, addresses: Callable[[], list[str]]) -> None:
    assert addresses()
    assert day_pages.faults(chief, addresses()) == []


@by_table
def test_a_list_opens_with_each_of_its_filters_and_speaks_to_people(chief: Client, model: type[Model]) -> None:
    assert day_pages.faults(chief, day_pages.lists(chief, model)) == []


@by_table
def test_the_pages_of_rows_open_and_speak_to_people(chief: Client, model: type[Model]) -> None:
    shown = [model._default_manager.order_by("-pk").first()]
    if model in models.STRANDS.values():
        shown = [day_pages.example(role, kind) for role, kind in _said_in(model)]
    addresses = [day_pages.room(model, "change", row.pk) for row in shown if row is not None]
    assert day_pages.faults(chief, addresses, of_records=True) == []


def _said_in(model: type[Model]) -> list[tuple[str, str]]:
    role = tables.BY_NAME[model._meta.db_table].module
    return [(role, kind) for kind in SAID.get(role, ())]


# --- what they say


@each_kind
def test_a_kind_is_told_in_words_of_its_own(simulated_day: None, role: str, kind: str) -> None:
    said = day_pages.payload(day_pages.example(role, kind))
    assert kinds.parts(role, kind, said) != telling.first_values(said)


@every_place
@each_kind
def test_a_strand_is_told_in_the_same_words_everywhere(chief: Client, place: Place, role: str, kind: str) -> None:
    strand = day_pages.example(role, kind)
    told = place(chief, strand)
    assert [part.text for part in kinds.parts(role, kind, day_pages.payload(strand)) if part.text not in told] == []


@every_place
def test_a_refusal_names_the_gate_its_value_and_its_limit(chief: Client, place: Place) -> None:
    [refused] = day_pages.decisions("confidence")
    [gate] = [each for each in refused.dm_decision["gates"] if each["gate"] == "confidence"]
    assert f"confidence {gate['value']:.2f} below 0.99" in place(chief, refused)
    assert refusals.sentence(gate) in place(chief, refused)


@every_place
def test_a_refusal_under_a_halt_names_its_state(chief: Client, place: Place) -> None:
    assert "halted reduce-only, wanted active" in place(chief, day_pages.decisions("halted")[0])


@every_place
def test_what_a_halt_withheld_names_the_halt(chief: Client, place: Place) -> None:
    withheld = day_pages.strands_of("alpha", "withheld").filter(curator_feedback__has_key="halt")[0]
    assert "module:alpha halted" in place(chief, withheld)


def test_the_story_of_what_a_halt_withheld_says_so_at_its_head(chief: Client) -> None:
    withheld = day_pages.strands_of("alpha", "withheld").filter(curator_feedback__has_key="halt")[0]
    html = day_pages.opened(chief, day_pages.at("console_lifecycle", withheld.lifecycle_id))
    assert "Withheld by alpha: module:alpha is halted." in html


@pytest.mark.parametrize("reason", ["confidence", "halted"])
def test_the_first_line_of_a_refused_story_says_why(chief: Client, reason: str) -> None:
    refused = day_pages.decisions(reason)[0]
    shown = page_words.text(day_pages.opened(chief, day_pages.at("console_lifecycle", refused.lifecycle_id)))
    assert f"Not traded: {refusals.why(refused.dm_decision)}" in shown


@pytest.mark.parametrize("outcome", ["win", "loss"])
def test_the_first_line_of_a_traded_story_says_how_it_ended(chief: Client, outcome: str) -> None:
    closed = day_pages.strands_of("trader", "position").filter(tr_outcome__outcome=outcome)[0]
    html = day_pages.opened(chief, day_pages.at("console_lifecycle", closed.lifecycle_id))
    [line] = re.findall(r'<p class="story-outcome">(.*?)</p>', html)
    assert closed.tr_outcome["close_reason"].replace("_", " ") in line
    assert f"{abs(float(closed.tr_outcome['pnl'])):,.2f}" in line


# --- chips and filters


def test_the_live_page_has_one_chip_a_kind(chief: Client) -> None:
    html = day_pages.opened(chief, day_pages.at("console_live"))
    chips = re.findall(r'<button[^>]*data-filter="kind"[^>]*data-name="([^"]*)"[^>]*>(.*?)</button>', html)
    assert sorted(name for name, _ in chips) == sorted(kinds.LOOKS)
    assert dict(chips) == {name: look.label for name, look in kinds.LOOKS.items()}


@of_the_wire
def test_a_list_offers_the_kinds_of_its_role_and_no_other(chief: Client, model: type[models.Strand]) -> None:
    shown = chief.get(day_pages.room(model, "changelist")).context["cl"].filter_specs
    [offered] = [each.lookup_choices for each in shown if each.parameter_name == "kind"]
    assert [word for word, _ in offered] == list(kinds.ROLES[tables.BY_NAME[model._meta.db_table].module].names)


def test_every_table_of_the_day_has_a_room(simulated_day: None) -> None:
    assert {model for model in rows.models() if model._default_manager.exists()} <= set(admin.site._registry)
