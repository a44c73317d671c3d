"""Each module writes its own table and no other."""

from __future__ import annotations

import pytest

from strands import tables
from tests import sessions

SPOKEN = {table.name: table.spoken for table in tables.TABLES.values()}


@pytest.mark.parametrize("table", sorted(SPOKEN))
def test_a_table_takes_its_own_module_and_fills_it_in(session: sessions.Session, table: str) -> None:
    sessions.insert(session, table, id="S1")
    sessions.insert(session, table, id="S2", module=SPOKEN[table])
    assert sessions.rows(session, f"SELECT DISTINCT module FROM {table}") == [(SPOKEN[table],)]


@pytest.mark.parametrize("table", sorted(SPOKEN))
def test_another_module_is_refused_by_a_rule_that_says_so(session: sessions.Session, table: str) -> None:
    for other in {*SPOKEN.values(), "", "curator", table} - {SPOKEN[table]}:
        refused = sessions.refusal(session, f"INSERT INTO {table} (id, module) VALUES ('S1', %s)", other)
        assert refused.diag.constraint_name == f"{table}_only_{SPOKEN[table]}_writes"


@pytest.mark.parametrize("name", ["tr_strands", "tr_strand"])
def test_the_trader_s_two_spellings_are_one(session: sessions.Session, name: str) -> None:
    sessions.insert(session, name, id="S1", module="trader")
    sessions.insert(session, name, id="S2", module="tr")
    assert sessions.rows(session, "SELECT DISTINCT module FROM tr_strands") == [("tr",)]


def test_a_strand_without_a_module_of_its_own_is_refused(session: sessions.Session) -> None:
    assert sessions.refusal(session, "INSERT INTO ad_strands (id, module) VALUES ('S1', NULL)").sqlstate == "23502"


@pytest.mark.parametrize("at", ["infinity", "-infinity", "0044-03-15 BC", "1969-07-20T20:17Z", "9999-06-01"])
def test_a_moment_that_no_id_can_hold_is_refused(session: sessions.Session, at: str) -> None:
    refused = sessions.refusal(session, "INSERT INTO ad_strands (id, at) VALUES ('S1', %s)", at)
    assert "ad_strands_at_is_a_moment" in sessions.words(refused)
