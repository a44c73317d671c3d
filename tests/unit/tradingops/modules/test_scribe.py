"""The scribe hears braids and passes on what a writer says to them; without a writer it is silent."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest

from strands import strand, tables, tags
from strands.endpoint.spent import Spent, Status
from strands.given import Given, HaltState
from strands.lessons.writers.recorded import RecordedWords
from strands.lessons.writers.words import Unwritten, Words
from strands.strand import Strand
from tests import endpoints, factories
from tradingops.modules.scribe.module import BRAIDS, Scribe, ScribeState

SPENT = Spent(prompt_tokens=400, answer_tokens=100, cost=Decimal("0.007000"))
WORDS = Words(model="m", lesson=endpoints.LESSON, notes=("title: cut",), spent=SPENT)
NO = Unwritten(model="m", status=Status.TIMEOUT, reason="no whole answer within 30 s", spent=SPENT)


@dataclass
class Told:
    """A writer that always says the same."""

    says: Words | Unwritten
    asked: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)

    def write(self, braid: Mapping[str, Any], *, lesson_id: str) -> Words | Unwritten:
        self.asked.append((lesson_id, braid))
        return self.says


def a_braid_of(module: str = "alpha", kind: str = "braid", **changes: Any) -> Strand:
    return strand.first(
        module=module,
        kind=kind,
        at=factories.NOON,
        symbol="BTC-PERP",
        tags=[tags.WRITE_LESSON],
        payload={"lesson_metadata": factories.a_braid(**changes)},
    )


def hear(writer: Told | None, heard: Strand, *, halts: Mapping[str, HaltState] | None = None) -> list[Strand]:
    scribe = Scribe(writer=writer)
    state, answers = scribe.handle(scribe.start(""), heard, Given(heard.at, halts=halts or {}))
    assert state == scribe.start("") == scribe.load(scribe.dump(state)) == scribe.load({})
    return list(answers)


@pytest.mark.parametrize("kind", [*BRAIDS, "policy_changed"])
def test_without_a_writer_nothing_is_said(kind: str):
    assert hear(None, a_braid_of(kind=kind)) == []


def test_what_is_no_braid_is_not_written_about():
    writer = Told(WORDS)
    assert hear(writer, a_braid_of(kind="policy_changed")) == []
    assert writer.asked == []


def test_while_its_module_is_halted_no_writer_is_asked():
    writer = Told(WORDS)
    assert hear(writer, a_braid_of(), halts={"module:lessons": HaltState.HALTED}) == []
    assert writer.asked == []


@pytest.mark.parametrize("scope", ["desk", "module:alpha", "symbol:BTC-PERP"])
def test_a_halt_of_anything_else_does_not_silence_it(scope: str):
    assert len(hear(Told(WORDS), a_braid_of(), halts={scope: HaltState.HALTED})) == 1


@pytest.mark.parametrize("kind", BRAIDS)
@pytest.mark.parametrize("module", ["alpha", "dm", "trader"])
def test_words_go_to_the_module_that_said_the_braid(module: str, kind: str):
    heard = a_braid_of(module, kind)
    (said,) = hear(Told(WORDS), heard)
    assert (said.module, said.kind, said.parent_id) == ("op", "lesson_words", heard.id)
    assert (said.symbol, said.at, said.tags) == ("BTC-PERP", heard.at, (f"{module}:lesson",))


def test_the_note_holds_the_lesson_who_worded_it_and_what_that_cost():
    (said,) = hear(Told(WORDS), a_braid_of())
    assert json.loads(json.dumps(said.payload)) == {
        "op_note": {
            "lesson_id": factories.a_braid()["lesson_id"],
            "writer": "endpoint",
            "model": "m",
            "lesson": endpoints.LESSON,
            "notes": ["title: cut"],
            "tokens": {"prompt": 400, "answer": 100},
            "cost": "0.007000",
            "cached": False,
        }
    }


def test_a_refusal_is_said_to_nobody_with_its_reason():
    (said,) = hear(Told(NO), a_braid_of())
    assert (said.kind, said.tags) == ("lesson_words_refused", ())
    note = said.payload["op_note"]
    assert (note["status"], note["reason"], note["cost"]) == ("timeout", NO.reason, "0.007000")
    assert "lesson" not in note


def test_a_braid_without_a_lesson_s_id_is_the_lesson_itself():
    heard, writer = a_braid_of(lesson_id=None), Told(WORDS)
    hear(writer, heard)
    assert writer.asked[0][0] == heard.id


def test_the_same_braid_is_answered_under_the_same_id():
    assert hear(Told(WORDS), a_braid_of())[0].id == hear(Told(WORDS), a_braid_of())[0].id


def test_its_words_lie_in_a_column_of_their_table():
    (said,) = hear(Told(WORDS), a_braid_of())
    assert set(said.payload) <= set(tables.TABLES[said.module].payload)


@pytest.mark.parametrize("told", [WORDS, NO])
def test_recorded_words_are_said_again_to_the_letter(told: Words | Unwritten):
    (said,) = hear(Told(told), a_braid_of())
    recorded = RecordedWords([json.loads(json.dumps(said.payload["op_note"]))])
    _, (again,) = Scribe(writer=recorded).handle(ScribeState(), a_braid_of(), Given(factories.NOON))
    assert (again.id, again.kind, again.tags, again.payload) == (said.id, said.kind, said.tags, said.payload)


def test_a_lesson_of_which_no_words_were_recorded_gets_none():
    _, (said,) = Scribe(writer=RecordedWords([])).handle(ScribeState(), a_braid_of(), Given(factories.NOON))
    assert said.payload["op_note"]["reason"] == "no words for this lesson were recorded"
