"""What a draft of a policy would have decided, of what a database recorded; and what cannot be decided again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from strands.wires.lockstep import Lockstep
from tests import keeping, sessions
from tests.acceptance import markets
from tradingops import connections, engine, environments
from tradingops.modules.decision import gates
from tradingops.modules.decision.gates import Comparison, Gate, Severity

pytestmark = pytest.mark.django_db(transaction=True)

BARS = markets.simulated("BTC", "ETH", "SOL", moments=700, seed=markets.LIVELY)
PLANS = "SELECT count(*) FROM dm_strands WHERE kind = 'decision'"


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


class Told(dict[str, Any]):
    """The report of each decision alone, and how the command ended."""

    status = 0


@pytest.fixture
def whatif(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    def asked(content: Any, *options: str, policy: str = "dm") -> Told:
        file = tmp_path / "draft.json"
        file.write_text(json.dumps({"policy": policy, "symbol": None, "content": content}))
        capsys.readouterr()
        status = 0
        try:
            call_command("whatif", str(file), "--json", *options)
        except SystemExit as left:
            status = int(str(left.code))
        told = Told(json.loads(capsys.readouterr().out)["each_decision_alone"])
        told.status = status
        left_out = sum(each["count"] for each in told["not_decidable"].values())
        assert told["decided_again"] + left_out == told["decisions"]
        assert (status == 1) == bool(left_out)
        return told

    return asked


def count(session: sessions.Session, query: str) -> int:
    [(found, *_), *_] = sessions.rows(session, query)
    return int(found)


def test_drafts_are_tried_on_what_was_recorded(desk: sessions.Session, whatif: Any) -> None:
    plans = count(desk, PLANS)
    unchanged = whatif({})
    assert unchanged["decided_again"] == plans > 4
    assert unchanged["flips"] == {"stricter": 0, "looser": 0, "by_gate": {}}
    assert (unchanged["gates_that_found_otherwise"], unchanged["resized"]) == ({}, 0)
    none = whatif({"min_confidence": 1.0})
    approved = count(desk, f"{PLANS} AND dm_decision ->> 'decision_type' <> 'reject'")
    assert none["flips"]["stricter"] == approved > 2
    came = none["stricter"]["came_to"]
    assert came["by_fills"] + came["never_entered"] + came["not_valued"] == came["plans"] == approved
    assert came["by_fills"] == came["won"] + came["lost"] > 0
    assert all(
        any(gate["gate"] == "confidence" and gate["now"]["limit"] == 1.0 for gate in each["gates"])
        for each in none["stricter"]["plans"]
    )
    assert whatif({"min_confidence": 1.0}, "--last", "3")["decisions"] == 3
    assert whatif({"lessons": {"enabled": False}})["acts_between_decisions"] == ["lessons"]


def test_turns_of_who_decides_no_plan_are_taken_again(desk: sessions.Session, tmp_path: Path, capsys: Any) -> None:
    def taken(policy: str, content: dict[str, Any]) -> dict[str, Any]:
        file = tmp_path / "draft.json"
        file.write_text(json.dumps({"policy": policy, "content": content}))
        capsys.readouterr()
        call_command("whatif", str(file), "--json", "--last", "20000")
        found: dict[str, Any] = json.loads(capsys.readouterr().out)["each_turn_alone"]
        return found

    for policy in ("alpha", "risk", "trader", "venue"):
        unchanged = taken(policy, {})
        turns = count(desk, f"SELECT count(*) FROM module_messages WHERE listener = '{policy}'")
        assert unchanged["taken_again"] == unchanged["turns"] == turns
        assert unchanged["said"]
        assert all(set(counts) == {"same"} for counts in unchanged["said"].values())
    signals = count(desk, "SELECT count(*) FROM ad_strands WHERE kind = 'signal'")
    strict = taken("alpha", {"min_confidence": 1.0})
    assert strict["said"]["signal"] == {"fewer": signals}
    assert len([each for each in strict["changes"] if each["kind"] == "signal"]) == signals
    worried = taken("risk", {"max_var": 0.0001})["said"]["risk_update"]
    assert worried["other"] > 0


def test_a_loosened_gate_is_worth_what_the_desk_followed(desk: sessions.Session, whatif: Any) -> None:
    looser = whatif({"max_open_plans_per_symbol": 9, "max_correlation": 1.0})["looser"]
    known = count(desk, "SELECT count(*) FROM ad_strands WHERE kind = 'counterfactual'")
    assert known
    assert looser["came_to"]["by_fills"] == 0
    assert {each["value"]["basis"] for each in looser["plans"]} <= {"counterfactual", "never entered", "not valued"}


def test_what_is_gone_is_counted_with_its_reason_and_nothing_after_it_is_guessed(
    desk: sessions.Session, whatif: Any
) -> None:
    first = "SELECT min(id) FROM tr_strands WHERE kind = 'fill'"
    desk.execute(f"DELETE FROM tr_strands WHERE id = ({first})")
    told = whatif({})
    assert told.status == 1
    assert set(told["not_decidable"]) == {"a turn before it cannot be taken again"}
    desk.execute("DELETE FROM ad_strands WHERE kind = 'signal'")
    assert set(whatif({})["not_decidable"]) == {"its turn is not as it was recorded"}


def test_a_record_that_was_changed_is_no_flip(desk: sessions.Session, whatif: Any) -> None:
    desk.execute(
        "UPDATE dm_strands SET dm_decision = jsonb_set(dm_decision, '{gates,6,value}', '0.99') WHERE id ="
        " (SELECT min(id) FROM dm_strands WHERE kind = 'decision')"
    )
    told = whatif({"min_confidence": 1.0})
    assert {reason: each["count"] for reason, each in told["not_decidable"].items()} == {"data or code changed": 1}


def test_decisions_of_another_version_are_left_to_it(desk: sessions.Session, whatif: Any) -> None:
    desk.execute("UPDATE module_messages SET module_version = '1' WHERE listener = 'dm'")
    told = whatif({})
    assert (told["decided_again"], set(told["not_decidable"])) == (0, {"made by another version of the module"})


def test_a_gate_that_reads_a_table_is_found(whatif: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def rows(case: Any) -> float:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM ad_strands")
            return float(cursor.fetchone()[0])

    planted = Gate("planted", Severity.SOFT, Comparison.AT_LEAST, rows, lambda policy: 0.0)
    monkeypatch.setattr(gates, "GATES", (*gates.GATES, planted))
    play()
    assert whatif({})["not_decidable"]["data or code changed"]["count"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"policy": "dm", "content": {"min_confidence": 7}}', "dm.min_confidence: 7: Input should be less than"),
        ('{"policy": "dm", "content": {"min_confidance": 0.7}}', "dm.min_confidance: 0.7: Extra inputs"),
        ('{"policy": "risk", "symbol": "BTC-PERP", "content": {}}', "turns are taken again under one policy for all"),
        ('{"policy": "dm", "symbol": "BTC-PERP", "content": {}}', "the decision maker has one policy for all symbols"),
        ('{"policy": "tarot", "content": {}}', "policy: 'tarot' is no module"),
        ('{"policy": "dm", "symbol": "BTC", "content": {}}', "symbol: 'BTC': the decision maker has one policy"),
        ('{"policy": "dm", "contents": {}}', "contents: is no field of a draft"),
        ('{"policy": "dm", "content": []}', "content: \\[\\] is no object"),
        ("[1]", "is no object"),
        ("{", "is no JSON"),
    ],
)
def test_a_draft_that_cannot_be_used_says_which_field_and_why(tmp_path: Path, text: str, reason: str) -> None:
    file = tmp_path / "draft.json"
    file.write_text(text)
    with pytest.raises(CommandError, match=reason) as refused:
        call_command("whatif", str(file))
    assert refused.value.returncode == 2


def test_a_draft_may_be_yaml_and_a_file_that_is_not_there_is_named(tmp_path: Path, capsys: Any) -> None:
    file = tmp_path / "draft.yaml"
    file.write_text("policy: dm\ncontent:\n  min_confidence: 0.65\n")
    call_command("whatif", str(file))
    assert "0 decided again + 0 not decidable = 0 recorded decisions" in capsys.readouterr().out
    with pytest.raises(CommandError, match=r"nowhere\.json: cannot be read"):
        call_command("whatif", str(tmp_path / "nowhere.json"))
