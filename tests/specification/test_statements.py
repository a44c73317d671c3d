"""The documents' own statements run against the database as written, and are heard."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from psycopg.rows import dict_row

from strands import tags
from tests import sessions
from tests.specification import statements

ERROR = ["error:processing_failed"]


@pytest.fixture
def session(db: None) -> Iterator[sessions.Session]:
    with sessions.undone() as opened:
        yield opened


def write(session: sessions.Session, insert: statements.Insert) -> None:
    values: Any = insert.values if insert.by_name else list(insert.values.values())
    session.execute(insert.sql, values)


def read(session: sessions.Session, query: str, *values: Any) -> list[dict[str, Any]]:
    with session.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query, values).fetchall()


def plain(value: Any) -> Any:
    """Return a bound value as it reads back: JSON text as its value."""
    return json.loads(value) if isinstance(value, str) and value[:1] in "[{" else value


def told(insert: statements.Insert) -> str:
    return f"{insert.document}: {insert.what}"


every_insert = pytest.mark.parametrize("insert", statements.INSERTS, ids=told)


@every_insert
def test_what_a_statement_wrote_reads_back_by_its_id(session: sessions.Session, insert: statements.Insert) -> None:
    write(session, insert)
    [row] = read(session, statements.READ_BY_ID.format(table_name=insert.table), insert.values["id"])
    written = {name: plain(value) for name, value in insert.values.items()} | {"created_at": row["created_at"]}
    written["tags"] = list(tags.normalise(written["tags"]))
    written["module"] = {"trader": "tr"}.get(written["module"], written["module"])
    assert {name: row[name] for name in written if name != "created_at"} == {
        name: value for name, value in written.items() if name != "created_at"
    }


@every_insert
def test_what_a_statement_wrote_is_found_among_the_recent_by_its_tags(
    session: sessions.Session, insert: statements.Insert
) -> None:
    write(session, insert)
    wanted = json.dumps(list(tags.normalise(json.loads(insert.values["tags"])))[:1])
    found = read(session, statements.READ_RECENT_BY_TAGS.format(table_name=insert.table), wanted, 10)
    assert [row["id"] for row in found] == [insert.values["id"]]


@every_insert
def test_what_a_statement_wrote_is_delivered(session: sessions.Session, insert: statements.Insert) -> None:
    write(session, insert)
    listeners = {each.listener for each in tags.addresses(tags.normalise(json.loads(insert.values["tags"])))}
    assert listeners
    assert sessions.rows(
        session, "SELECT array_agg(listener) FROM deliveries WHERE strand_id = %s", insert.values["id"]
    ) == [(sorted(listeners),)]


@pytest.mark.parametrize(("document", "table", "tag"), statements.READ_FROM)
def test_a_listener_reads_one_strand_by_its_id_and_tag(
    session: sessions.Session, document: str, table: str, tag: str
) -> None:
    sessions.insert(session, table, id="X_1", tags=[tag])
    asked = json.dumps([tags.canonical(tag)])
    [row] = read(session, statements.READ_BY_ID_AND_TAG.format(table_name=table), "X_1", asked)
    assert row["id"] == "X_1"


def test_a_message_that_failed_is_marked_and_delivered_to_nobody(session: sessions.Session) -> None:
    plan = next(insert for insert in statements.INSERTS if insert.what == "a trading plan")
    write(session, plan)
    session.execute("DELETE FROM deliveries")
    session.execute(statements.MARK_FAILED, [json.dumps(ERROR), plan.values["id"]])
    [row] = read(session, statements.READ_BY_ID.format(table_name="AD_strands"), plan.values["id"])
    assert row["tags"] == ["dm:evaluate_plan", *ERROR]
    assert sessions.rows(session, "SELECT count(*) FROM deliveries") == [(0,)]


def test_overwriting_a_decision_is_refused_with_the_way_out(session: sessions.Session) -> None:
    sessions.insert(session, "DM_strands", id="DM_2b3c4d5e6f70", kind="decision", dm_decision=statements.DECISION)
    refused = sessions.refusal(
        session, statements.OVERWRITE_DECISION, json.dumps({}), json.dumps(["trader:execute_plan"]), "DM_2b3c4d5e6f70"
    )
    assert "strand DM_2b3c4d5e6f70: what was said stays said" in sessions.words(refused)
    assert "say another with this one as its parent" in sessions.words(refused)


def test_a_plan_is_sent_by_adding_its_tag_instead(session: sessions.Session) -> None:
    sessions.insert(session, "DM_strands", id="DM_2b3c4d5e6f70", kind="decision", dm_decision=statements.DECISION)
    session.execute("UPDATE DM_strands SET tags = %s, updated_at = NOW()", [json.dumps(["trader:execute_plan"])])
    assert sessions.rows(session, "SELECT listener, strand_id, tag FROM deliveries") == [
        ("trader", "DM_2b3c4d5e6f70", "trader:execute_plan")
    ]
