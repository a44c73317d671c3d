"""The company's tables are those of document 004, begin with its first data, and answer its own queries."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection
from psycopg.rows import dict_row

from tests import sessions
from tests.specification import catalog, company
from tradingops.company import models
from tradingops.company.first_data import affinities, agents

JSON_OBJECT, JSON_LIST, WORDS, MOMENT = "'{}'", "'[]'", "'{}'[]", "timestamp with time zone"
V50, V255, V100, MONEY, SCORE, RATIO = (
    *("character varying(50)", "character varying(255)", "character varying(100)"),
    *("numeric", "numeric(3,2)", "numeric(10,4)"),
)
#: By table, column by column: type, whether it must be there, default. Prices and amounts keep every digit.
METADATA = {"metadata": ("jsonb", True, JSON_OBJECT)}
UPDATED = {"updated_at": (MOMENT, True, "now()")}
WANTED: dict[str, dict[str, tuple[str, bool, str | None]]] = {
    "ops_trading_proposals": {
        "agent_id": (V50, True, None),
        "title": (V255, True, None),
        "signal_type": (V50, True, None),
        **dict.fromkeys(("entry_price", "target_price", "stop_loss"), (MONEY, False, None)),
        "status": (V50, True, "'pending'"),
        "proposed_steps": ("jsonb", True, JSON_LIST),
        **dict.fromkeys(("accepted_at", "rejected_at"), (MOMENT, False, None)),
        "rejected_reason": ("text", False, None),
        **METADATA,
        **UPDATED,
    },
    "ops_missions": {
        "title": (V255, True, None),
        "status": (V50, True, "'approved'"),
        "created_by": (V50, True, None),
        "mission_type": (V50, True, None),
        "proposal_id": ("uuid", False, None),
        "priority": ("integer", False, "5"),
        **dict.fromkeys(("started_at", "completed_at"), (MOMENT, False, None)),
        **METADATA,
        **UPDATED,
    },
    "ops_mission_steps": {
        "mission_id": ("uuid", True, None),
        "kind": (V50, True, None),
        "status": (V50, True, "'queued'"),
        "payload": ("jsonb", True, JSON_OBJECT),
        "result": ("jsonb", False, None),
        "error": ("text", False, None),
        "assigned_to": (V50, False, None),
        **dict.fromkeys(("started_at", "completed_at"), (MOMENT, False, None)),
        "timeout_at": (MOMENT, False, "(now() + make_interval(mins => 30))"),
        **UPDATED,
    },
    "ops_agent_events": {
        "agent_id": (V50, True, None),
        "kind": (V50, True, None),
        "title": (V255, True, None),
        "summary": ("text", True, None),
        "tags": ("text[]", True, WORDS),
        "trade_id": ("uuid", False, None),
        "pnl": (MONEY, False, None),
        "pnl_percent": (RATIO, False, None),
        **METADATA,
    },
    "ops_policy": {
        "key": (V100, True, None),
        "value": ("jsonb", True, None),
        "description": ("text", False, None),
        "version": ("integer", False, "1"),
        **UPDATED,
    },
    "ops_trigger_rules": {
        "name": (V100, True, None),
        "trigger_event": (V100, True, None),
        "conditions": ("jsonb", True, None),
        "action_config": ("jsonb", True, None),
        "cooldown_minutes": ("integer", True, "60"),
        "fire_count": ("integer", False, "0"),
        "last_fired_at": (MOMENT, False, None),
        "enabled": ("boolean", False, "true"),
        # The document's first data names it, and its tables lack it.
        "description": ("text", False, None),
        **UPDATED,
    },
    "ops_agent_reactions": {
        **dict.fromkeys(("source_agent", "target_agent", "reaction_type"), (V50, True, None)),
        "trigger_event_id": ("uuid", False, None),
        "status": (V50, True, "'queued'"),
        "processed_at": (MOMENT, False, None),
        **METADATA,
    },
    "ops_agent_memory": {
        "agent_id": (V50, True, None),
        "type": (V50, True, None),
        "content": ("text", True, None),
        "confidence": (SCORE, True, None),
        "tags": ("text[]", True, None),
        "source_trace_id": ("uuid", False, None),
        "promoted": ("boolean", False, "false"),
        **METADATA,
        **UPDATED,
    },
    "ops_trade_outcomes": {
        "trade_id": ("uuid", True, None),
        **dict.fromkeys(("entry_price", "exit_price", "pnl"), (MONEY, True, None)),
        "pnl_percent": (RATIO, True, None),
        "hold_time_seconds": ("integer", False, None),
        "outcome_type": (V50, True, None),
        "lessons_learned": ("text[]", True, None),
        **METADATA,
    },
    "ops_portfolio_history": {
        "timestamp": (MOMENT, True, None),
        "total_value": (MONEY, True, None),
        "pnl_24h": (MONEY, False, None),
        "pnl_24h_percent": (RATIO, False, None),
        "open_positions": ("integer", False, "0"),
        "win_rate": ("numeric(5,4)", False, None),
        **dict.fromkeys(("sharpe_ratio", "max_drawdown"), (RATIO, False, None)),
        **METADATA,
    },
    "ops_roundtable_queue": {
        "format": (V50, True, None),
        "participants": ("character varying(50)[]", True, None),
        "topic": (V255, True, None),
        "status": (V50, True, "'pending'"),
        "conversation_history": ("jsonb", True, JSON_LIST),
        **dict.fromkeys(("scheduled_for", "started_at", "completed_at"), (MOMENT, False, None)),
        **METADATA,
        **UPDATED,
    },
    "ops_agent_relationships": {
        **dict.fromkeys(("agent_a", "agent_b"), (V50, True, None)),
        "affinity": (SCORE, True, None),
        "total_interactions": ("integer", False, "0"),
        "drift_log": ("jsonb", True, JSON_LIST),
        "last_interaction_at": (MOMENT, False, None),
        **METADATA,
        **UPDATED,
    },
    "ops_signals": {
        "source": (V50, True, None),
        "token": (V50, True, None),
        "signal_type": (V50, True, None),
        "confidence": (SCORE, True, None),
        "processed": ("boolean", False, "false"),
        "processed_at": (MOMENT, False, None),
        **METADATA,
    },
    "ops_positions": {
        "token": (V50, True, None),
        **dict.fromkeys(("entry_price", "size"), (MONEY, True, None)),
        **dict.fromkeys(("current_price", "unrealized_pnl"), (MONEY, False, None)),
        "unrealized_pnl_percent": (RATIO, False, None),
        **dict.fromkeys(("stop_loss", "take_profit"), (MONEY, False, None)),
        "status": (V50, True, "'open'"),
        "opened_at": (MOMENT, False, "now()"),
        "closed_at": (MOMENT, False, None),
        **METADATA,
        **UPDATED,
    },
    "ops_action_runs": {
        "action_type": (V50, True, None),
        "duration_ms": ("integer", True, None),
        "errors": ("text[]", True, None),
        "status": (V50, True, None),
        **METADATA,
    },
}
KEYS = {"id": ("uuid", True, "gen_random_uuid()"), "created_at": (MOMENT, True, "now()")}
#: What each table is looked up by.
INDEXED = {
    "ops_trading_proposals": ("(status)", "(agent_id)", "(created_at DESC)"),
    "ops_missions": ("(status)", "(mission_type)", "(created_by)"),
    "ops_mission_steps": ("(mission_id)", "(status)", "(kind)", "(assigned_to)"),
    "ops_agent_events": ("(agent_id)", "(kind)", "(created_at DESC)", "gin (tags)"),
    "ops_trigger_rules": ("(enabled)", "(trigger_event)"),
    "ops_agent_reactions": ("(source_agent, target_agent)", "(status)"),
    "ops_agent_memory": ("(agent_id, type)", "(confidence DESC)", "gin (tags)"),
    "ops_trade_outcomes": ("(outcome_type)", "(pnl_percent DESC)", "(created_at DESC)"),
    "ops_portfolio_history": ('("timestamp" DESC)',),
    "ops_roundtable_queue": ("(status)", "(format)"),
    "ops_signals": ("(token, confidence DESC)", "(source)", "(created_at DESC)", "(processed)"),
    "ops_positions": ("(status)", "(token)", "(opened_at DESC)", "(unrealized_pnl_percent DESC)"),
    "ops_action_runs": ("(action_type)", "(status)"),
}


@pytest.fixture
def session(db: None) -> Iterator[sessions.Session]:
    with sessions.undone() as opened:
        yield opened


def asked(session: sessions.Session, query: str) -> list[dict[str, Any]]:
    with session.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query).fetchall()


def test_there_are_the_fifteen_tables(session: sessions.Session) -> None:
    assert [row["table_name"] for row in asked(session, company.ALL_TABLES)] == sorted(WANTED)
    assert len(WANTED) == 15


def test_every_column_has_its_type_its_default_and_is_there_where_it_must_be(db: None) -> None:
    with connection.cursor() as cursor:
        found = catalog.tables(cursor, "public")
    told = {
        table: {name: (each.type, each.required, each.default) for name, each in found[table].columns.items()}
        for table in WANTED
    }
    assert told == {table: {**KEYS, **columns} for table, columns in WANTED.items()}


def test_every_table_is_indexed_by_what_it_is_looked_up_by(db: None) -> None:
    with connection.cursor() as cursor:
        found = catalog.tables(cursor, "public")
    missing = {
        (table, index)
        for table, wanted in INDEXED.items()
        for index in wanted
        if not any(each.endswith(index) for each in found[table].indexes.values())
    }
    assert not missing
    assert ("key",) in found["ops_policy"].unique
    assert ("name",) in found["ops_trigger_rules"].unique
    assert ("trade_id",) in found["ops_trade_outcomes"].unique
    assert ("agent_a", "agent_b") in found["ops_agent_relationships"].unique


def test_the_first_data_counts_as_the_document_says(session: sessions.Session) -> None:
    told = {name: asked(session, query) for name, query in company.VERIFY.items()}
    assert len(told["agents"]) == 6
    assert {row["name"] for row in told["agents"]} == {each.upper() for each in agents.AGENTS}
    assert all(row["role"] for row in told["agents"])
    keys = {row["key"] for row in told["policies"]}
    own = {key for key in keys if not key.startswith("agent_")} - {"reaction_matrix"}
    assert len(own) == 7
    assert {"reaction_matrix", "agent_list"} < keys
    assert all(row["description"] for row in told["policies"])
    assert len(told["triggers"]) == 12
    assert all(row["enabled"] for row in told["triggers"])
    pairs = [(row["agent_a"], row["agent_b"]) for row in told["relationships"]]
    assert len(pairs) == 15
    assert all(a < b for a, b in pairs)
    assert [len(each) for each in (affinities.HIGH, affinities.MEDIUM, affinities.LOW)] == [4, 6, 5]


@pytest.mark.parametrize("query", [*company.SAMPLES.values(), *company.MONITORING.values()])
def test_the_document_s_queries_run(session: sessions.Session, query: str) -> None:
    asked(session, query)


def test_a_rule_that_never_fired_says_so(session: sessions.Session) -> None:
    assert {row["status"] for row in asked(session, company.SAMPLES["trigger activity"])} == {"Never fired"}


def test_first_data_given_again_overwrites_nothing_that_an_operator_changed(transactional_db: None) -> None:
    models.Policy.objects.filter(key="trade_limits").update(value={"max_daily_trades": 1}, version=2)
    models.TriggerRule.objects.filter(name="stop_loss_hit").update(enabled=False)
    models.Relationship.objects.filter(agent_a="atlas", agent_b="sage").delete()
    call_command("migrate", "tradingops_company", "0002", verbosity=0)
    call_command("migrate", "tradingops_company", verbosity=0)
    assert models.Policy.objects.get(key="trade_limits").value == {"max_daily_trades": 1}
    assert not models.TriggerRule.objects.get(name="stop_loss_hit").enabled
    assert models.Relationship.objects.count() == 15


MISSION = """
    INSERT INTO ops_missions (title, created_by, mission_type, proposal_id)
    VALUES ('m', 'atlas', 'entry', %s) RETURNING id
