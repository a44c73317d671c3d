"""Shadows decide beside the desk: nothing live differs for them, and what they did not decide is counted as missing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.management import CommandError, call_command

from strands import tables
from strands.wires import rows
from strands.wires.lockstep import Lockstep
from tests import sessions
from tests.acceptance import markets
from tradingops import connections, engine, environments
from tradingops.replay.postgres import TurnRecord
from tradingops.replay.refold import plain
from tradingops.whatif import shadows
from tradingops.whatif.draft import Draft

pytestmark = pytest.mark.django_db(transaction=True)

BARS = markets.simulated("BTC", "ETH", "SOL", moments=700, seed=markets.LIVELY)
STRICT, WIDE = {"min_confidence": 1.0}, {"max_open_plans_per_symbol": 9, "max_correlation": 1.0}


@pytest.fixture
def connection() -> Iterator[psycopg.Connection[Any]]:
    with connections.wire() as opened:
        yield opened


def module() -> Any:
    return environments.modules()["dm"]


def begin(connection: Any, content: dict[str, Any]) -> int:
    return shadows.begin(connection, module(), Draft(policy="dm", content=content), by="a test")


def follow(connection: Any, identity: int) -> int:
    return shadows.follow(connection, TurnRecord(connection), module(), identity)


def played(told: list[Any]) -> None:
    wire = environments.wire(connections.wire)
    Lockstep(wire, list(environments.modules().values()), engine.market_time).play(told)
    wire.close()


def said(connection: Any) -> dict[str, Any]:
    """Return everything but bars that the database holds, in full."""
    return {
        identity: (strand.kind, strand.tags, strand.parent_id, strand.at, plain(dict(strand.payload)))
        for table in tables.TABLES.values()
        if table.module != "market"
        for identity, text in connection.execute(f"SELECT id, row_to_json(strand)::text FROM {table.name} strand")
        for strand in [rows.strand(table, text)]
    }


def decided(connection: Any, shadow: int) -> list[tuple[Any, ...]]:
    return sessions.rows(
        connection,
        "SELECT sequence, plan_id, differs, was, now, gates FROM whatif_shadow_decisions WHERE shadow_id = %s"
        " ORDER BY sequence",
        shadow,
    )


def standing(connection: Any, shadow: int) -> shadows.Standing:
    return next(each for each in shadows.standings(connection) if each.id == shadow)


def test_beside_a_desk_shadows_change_nothing_and_miss_nothing(
    connection: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: Any
) -> None:
    told = [strands for _, strands in environments.market_data().moments([[BARS]])]
    strict, wide, killed = begin(connection, STRICT), begin(connection, WIDE), begin(connection, STRICT)
    broken = begin(connection, {"min_confidence": "high"})
    played(told[:450])
    assert follow(connection, strict)
    with monkeypatch.context() as patch:
        patch.setattr(shadows, "MOVE", "SELECT 1 / 0")
        with pytest.raises(psycopg.errors.DivisionByZero):
            follow(connection, killed)
    assert (decided(connection, killed), standing(connection, killed).compared) == ([], 0)
    played(told[450:])
    call_command("try_drafts", "--once")

    alone = environments.replay()
    alone.run([[BARS]])
    live = said(connection)
    assert live.keys() == alone.wire.strands.keys()
    for identity, strand in alone.wire.strands.items():
        assert live[identity][3:] == (strand.at, plain(dict(strand.payload)))
    plans = sum(kind == "decision" for kind, *_ in live.values())

    for shadow in (strict, wide, killed):
        stands = standing(connection, shadow)
        assert (stands.state, stands.compared, stands.missing) == ("following", plans, 0)
    assert decided(connection, killed) == decided(connection, strict)
    assert standing(connection, strict).stricter > 2
    assert standing(connection, strict).looser == 0
    assert standing(connection, wide).stricter == 0

    stands = standing(connection, broken)
    assert (stands.state, stands.compared, stands.missing) == ("set aside", 0, plans)
    assert "min_confidence" in stands.error

    file = tmp_path / "draft.json"
    file.write_text(json.dumps({"policy": "dm", "content": STRICT}))
    capsys.readouterr()
    call_command("whatif", str(file), "--json")
    flips = json.loads(capsys.readouterr().out)["each_decision_alone"]["flips"]
    assert flips["stricter"] == standing(connection, strict).stricter

    late = begin(connection, STRICT)
    assert follow(connection, late) == 0
    assert (standing(connection, late).compared, standing(connection, late).missing) == (0, 0)
    call_command("shadow", "stop", str(late))
    assert late not in shadows.following(connection)
    call_command("shadow", "list", "--json")
    assert [each["id"] for each in json.loads(capsys.readouterr().out)] == [strict, wide, killed, broken, late]


def test_of_two_who_follow_one_takes_the_turns(connection: psycopg.Connection[Any]) -> None:
    shadow = begin(connection, STRICT)
    with connections.wire() as other, other.transaction():
        other.execute("SELECT id FROM whatif_shadows WHERE id = %s FOR UPDATE", [shadow])
        assert follow(connection, shadow) == 0


def test_what_is_no_shadow_is_not_stopped() -> None:
    with pytest.raises(CommandError, match="'7' is no shadow"):
        call_command("shadow", "stop", "7")
