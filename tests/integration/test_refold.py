"""Refold reports and goes on: whatever is wrong with a record has a name, and every other turn is handled again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command

from strands.lessons.writers.words import Words
from strands.strand import Strand
from strands.wires.lockstep import Lockstep
from tests import keeping, sessions
from tests.acceptance import markets
from tradingops import connections, engine, environments
from tradingops.modules.scribe.module import Scribe

pytestmark = pytest.mark.django_db(transaction=True)

BARS = markets.simulated("BTC", "ETH", "SOL", moments=400, seed=markets.LIVELY)
TRADER = "listener = 'trader' AND status = 'delivered'"


def play() -> None:
    wire = environments.wire(connections.wire)
    told = [strands for _, strands in environments.market_data().moments([[BARS]])]
    Lockstep(wire, list(environments.modules().values()), engine.market_time).play(told)
    wire.close()


PLAYED = keeping.Kept(play)


@pytest.fixture
def desk() -> Iterator[sessions.Session]:
    """A desk that traded, in a session that may change what nobody may."""
    with PLAYED.session() as session:
        yield session


def refold(capsys: pytest.CaptureFixture[str], *options: str) -> dict[str, Any]:
    """Return the report, and fail where its exit status does not tell whether anything differs."""
    capsys.readouterr()
    status = 0
    try:
        call_command("refold", "--json", *options)
    except SystemExit as left:
        status = int(str(left.code))
    report: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert status == bool(report["differences"])
    return report


def one(session: sessions.Session, query: str, *values: Any) -> Any:
    [(found, *_), *_] = sessions.rows(session, query, *values)
    return found


def a_fill(session: sessions.Session) -> str:
    return str(one(session, "SELECT id FROM vn_strands WHERE jsonb_typeof(vn_update->'fill') = 'object' ORDER BY id"))


def named(report: dict[str, Any], identity: str) -> list[str]:
    return [each["told"] for each in report["differences"] if each["strand_id"] == identity]


def test_a_desk_that_nobody_touched_differs_in_nothing(
    desk: sessions.Session, capsys: pytest.CaptureFixture[str]
) -> None:
    report = refold(capsys)
    assert report["differences"] == []
    assert report["turns"] == one(desk, "SELECT count(*) FROM module_messages WHERE status = 'delivered'")


def test_a_strand_that_is_gone_is_named_and_every_turn_is_taken(
    desk: sessions.Session, capsys: pytest.CaptureFixture[str]
) -> None:
    whole, fill = refold(capsys)["turns"], a_fill(desk)
    desk.execute("DELETE FROM vn_strands WHERE id = %s", [fill])
    report = refold(capsys)
    assert any("gone from vn_strands" in told for told in named(report, fill))
    assert any(f"answer {fill}" in each["told"] and "lost" in each["told"] for each in report["differences"])
    assert report["turns"] == whole


@pytest.mark.parametrize(
    ("poison", "word"),
    [
        ("""jsonb_build_object('number', ('1' || repeat('0', 5000))::numeric)""", "unreadable"),
        ("""jsonb_set(vn_update, '{fill}', '"a lot"')""", "raised|was|turn"),
        ("(repeat('[', 1500) || repeat(']', 1500))::jsonb", "unreadable"),
    ],
    ids=["a number without end", "a word for a quantity", "too deep"],
)
def test_a_fill_that_cannot_be_read_is_named_and_every_turn_is_taken(
    desk: sessions.Session, capsys: pytest.CaptureFixture[str], poison: str, word: str
) -> None:
    whole, fill = refold(capsys)["turns"], a_fill(desk)
    desk.execute(f"UPDATE vn_strands SET vn_update = {poison} WHERE id = %s", [fill])
    report = refold(capsys)
    assert named(report, fill)
    assert report["turns"] == whole


def test_a_fill_that_no_turn_said_is_named(desk: sessions.Session, capsys: pytest.CaptureFixture[str]) -> None:
    desk.execute(
        "INSERT INTO vn_strands (id, module, kind, symbol, tags, hop, vn_update, lifecycle_id) "
        "SELECT 'NOBODY', module, kind, symbol, tags, hop, vn_update, lifecycle_id FROM vn_strands WHERE id = %s",
        [a_fill(desk)],
    )
    told = named(refold(capsys), "NOBODY")
    assert any("turn that said it" in each for each in told)
    assert any("due" in each for each in told)


def test_a_plan_from_outside_is_no_difference(desk: sessions.Session, capsys: pytest.CaptureFixture[str]) -> None:
    desk.execute("INSERT INTO ad_strands (id, kind, tags) VALUES ('OUTSIDE', 'signal', '[]')")
    assert refold(capsys)["differences"] == []


def test_a_turn_that_is_deleted_is_named(desk: sessions.Session, capsys: pytest.CaptureFixture[str]) -> None:
    strand = one(
        desk, f"DELETE FROM module_messages WHERE message_id = (SELECT message_id FROM module_messages WHERE {TRADER} "
        "ORDER BY sequence OFFSET 40 LIMIT 1) RETURNING strand_id"
    )  # fmt: skip
    assert any("turn was None" in told and "due" in told for told in named(refold(capsys), strand))


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ("strand_id = (SELECT id FROM md_strands ORDER BY id LIMIT 1), strand_table = 'md_strands'", "record"),
        ("tag = 'trader:lesson'", "record"),
        ("message_data = message_data || '{\"answers\": 7}'", "record"),
        ('message_data = message_data || \'{"answers": ["INVENTED"]}\'', "answer INVENTED"),
        ("now = NULL", "record"),
        ("given = 'gone'", "given"),
        ("partition = 'ETH'", "partition"),
        ("strand_table = 'nowhere'", "strand heard"),
    ],
)
def test_a_turn_that_is_changed_is_named(
    desk: sessions.Session, capsys: pytest.CaptureFixture[str], change: str, what: str
) -> None:
    sequence = one(desk, f"SELECT sequence FROM module_messages WHERE {TRADER} AND partition <> 'ETH' AND "
                         "strand_table = 'vn_strands' ORDER BY sequence")  # fmt: skip
    desk.execute(f"UPDATE module_messages SET {change} WHERE sequence = %s", [sequence])
    found = [each["what"] for each in refold(capsys)["differences"] if each["sequence"] == sequence]
    assert what in found


def test_turns_told_in_another_order_differ(desk: sessions.Session, capsys: pytest.CaptureFixture[str]) -> None:
    desk.execute(f"UPDATE module_messages SET sequence = -sequence WHERE {TRADER}")
    assert refold(capsys, "--module", "trader")["differences"]


@pytest.mark.parametrize("state", ["no json", '{"version": 99}', "[]", "{}"])
def test_a_state_that_is_not_what_its_turns_left_is_named(
    desk: sessions.Session, capsys: pytest.CaptureFixture[str], state: str
) -> None:
    desk.execute("UPDATE module_states SET state = %s WHERE listener = 'dm'", [state])
    assert any(each["what"].startswith("state") for each in refold(capsys)["differences"])


# -- the turns of an outside voice


class Poet:
    """A writer from outside."""

    def write(self, braid: Any, *, lesson_id: str) -> Words:
        return Words(model="poet", lesson={"title": "Quiet", "lesson_id": lesson_id})


def worded(desk: sessions.Session) -> str:
    """Let a scribe with a writer hear a braid; return what it said."""
    wire = environments.wire(connections.wire, projections=())
    braid = Strand(
        id="BRAID", module="alpha", kind="braid", at=BARS[-1].closed_at, tags=("lessons:lesson",),
        payload={"lesson_metadata": {"lesson_id": "L1"}},
    )  # fmt: skip
    wire.publish([braid])
    engine.drain([Scribe(writer=Poet())], wire, engine.market_time)
    wire.close()
    return str(one(desk, "SELECT id FROM op_strands WHERE kind = 'lesson_words'"))


def test_what_an_outside_voice_said_is_no_difference_and_its_turns_are_counted(
    desk: sessions.Session, capsys: pytest.CaptureFixture[str]
) -> None:
    before = refold(capsys, "--module", "lessons")
    worded(desk)
    after = refold(capsys, "--module", "lessons")
    assert (after["turns"], after["answers"]) == (before["turns"] + 1, before["answers"] + 1)
    assert after["differences"] == []


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM op_strands WHERE id = %(words)s",
        "UPDATE op_strands SET parent_id = 'another' WHERE id = %(words)s",
        "UPDATE op_strands SET hop = 9 WHERE id = %(words)s",
        "UPDATE ad_strands SET kind = 'signal' WHERE id = 'BRAID'",
        "DELETE FROM module_messages WHERE listener = 'lessons' AND strand_id = 'BRAID'",
        "UPDATE module_messages SET message_data = '{}' WHERE listener = 'lessons' AND strand_id = 'BRAID'",
    ],
)
def test_what_is_wrong_with_an_outside_voice_s_turn_is_named(
    desk: sessions.Session, capsys: pytest.CaptureFixture[str], change: str
) -> None:
    desk.execute(change, {"words": worded(desk)})
    assert refold(capsys, "--module", "lessons")["differences"]
