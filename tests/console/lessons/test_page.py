"""Lessons: what a page tells of one, and that only a person who may can activate or retire it, for a reason."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from strands.lessons.models import Lesson, Source, WriterCall
from strands.models import Delivery, PeopleStrand
from strands.strand import Strand
from tests.console import desk, judged, stories

pytestmark = pytest.mark.django_db
MOST_QUERIES = 12


@pytest.fixture
def chief(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("chief"))
    return client


def learned(**more: Any) -> Strand:
    braid = judged.a_braid(**more)
    judged.learn([braid])
    return braid


def page(client: Client, braid: Strand, **asked: Any) -> Any:
    return client.get(reverse("admin:console_lesson", args=[braid.id]), asked)


def act(braid: Strand, action: str) -> str:
    return reverse("admin:console_lesson_action", args=[braid.id, action])


def touched_by(braid: Strand, count: int = 1) -> list[Strand]:
    """Decisions to which a lesson was applied."""
    said = []
    for nth in range(count):
        decision = stories.a_decision(stories.a_signal(stories.a_bar(nth, at=braid.at)))
        told = {
            "lessons_applied": [braid.id, "another"],
            "confidence_boost": 1.05,
            "matches": [{"lesson_id": braid.id, "relevance": 0.85}],
        }
        said.append(dataclasses.replace(decision, payload={**decision.payload, "lesson_metadata": told}))
    return desk.said(said)


def test_a_page_says_when_a_lesson_applies_and_what_it_recommends(chief: Client) -> None:
    shown = page(chief, learned()).content.decode()
    for words in (
        "trending up",
        "Be 8 % surer, where regime is trending up.",
        "Let the risk curator count 10 % less.",
        "most won",
    ):
        assert words in shown


def test_its_members_are_there_with_their_results(chief: Client) -> None:
    braid = learned(members=5)
    answer = page(chief, braid)
    assert [each.source_id for each in answer.context["sources"]] == sorted(
        each["id"] for each in braid.payload["lesson_metadata"]["source_strands"]
    )
    assert answer.context["plot"].told in answer.content.decode()


def test_its_measured_effect_is_told_with_and_without(chief: Client) -> None:
    braid = learned()
    effect = {"touched": 4, "flipped": 1, "with_pnl": 0.02, "without_pnl": 0.015}
    judged.learn([judged.a_change_of(braid, standing="active", effect=effect)])
    shown = page(chief, braid).content.decode()
    for words in ("4 decisions with a known result, 1 of them turned", "+2.0000 %", "+1.5000 %", "+0.5000 %"):
        assert words in shown


def test_what_it_changed_is_listed_page_after_page(chief: Client) -> None:
    braid = learned()
    said = touched_by(braid, 45)
    seen: list[str] = []
    before = ""
    while True:
        answer = page(chief, braid, before=before)
        seen += [each.lifecycle_id for each in answer.context["touched"]]
        before = answer.context["older"]
        if not before:
            break
    assert sorted(seen) == sorted(each.lifecycle_id or "" for each in said)
    assert answer.context["touched"][0].others == 1


def test_what_alpha_and_the_trader_did_with_it_is_listed_too(chief: Client) -> None:
    for nth, (module, kind) in enumerate((("alpha", "withheld"), ("trader", "execution"))):
        braid = learned(nth=nth, module=module)
        told = {"lessons_applied": [braid.id], "confidence_boost": 0.95}
        bar = stories.a_bar(5, at=braid.at)
        desk.said([bar.answer(module=module, kind=kind, payload={"lesson_metadata": told})])
        assert [each.boost for each in page(chief, braid).context["touched"]] == ["× 0.950"]


def test_its_history_names_module_and_person(chief: Client) -> None:
    braid = learned(standing="proposed")
    measured = judged.a_change_of(braid, standing="active", nth=1)
    retired = judged.a_change_of(braid, standing="retired", before="active", note="it cost more than it brought")
    judged.learn([measured, retired])
    chief.post(act(braid, "activate"), {"reason": "worth another try", "_form_submitted": "on"})
    told = [(each.who, each.what, each.note) for each in page(chief, braid).context["history"]]
    assert len(told) == 2
    assert ("chief", "asked to activate it", "worth another try") in told
    assert (
        "its module",
        "active → retired by what it was measured to be worth",
        "it cost more than it brought",
    ) in told


@pytest.mark.parametrize(
    ("action", "before", "standing"), [("activate", "proposed", "active"), ("retire", "active", "retired")]
)
@pytest.mark.parametrize("module", ["alpha", "dm", "trader"])
def test_a_verdict_is_said_to_the_module_that_learned(
    chief: Client, action: str, before: str, standing: str, module: str
) -> None:
    braid = learned(module=module, standing=before)
    answer = chief.post(act(braid, action), {"reason": "seen enough", "_form_submitted": "on"})
    assert answer.headers["HX-Redirect"] == reverse("admin:console_lesson", args=[braid.id])
    said = PeopleStrand.objects.get(kind="lesson_verdict")
    assert said.op_verdict == {"lesson_id": braid.id, "standing": standing, "by": "chief", "note": "seen enough"}
    assert (said.symbol, said.tags) == (braid.symbol, [f"{module}:lesson"])
    delivery = Delivery.objects.get(strand_id=said.id)
    assert (delivery.listener, delivery.partition) == (module, "" if module == "dm" else braid.symbol)
    assert Lesson.objects.get().standing == before


def test_a_verdict_is_said_in_market_time(chief: Client) -> None:
    bar = stories.a_bar(500)
    desk.said([bar])
    braid = learned(standing="proposed")
    chief.post(act(braid, "activate"), {"_form_submitted": "on"})
    assert PeopleStrand.objects.get(kind="lesson_verdict").at == bar.at


@pytest.mark.parametrize("reason", ["", " ", "ok"])
def test_nobody_retires_a_lesson_without_a_reason(chief: Client, reason: str) -> None:
    braid = learned()
    assert chief.post(act(braid, "retire"), {"reason": reason, "_form_submitted": "on"}).context["form"].errors
    assert not PeopleStrand.objects.exists()


def test_asking_for_a_dialog_says_nothing(chief: Client) -> None:
    braid = learned()
    for method in (chief.get, chief.head):
        assert method(act(braid, "retire")).status_code == 200
    assert not PeopleStrand.objects.exists()


def test_what_is_so_already_is_not_said_again(chief: Client) -> None:
    braid = learned(standing="active")
    chief.post(act(braid, "activate"), {"_form_submitted": "on"})
    assert not PeopleStrand.objects.exists()
    assert page(chief, braid).context["actions"] == ["retire"]


def test_whoever_may_only_look_finds_no_button_and_is_refused(client: Client) -> None:
    person = User.objects.create_user("reader", is_staff=True)
    person.user_permissions.add(Permission.objects.get(codename="view_lesson"))
    client.force_login(person)
    braid = learned()
    assert page(client, braid).context["actions"] == []
    assert client.post(act(braid, "retire"), {"reason": "I may not", "_form_submitted": "on"}).status_code == 403
    assert not PeopleStrand.objects.exists()


def test_a_verdict_without_its_token_is_refused() -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.create_superuser("chief"))
    braid = learned()
    assert client.post(act(braid, "retire"), {"reason": "from elsewhere", "_form_submitted": "on"}).status_code == 403
    assert not PeopleStrand.objects.exists()


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_no_other_method_does_anything(chief: Client, method: str) -> None:
    assert getattr(chief, method)(act(learned(), "retire")).status_code == 405


def test_an_unknown_lesson_or_action_is_not_found(chief: Client) -> None:
    assert chief.get(reverse("admin:console_lesson", args=["nobody"])).status_code == 404
    assert chief.get(act(learned(), "praise")).status_code == 404


@pytest.mark.parametrize("module", ["alpha", "dm", "trader"])
def test_a_page_asks_few_questions_and_none_of_a_whole_table(chief: Client, module: str) -> None:
    braid = learned(module=module)
    touched_by(braid)
    with CaptureQueriesContext(connection) as asked:
        assert page(chief, braid).status_code == 200
    assert len(asked) <= MOST_QUERIES
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        for query in asked.captured_queries:
            if "_strands" in query["sql"] and query["sql"].lstrip().startswith(("SELECT", "WITH")):
                cursor.execute(f"EXPLAIN {query['sql']}")
                plan = "\n".join(line for (line,) in cursor.fetchall())
                assert "Seq Scan" not in plan, plan


@pytest.mark.parametrize("word", ["<script>alert(1)</script>", "{{ 7 * 7 }}", "x" * 5_000])
def test_what_a_writer_wrote_is_shown_as_text(chief: Client, word: str) -> None:
    odd = {"type": word, "because": word}
    braid = learned(title=word, description=word, conditions={word: [word]}, recommendations=[odd, {"type": None}])
    assert "<script>alert" not in page(chief, braid).content.decode()


ODD: tuple[Any, ...] = (
    {},
    [],
    "text",
    {"symbol": None, "x": {"y": [1, {"z": 2}]}},
    [1, None, {"a": 1}],
    {"type": "confidence_boost"},
)


@pytest.mark.parametrize("odd", ODD, ids=repr)
def test_a_lesson_of_another_make_is_shown_as_it_is(chief: Client, odd: Any) -> None:
    braid = learned()
    Lesson.objects.update(conditions=odd, recommendations=odd, effect=odd)
    assert page(chief, braid).status_code == 200


def test_the_list_tells_standing_and_effect_and_leads_to_the_page(chief: Client) -> None:
    braid = learned(title="Longs paid")
    judged.learn([judged.a_change_of(braid, standing="active", effect={"touched": 4, "mean": -0.0002})])
    shown = chief.get(reverse("admin:strands_lessons_lesson_changelist")).content.decode()
    for words in ("Longs paid", "active", "-0.020 %", reverse("admin:console_lesson", args=[braid.id])):
        assert words in shown


@pytest.mark.parametrize(
    ("asked", "found"),
    [({"standing": "active"}, 1), ({"module": "alpha"}, 1), ({"level": "3"}, 0), ({"symbol": "X"}, 0)],
)
def test_the_list_is_filtered(chief: Client, asked: dict[str, str], found: int) -> None:
    judged.learn([judged.a_braid(1, module="alpha", standing="proposed"), judged.a_braid(2)])
    rows = chief.get(reverse("admin:strands_lessons_lesson_changelist"), asked).context["cl"].result_list
    assert len(list(rows)) == found


def test_the_ledger_of_writers_lists_calls_and_holds_no_key(chief: Client) -> None:
    braid = learned()
    WriterCall.objects.create(lesson_id=braid.id, model="m", prompt_hash="a" * 64, status="timeout", reason="too slow")
    shown = chief.get(reverse("admin:strands_lessons_writercall_changelist")).content.decode()
    assert "too slow" in shown
    assert not any("key" in field.name and field.name != "prompt_hash" for field in WriterCall._meta.concrete_fields)


@pytest.mark.parametrize("model", ["lesson", "source", "writercall"])
def test_a_room_about_lessons_lists_shows_and_lets_nobody_change(chief: Client, model: str) -> None:
    braid = learned()
    WriterCall.objects.create(lesson_id=braid.id, model="m", prompt_hash="a" * 64, status="answered", answer={"a": 1})
    row = {"lesson": Lesson, "source": Source, "writercall": WriterCall}[model]._default_manager.get_queryset()[0]
    name = f"admin:strands_lessons_{model}"
    with CaptureQueriesContext(connection) as asked:
        assert chief.get(reverse(f"{name}_changelist")).status_code == 200
    assert len(asked) <= MOST_QUERIES
    assert chief.get(reverse(f"{name}_change", args=[row.pk])).status_code == 200
    assert chief.get(reverse(f"{name}_add")).status_code == 403
    assert chief.post(reverse(f"{name}_change", args=[row.pk]), {"title": "changed"}).status_code == 403
    assert chief.post(reverse(f"{name}_delete", args=[row.pk]), {"post": "yes"}).status_code == 403
