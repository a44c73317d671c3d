"""What was said stays said: no content changes, nothing is erased, whatever the client."""

from __future__ import annotations

import pytest

from strands import tables, triggers
from tests import sessions

TABLES = sorted(tables.BY_NAME)
MAY_CHANGE = ("tags", "updated_at")


@pytest.fixture
def one_strand_in_each_table(session: sessions.Session) -> None:
    for table in TABLES:
        sessions.insert(session, table, id="S1", tags=["learning:x"])


def other_values(session: sessions.Session, table: str) -> dict[str, str]:
    """Return SQL of another value for each column of a table."""
    by_type = {
        "text": "'changed'",
        "jsonb": "'{\"changed\": true}'",
        "double precision": "0.123",
        "uuid": "gen_random_uuid()",
        "timestamp with time zone": "now() + interval '1 day'",
        "smallint": "99",
        "bigint": "99",
    }
    query = "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = %s"
    return {name: by_type[kind] for name, kind in sessions.rows(session, query, table)}


@pytest.mark.parametrize("table", [*TABLES, "dm_strand", "tr_strand"])
@pytest.mark.usefixtures("one_strand_in_each_table")
def test_no_column_of_content_can_be_updated(session: sessions.Session, table: str) -> None:
    content = {name: value for name, value in other_values(session, table).items() if name not in MAY_CHANGE}
    assert len(content) >= 16
    said = {
        name: sessions.words(sessions.refusal(session, f"UPDATE {table} SET {name} = {value}"))
        for name, value in content.items()
    }
    assert {name: "what was said stays said" in words for name, words in said.items()} == dict.fromkeys(content, True)


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.usefixtures("one_strand_in_each_table")
def test_tags_may_be_added_to(session: sessions.Session, table: str) -> None:
    session.execute(f"UPDATE {table} SET tags = tags || '[\"learning:y\"]', updated_at = now()")
    assert sessions.rows(session, f"SELECT tags FROM {table}") == [(["learning:x", "learning:y"],)]


@pytest.mark.parametrize("table", [*TABLES, "dm_strand", "tr_strand"])
@pytest.mark.usefixtures("one_strand_in_each_table")
def test_a_strand_cannot_be_deleted(session: sessions.Session, table: str) -> None:
    refused = sessions.words(sessions.refusal(session, f"DELETE FROM {table} WHERE id = 'S1'"))
    assert "strands are append-only: DELETE refused" in refused
    assert "only retention removes any" in refused


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.usefixtures("one_strand_in_each_table")
def test_a_table_of_strands_cannot_be_emptied(session: sessions.Session, table: str) -> None:
    refused = sessions.words(sessions.refusal(session, f"TRUNCATE {table}"))
    assert "strands are append-only: TRUNCATE refused" in refused


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.usefixtures("one_strand_in_each_table")
def test_a_session_of_retention_may_erase(session: sessions.Session, table: str) -> None:
    session.execute(f"SET LOCAL {triggers.MAY_ERASE} = 'on'")
    assert session.execute(f"DELETE FROM {table}").rowcount == 1


@pytest.mark.usefixtures("one_strand_in_each_table")
def test_the_switch_of_retention_is_the_session_s_own(session: sessions.Session) -> None:
    session.execute(f"SET LOCAL {triggers.MAY_ERASE} = 'yes please'")
    assert "append-only" in sessions.words(sessions.refusal(session, "DELETE FROM ad_strands"))


RECORDS = {
    "turn records": ("module_messages", {"message_type": "trading_plan", "message_data": {}, "given": ""}),
    "states taken over": (
        "module_takeovers",
        {"listener": "dm", "partition": "", "state": "{}", "from_version": "1", "to_version": "2"},
    ),
    "approvals": ("trading_plan_approvals", {"approval_status": "approved"}),
}


@pytest.mark.parametrize("what", RECORDS)
@pytest.mark.parametrize("attack", ["UPDATE {} SET {} = {}", "DELETE FROM {}", "TRUNCATE {}"])
def test_records_are_as_append_only_as_strands(session: sessions.Session, what: str, attack: str) -> None:
    table, row = RECORDS[what]
    sessions.insert(session, table, **row)
    session.execute("SET CONSTRAINTS ALL IMMEDIATE")
    column = next(iter(row))
    refused = sessions.words(sessions.refusal(session, attack.format(table, column, column)))
    assert f"{what} are append-only: {attack.split()[0]} refused" in refused


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.usefixtures("one_strand_in_each_table")
@pytest.mark.parametrize("tags", ["[]", "null", '{"learning:x": 1}'])
def test_no_tag_is_taken_off(session: sessions.Session, table: str, tags: str) -> None:
    sessions.refusal(session, f"UPDATE {table} SET tags = %s", tags)
    assert sessions.rows(session, f"SELECT tags FROM {table}") == [(["learning:x"],)]


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.usefixtures("one_strand_in_each_table")
def test_other_tags_are_added_to_those_that_are_there(session: sessions.Session, table: str) -> None:
    session.execute(f'UPDATE {table} SET tags = \'["learning:z", "learning:y"]\'')
    assert sessions.rows(session, f"SELECT tags FROM {table}") == [(["learning:x", "learning:z", "learning:y"],)]