"""


def test_a_mission_outlives_its_proposal_and_steps_and_reactions_go_with_what_they_belong_to(
    session: sessions.Session,
) -> None:
    [[proposal]] = sessions.rows(
        session,
        "INSERT INTO ops_trading_proposals (agent_id, title, signal_type) VALUES ('atlas', 't', 'buy') RETURNING id",
    )
    [[mission]] = sessions.rows(session, MISSION, proposal)
    sessions.insert(session, "ops_mission_steps", mission_id=mission, kind="analyze")
    [[lasts]] = sessions.rows(session, "SELECT timeout_at - created_at FROM ops_mission_steps")
    assert lasts == timedelta(minutes=30)
    session.execute("DELETE FROM ops_trading_proposals")
    assert sessions.rows(session, "SELECT proposal_id FROM ops_missions") == [(None,)]
    session.execute("DELETE FROM ops_missions")
    assert sessions.rows(session, "SELECT count(*) FROM ops_mission_steps") == [(0,)]
    [[event]] = sessions.rows(
        session,
        "INSERT INTO ops_agent_events (agent_id, kind, title, summary) VALUES ('sage', 'k', 't', 's') RETURNING id",
    )
    told = {"source_agent": "sage", "target_agent": "atlas", "reaction_type": "review", "trigger_event_id": event}
    sessions.insert(session, "ops_agent_reactions", **told)
    session.execute("DELETE FROM ops_agent_events")
    assert sessions.rows(session, "SELECT count(*) FROM ops_agent_reactions") == [(0,)]


REFUSED = {
    "a cooldown below zero": "UPDATE ops_trigger_rules SET cooldown_minutes = -1",
    "a pair in the wrong order": (
        "INSERT INTO ops_agent_relationships (agent_a, agent_b, affinity) VALUES ('sage', 'atlas', 0.5)"
    ),
    "a pair twice": "INSERT INTO ops_agent_relationships (agent_a, agent_b, affinity) VALUES ('atlas', 'sage', 0.5)",
    "an affinity below its least": "UPDATE ops_agent_relationships SET affinity = 0.09",
    "an affinity above its most": "UPDATE ops_agent_relationships SET affinity = 0.96",
    "a confidence above one": (
        "INSERT INTO ops_signals (source, token, signal_type, confidence) VALUES ('pattern', 'BTC', 'buy', 1.01)"
    ),
    "a source that there is not": (
        "INSERT INTO ops_signals (source, token, signal_type, confidence) VALUES ('rumour', 'BTC', 'buy', 0.5)"
    ),
    "a proposal of an unknown status": (
        "INSERT INTO ops_trading_proposals (agent_id, title, signal_type, status) VALUES ('a', 't', 'buy', 'approved')"
    ),
    "a conversation as a mission": (
        "INSERT INTO ops_missions (title, created_by, mission_type) VALUES ('t', 'a', 'conversation')"
    ),
    "a run that ended in an error": (
        "INSERT INTO ops_action_runs (action_type, duration_ms, errors, status) VALUES ('worker', 1, '{}', 'error')"
    ),
}


@pytest.mark.parametrize("statement", REFUSED.values(), ids=REFUSED)
def test_the_database_refuses(session: sessions.Session, statement: str) -> None:
    assert isinstance(sessions.refusal(session, statement), psycopg.errors.IntegrityError)


def test_whoever_updates_a_row_it_tells_when(session: sessions.Session) -> None:
    session.execute("UPDATE ops_policy SET updated_at = '2000-01-01', description = 'x' WHERE key = 'auto_approve'")
    assert sessions.rows(session, "SELECT updated_at = now() FROM ops_policy WHERE key = 'auto_approve'") == [(True,)]
