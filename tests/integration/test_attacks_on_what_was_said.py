"""What the application's role tries on what was said, each refused: it can say more, it cannot unsay."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import psycopg
import pytest
from django.db import connection

from strands import partitions, tables
from tests import sessions
from tradingops import connections
from tradingops.database_roles import grants, rights

pytestmark = pytest.mark.django_db(transaction=True)
STRANDS = sorted(tables.BY_NAME)
APPEND_ONLY = [*STRANDS, *rights.APPEND_ONLY]
RECORDED = {
    "module_messages": {"message_type": "trading_plan", "message_data": {}, "given": ""},
    "module_takeovers": {"listener": "dm", "partition": "", "state": "{}", "from_version": "1", "to_version": "2"},
    "trading_plan_approvals": {"approval_status": "approved"},
}
DENIED = psycopg.errors.InsufficientPrivilege


def a_role(name: str, may: grants.Rights) -> Iterator[sessions.Session]:
    """A session of a role made for one test, which is gone after it."""
    role = f"{name}_{connection.settings_dict['NAME']}"
    grants.give(grants.Login(name=role, password="only for this test"), may)
    reached = {**connections.parameters(), "user": role, "password": "only for this test"}
    session = psycopg.connect(**reached, autocommit=True)
    yield session
    session.close()
    with connection.cursor() as cursor:
        cursor.execute(f'DROP OWNED BY "{role}"; DROP ROLE "{role}"')


@pytest.fixture
def application(transactional_db: None) -> Iterator[sessions.Session]:
    yield from a_role("application", rights.application)


@pytest.fixture
def worker(transactional_db: None) -> Iterator[sessions.Session]:
    yield from a_role("worker", partial(rights.worker, listener="dm"))


@pytest.fixture
def risk(transactional_db: None) -> Iterator[sessions.Session]:
    yield from a_role("risk", partial(rights.worker, listener="risk"))


@pytest.fixture
def said(application: sessions.Session) -> None:
    """A row in every append-only table, which the application may add."""
    for table in STRANDS:
        sessions.insert(application, table, id="S1", tags=["learning:x"])
    for table, row in RECORDED.items():
        sessions.insert(application, table, **row)


def a_partition(table: str) -> str:
    return f"{table}_default" if table in (*STRANDS, partitions.MESSAGES) else table


def denied(session: sessions.Session, attack: str, *values: Any) -> None:
    refused = sessions.refusal(session, attack, *values)
    assert isinstance(refused, DENIED), f"{attack}: {refused}"


@pytest.mark.usefixtures("said")
def test_nothing_is_deleted_emptied_dropped_or_changed_by_any_name(application: sessions.Session) -> None:
    for table in APPEND_ONLY:
        for name in {table, a_partition(table)}:
            column = "id" if table in (*STRANDS, "module_takeovers", "policy_approvals") else "decision_factors"
            column = "error_message" if table == "module_messages" else column
            for attack in (
                f"DELETE FROM {name}",
                f"TRUNCATE {name}",
                f"DROP TABLE {name}",
                f"UPDATE {name} SET {column} = NULL",
                f"ALTER TABLE {name} DISABLE TRIGGER ALL",
                f"ALTER TABLE {name} OWNER TO CURRENT_USER",
                f"CREATE TRIGGER mine BEFORE INSERT ON {name} EXECUTE FUNCTION suppress_redundant_updates_trigger()",
                f"CREATE RULE mine AS ON INSERT TO {name} DO INSTEAD NOTHING",
                f"LOCK TABLE {name} IN ACCESS EXCLUSIVE MODE",
            ):
                denied(application, attack)
    counts = [sessions.rows(application, f"SELECT count(*) FROM {table}")[0][0] for table in APPEND_ONLY]
    # Nobody has approved a version of a policy.
    assert counts == [int(table != "policy_approvals") for table in APPEND_ONLY]


@pytest.mark.parametrize("table", [*STRANDS, partitions.MESSAGES])
def test_nothing_goes_into_or_out_of_a_partition_by_its_own_name(application: sessions.Session, table: str) -> None:
    own = "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = to_regclass(%s)"
    parts = [name for (name,) in sessions.rows(application, own, table)]
    assert len(parts) >= 2
    for name in parts:
        for attack in (
            f"INSERT INTO {name} SELECT * FROM {table}",
            f"SELECT FROM {name}",
            f"ALTER TABLE {table} DETACH PARTITION {name}",
            f"DELETE FROM {name}",
            f"TRUNCATE {name}",
            f"DROP TABLE {name}",
        ):
            denied(application, attack)


@pytest.mark.usefixtures("said")
def test_no_setting_switches_a_rule_off(application: sessions.Session) -> None:
    denied(application, "SET session_replication_role = replica")
    application.execute("SET tradingops.may_erase = 'on'")
    for table in APPEND_ONLY:
        denied(application, f"DELETE FROM {table}")
    application.execute("SET tradingops.handled_here = 'dm,trader,risk,alpha,venue'")
    sessions.insert(application, "ad_strands", id="S2", tags=["dm:halt"])
    assert sessions.rows(application, "SELECT listener FROM deliveries WHERE strand_id = 'S2'") == [("dm",)]
    # The observers' switch is any session's to set: it wakes outsiders or lets them sleep, and nothing else.
    for nth, switch in enumerate(("on", "off", "neither"), start=3):
        application.execute(f"SET tradingops.observer_channels = '{switch}'")
        sessions.insert(application, "ad_strands", id=f"S{nth}", tags=["dm:halt"])
        told = sessions.rows(application, "SELECT listener FROM deliveries WHERE strand_id = %s", f"S{nth}")
        assert told == [("dm",)]
        denied(application, "DELETE FROM ad_strands")


def test_nobody_answers_for_a_second_person_or_moves_the_size_by_hand(application: sessions.Session) -> None:
    for attack in (
        "UPDATE countersigns SET state = 'confirmed'",
        "INSERT INTO countersigns SELECT * FROM countersigns",
        "DELETE FROM countersigns",
        "UPDATE second_person SET above = NULL",
        "DELETE FROM second_person",
        "TRUNCATE second_person",
        "ALTER TABLE op_strands DISABLE TRIGGER takes_two",
        "SELECT tradingops_countersign_answered('{}')",
        "SELECT tradingops_closing_takes_two('BTC-PERP', '{}')",
    ):
        refused = sessions.refusal(application, attack)
        assert isinstance(refused, DENIED), f"{attack}: {refused}"


def test_even_a_grant_of_deleting_by_mistake_does_not_let_it_erase(application: sessions.Session) -> None:
    sessions.insert(application, "ad_strands", id="S1")
    with connection.cursor() as cursor:
        cursor.execute(f'GRANT ALL ON ad_strands TO "{application.info.user}"')
    application.execute("SET tradingops.may_erase = 'on'")
    for attack in ("DELETE FROM ad_strands", "TRUNCATE ad_strands", "UPDATE ad_strands SET id = 'S3'"):
        told = sessions.words(sessions.refusal(application, attack))
        assert "append-only" in told or "what was said stays said" in told


@pytest.mark.usefixtures("said")
def test_tags_are_added_to_and_not_taken_off(application: sessions.Session) -> None:
    for table in STRANDS:
        application.execute(f"UPDATE {table} SET tags = tags || '[\"learning:y\"]', updated_at = now()")
        told = sessions.words(sessions.refusal(application, f"UPDATE {table} SET tags = '[]'"))
        assert "tags are only added to" in told


@pytest.mark.usefixtures("said")
def test_a_view_lets_no_more_through_than_its_table(application: sessions.Session) -> None:
    for view in rights.VIEWS:
        denied(application, f"DELETE FROM {view}")
        denied(application, f"UPDATE {view} SET id = 'S3'")
        denied(application, f"CREATE OR REPLACE VIEW {view} AS SELECT 1")


def test_no_halt_is_lifted_but_by_saying_so(application: sessions.Session) -> None:
    halt = {"scope": "desk", "state": "halted", "by": "ada", "reason": "now"}
    sessions.insert(application, "op_strands", id="H1", kind="halt", op_halt=halt)
    assert sessions.rows(application, "SELECT state FROM halts") == [("halted",)]
    for attack in (
        "DELETE FROM halts",
        "UPDATE halts SET state = 'active'",
        "INSERT INTO halts (said, ruling, scope, state) VALUES (9, 'x', 'desk', 'active')",
        """SELECT tradingops_keep_halt(9, 'x', '{"scope": "desk", "state": "active"}')""",
    ):
        denied(application, attack)
    refused = sessions.refusal(
        application, "INSERT INTO tr_strands (id, tags) VALUES ('O1', '[\"venue:submit_order\"]')"
    )
    assert "halted" in sessions.words(refused)


def test_no_audit_record_is_made_up_changed_or_lost(application: sessions.Session) -> None:
    application.execute("INSERT INTO auth_group (name) VALUES ('night shift')")
    assert sessions.rows(application, "SELECT role FROM audit_records WHERE about = 'auth_group' AND number = "
                         "(SELECT max(number) FROM audit_records)") == [(application.info.user,)]  # fmt: skip
    for attack in (
        "DELETE FROM audit_records",
        "TRUNCATE audit_records",
        "UPDATE audit_records SET actor = 'x'",
        "INSERT INTO audit_records SELECT * FROM audit_records",
        "UPDATE audit_head SET number = 0",
        "SELECT * FROM audit_waiting",
        "SELECT tradingops_audit_note('x', 'x', 'x', NULL, NULL)",
        "SELECT tradingops_cut_audit(now())",
        "ALTER TABLE auth_group DISABLE TRIGGER audited",
        "DROP TRIGGER audited ON auth_group",
        "ALTER FUNCTION tradingops_audit() SECURITY INVOKER",
        "CREATE OR REPLACE FUNCTION tradingops_audit() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
        "SELECT setval('strands_said', 1)",
        "CREATE TABLE audit_more ()",
        "TRUNCATE auth_group CASCADE",
        "COPY ad_strands TO PROGRAM 'true'",
    ):
        denied(application, attack)
    assert "recorded by no request" in str(
        sessions.refusal(application, "SELECT tradingops_audit_event('insert', 'x')")
    )


def test_a_function_of_the_owner_finds_none_of_the_caller_s_tables(application: sessions.Session) -> None:
    """Whoever may make temporary tables cannot have the audit written into one of theirs."""
    application.execute("CREATE TEMPORARY TABLE audit_waiting (id int); SET search_path = pg_temp, public")
    before = sessions.rows(application, "SELECT count(*) FROM public.audit_records")
    application.execute("INSERT INTO auth_group (name) VALUES ('night shift')")
    assert sessions.rows(application, "SELECT count(*) FROM public.audit_records") == [(before[0][0] + 1,)]


def test_the_worker_of_a_module_speaks_in_its_own_table_alone(worker: sessions.Session) -> None:
    sessions.insert(worker, "dm_strands", id="S1", tags=["trader:halt"])
    for table in STRANDS:
        if table != "dm_strands":
            denied(worker, f"INSERT INTO {table} (id) VALUES ('S1')")
    for attack in ("SELECT FROM auth_user", "UPDATE auth_user SET is_superuser = true", "DELETE FROM dm_strands"):
        denied(worker, attack)


def test_what_risk_says_halts_the_desk_and_nobody_halts_it_by_the_rule_s_own_function(
    risk: sessions.Session, worker: sessions.Session
) -> None:
    halt = {"id": "H1", "scope": "desk", "state": "reduce-only", "by": "policy"}
    sessions.insert(risk, "rm_strands", id="R1", kind="risk_update", tags=[], rm_alert_data={"halts": [halt]})
    with connection.cursor() as cursor:
        cursor.execute("SELECT ruling, scope, state FROM halts")
        assert cursor.fetchall() == [("H1", "desk", "reduce-only")]
    call = "SELECT tradingops_alert_halts('X', 'X', 'X', 'X', 'X', 'X', now(), 1, '[]')"
    for session in (risk, worker):
        denied(session, call)
    denied(risk, "INSERT INTO op_strands (id) VALUES ('H2')")


def test_a_check_names_what_a_role_may_beyond_its_rights(application: sessions.Session) -> None:
    login = grants.Login(name=application.info.user)
    assert grants.findings(login, rights.application) == []
    with connection.cursor() as cursor:
        cursor.execute(f'GRANT DELETE ON halts TO "{login.name}"; GRANT INSERT ON op_strands_default TO "{login.name}"')
        cursor.execute(f'GRANT pg_monitor TO "{login.name}"')
    found = grants.findings(login, rights.application)
    assert f"{login.name} may DELETE halts" in found
    assert f"{login.name} may INSERT op_strands_default" in found
    assert f"{login.name} is a member of pg_monitor" in found
    grants.give(login, rights.application)
    assert f"{login.name} may DELETE halts" not in grants.findings(login, rights.application)


def test_every_guard_holds_in_every_session() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT tgenabled FROM pg_trigger WHERE tgname ~ 'pgtrigger_(content_stays|nothing_is|"
                       "records_stay|tags_are_only|orders_obey)'")  # fmt: skip
        assert cursor.fetchall() == [("A",)]


def test_every_table_has_its_rights_by_name_or_by_kind() -> None:
    unknown = [name for name in (*rights.APPEND_ONLY, *rights.KEPT_BY_RULES, *rights.HIDDEN, *rights.COMES_AND_GOES)
               if not _is_there(name)]  # fmt: skip
    assert unknown == []


def _is_there(name: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [name])
        return bool(cursor.fetchone()[0])
