"""The documents' own statements as data: what each says, word for word, and what it binds.

Left out are the statements that do not work in the documents themselves: ``NOTIFY channel, %s``, which takes no
parameter; ``tags @> %s`` with a Python list, which is no JSON (a JSON array stands in its place); and
``INTERVAL '%s days'``, which binds nothing. Document 002's sending of a plan by overwriting a decision is here to be
refused.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

AT = "2026-01-05T09:30:00+00:00"
PLAN = {"symbol": "BTC-USD", "direction": "long", "signal_strength": 0.8}
DECISION = {"decision_type": "approve", "score": 0.71}


@dataclass(frozen=True)
class Insert:
    """One INSERT: the parameters by name, as the documents' code binds them."""

    document: str
    what: str
    table: str
    sql: str
    values: dict[str, Any]
    by_name: bool = True


def write_with_tags(document: str, what: str, table: str, data: dict[str, Any], tags: list[str]) -> Insert:
    """Document 002's ``DirectTableCommunicator.write_with_tags``, which builds its INSERT from what it is given."""
    data = {**data, "tags": json.dumps(tags)}
    columns = list(data)
    placeholders = ", ".join(["%s"] * len(columns))
    sql = f"""
            INSERT INTO {table} ({", ".join(columns)})
            VALUES ({placeholders})
        """
    return Insert(document, what, table, sql, data, by_name=False)


INSERTS = [
    Insert(
        "000",
        "a decision for the trader",
        "dm_strand",
        """
            INSERT INTO dm_strand (
                id, lifecycle_id, module, kind, symbol, timeframe,
                dm_decision, risk_metrics, portfolio_impact, lesson_metadata, tags
            ) VALUES (
                %(id)s, %(lifecycle_id)s, %(module)s, %(kind)s, %(symbol)s, %(timeframe)s,
                %(dm_decision)s, %(risk_metrics)s, %(portfolio_impact)s, %(lesson_metadata)s, %(tags)s
            )
        """,
        {
            "id": "01KE70DECISION00000000000A",
            "lifecycle_id": "thread-1",
            "module": "dm",
            "kind": "decision",
            "symbol": "BTC-USD",
            "timeframe": "15m",
            "dm_decision": json.dumps(DECISION),
            "risk_metrics": json.dumps({"overall": 0.3}),
            "portfolio_impact": json.dumps({"score": 0.2}),
            "lesson_metadata": json.dumps({}),
            "tags": json.dumps(["trader:execute", "priority:high"]),
        },
    ),
    Insert(
        "000",
        "feedback for alpha",
        "dm_strand",
        """
            INSERT INTO dm_strand (
                id, lifecycle_id, module, kind, symbol, alpha_bundle_ref,
                dm_decision, lesson_metadata, tags
            ) VALUES (
                %(id)s, %(lifecycle_id)s, %(module)s, %(kind)s, %(symbol)s, %(alpha_bundle_ref)s,
                %(dm_decision)s, %(lesson_metadata)s, %(tags)s
            )
        """,
        {
            "id": "01KE70FEEDBACK00000000000A",
            "lifecycle_id": "thread-1",
            "module": "dm",
            "kind": "feedback",
            "symbol": "BTC-USD",
            "alpha_bundle_ref": "AD_1a2b3c4d5e6f",
            "dm_decision": json.dumps(DECISION),
            "lesson_metadata": json.dumps({}),
            "tags": json.dumps(["alpha:feedback", "learning:update"]),
        },
    ),
    Insert(
        "001",
        "an execution report",
        "tr_strand",
        """
            INSERT INTO tr_strand (
                id, lifecycle_id, module, kind, symbol, timeframe, decision_id,
                order_spec, fills, exec_metrics, lesson_metadata, tags
            ) VALUES (
                %(id)s, %(lifecycle_id)s, %(module)s, %(kind)s, %(symbol)s, %(timeframe)s, %(decision_id)s,
                %(order_spec)s, %(fills)s, %(exec_metrics)s, %(lesson_metadata)s, %(tags)s
            )
        """,
        {
            "id": "01KE70EXECUTION0000000000A",
            "lifecycle_id": "thread-1",
            "module": "tr",
            "kind": "execution",
            "symbol": "BTC-USD",
            "timeframe": "15m",
            "decision_id": "01KE70DECISION00000000000A",
            "order_spec": json.dumps({"side": "buy"}),
            "fills": json.dumps([{"px": "100.5", "qty": "1", "ts": AT, "venue": "paper"}]),
            "exec_metrics": json.dumps({"venue": "paper", "status": "filled"}),
            "lesson_metadata": json.dumps({}),
            "tags": json.dumps(["dm:execution_report", "priority:high"]),
        },
    ),
    write_with_tags(
        "002",
        "a trading plan",
        "AD_strands",
        {
            "id": "AD_1a2b3c4d5e6f",
            "module": "alpha",
            "kind": "signal",
            "symbol": "BTC-USD",
            "timeframe": "15m",
            "sig_sigma": 0.8,
            "sig_confidence": 0.7,
            "sig_direction": "long",
            "trading_plan": json.dumps(PLAN),
            "signal_pack": json.dumps({"patterns": ["hammer"]}),
            "created_at": AT,
        },
        ["dm:evaluate_plan"],
    ),
    write_with_tags(
        "002",
        "a decision by the listener",
        "DM_strands",
        {
            "id": "DM_2b3c4d5e6f70",
            "module": "dm",
            "kind": "decision",
            "symbol": "BTC-USD",
            "timeframe": "15m",
            "dm_decision": json.dumps(DECISION),
            "created_at": AT,
        },
        ["alpha:decision_feedback"],
    ),
    write_with_tags(
        "002",
        "decision feedback",
        "DM_strands",
        {
            "id": "DM_3c4d5e6f7081",
            "module": "dm",
            "kind": "decision",
            "dm_decision": json.dumps(DECISION),
            "created_at": AT,
        },
        ["alpha:decision_feedback"],
    ),
    write_with_tags(
        "002",
        "execution feedback",
        "TR_strands",
        {
            "id": "TR_4d5e6f708192",
            "module": "trader",
            "kind": "execution",
            "tr_execution": json.dumps({"status": "filled"}),
            "created_at": AT,
        },
        ["alpha:execution_feedback"],
    ),
]

#: Document 002's ``read_by_id``, by table.
READ_BY_ID = """
            SELECT * FROM {table_name} WHERE id = %s
        """

#: Document 002's ``read_recent_by_tags``, by table.
READ_RECENT_BY_TAGS = """
            SELECT * FROM {table_name}
            WHERE tags @> %s
            ORDER BY created_at DESC
            LIMIT %s
        """

#: Documents 000 and 001 read one strand by its id and a tag; the tag is bound as JSON here.
READ_BY_ID_AND_TAG = """
            SELECT * FROM {table_name}
            WHERE id = %s AND tags @> %s
        """
READ_FROM = [
    ("000", "AD_strands", "dm:evaluate"),
    ("000", "RM_strands", "dm:risk_update"),
    ("000", "MD_strands", "dm:market_update"),
    ("001", "dm_strand", "trader:execute"),
]

#: Document 002 marks a message that could not be processed.
MARK_FAILED = """
        UPDATE AD_strands
        SET tags = tags || %s, updated_at = NOW()
        WHERE id = %s
    """

#: Document 002 sends an execution plan by overwriting the decision: refused, for what was said stays said.
OVERWRITE_DECISION = """
        UPDATE DM_strands
        SET dm_decision = %s, tags = %s, updated_at = NOW()
        WHERE id = %s
    """
