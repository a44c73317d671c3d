"""The singular names of documents 000 and 001 are the same tables."""

from __future__ import annotations

import pytest

from tests import sessions

VIEWS = [("dm_strand", "dm_strands"), ("tr_strand", "tr_strands")]
every_view = pytest.mark.parametrize(("view", "table"), VIEWS)


@every_view
def test_what_is_written_through_a_view_is_in_the_table_with_its_defaults(
    session: sessions.Session, view: str, table: str
) -> None:
    sessions.insert(session, view, id="S1", kind="decision")
    sessions.insert(session, table, id="S2", kind="decision")
    columns = "module, tags, hop, at = now(), created_at = now(), updated_at = now(), said IS NOT NULL"
    [one, two] = sessions.rows(session, f"SELECT {columns} FROM {table} ORDER BY id")
    assert one == two


@every_view
def test_what_is_in_the_table_reads_through_the_view(session: sessions.Session, view: str, table: str) -> None:
    sessions.insert(session, table, id="S1", symbol="BTC-USD")
    assert sessions.rows(session, f"SELECT id, symbol FROM {view}") == [("S1", "BTC-USD")]


@every_view
def test_an_insert_through_a_view_tells_what_it_wrote(session: sessions.Session, view: str, table: str) -> None:
    asked = f"INSERT INTO {view} (id, tags) VALUES ('S1', '[\"tr:execute\"]') RETURNING id, tags, module"
    spoken = {"dm_strand": "dm", "tr_strand": "tr"}[view]
    assert sessions.rows(session, asked) == [("S1", ["trader:execute_plan"], spoken)]


@every_view
def test_a_strand_told_twice_through_a_view_is_one(session: sessions.Session, view: str, table: str) -> None:
    for name in (view, table, view):
        session.execute(f"INSERT INTO {name} (id) VALUES ('S1') ON CONFLICT (id) DO NOTHING")
    assert sessions.rows(session, f"SELECT count(*) FROM {view}") == [(1,)]


@every_view
def test_the_rules_of_the_table_hold_through_the_view(session: sessions.Session, view: str, table: str) -> None:
    refused = sessions.refusal(session, f"INSERT INTO {view} (id, module) VALUES ('S1', 'alpha')")
    assert refused.diag.constraint_name == f"{table}_only_{table[:2]}_writes"
    refused = sessions.refusal(session, f"INSERT INTO {view} (id, tags) VALUES ('S1', '[\"dm:think\"]')")
    assert "is not a known tag" in sessions.words(refused)
