"""Document 004's own statements, word for word.

Two of them PostgreSQL refuses as they are written, whatever the tables are: "recent outcomes" also selects
``pnl_percent``, which it does not group by; and "index usage" asks ``pg_stat_user_indexes`` for ``tablename`` and
``indexname``, which that view calls ``relname`` and ``indexrelname``. Here the first goes without the column, and the
second gives them the document's names.
"""

from __future__ import annotations

ALL_TABLES = """
    SELECT table_name
    FROM information_schema.tables
    WHERE table_schema = 'public'
    AND table_name LIKE 'ops_%'
    ORDER BY table_name;
"""
VERIFY = {
    "policies": "SELECT key, description FROM ops_policy ORDER BY key;",
    "triggers": "SELECT name, trigger_event, enabled FROM ops_trigger_rules ORDER BY name;",
    "relationships": "SELECT agent_a, agent_b, affinity FROM ops_agent_relationships ORDER BY affinity DESC;",
    "agents": """
        SELECT key, value->>'name' as name, value->>'role' as role
        FROM ops_policy
        WHERE key LIKE 'agent_%' AND key != 'agent_list';
    """,
}
SAMPLES = {
    "pending proposals": """
        SELECT id, agent_id, title, signal_type, created_at
        FROM ops_trading_proposals
        WHERE status = 'pending'
        ORDER BY created_at DESC
        LIMIT 10;
    """,
    "queued steps by kind": """
        SELECT s.id, s.kind, m.title as mission_title, s.created_at
        FROM ops_mission_steps s
        JOIN ops_missions m ON s.mission_id = m.id
        WHERE s.status = 'queued'
        AND s.kind = 'execute_trade'
        ORDER BY s.created_at ASC;
    """,
    "open positions": """
        SELECT token, entry_price, current_price,
               unrealized_pnl, unrealized_pnl_percent,
               opened_at
        FROM ops_positions
        WHERE status = 'open'
        ORDER BY unrealized_pnl_percent DESC;
    """,
    "recent outcomes": """
        SELECT outcome_type,
               COUNT(*) as count,
               AVG(pnl_percent) as avg_pnl
        FROM ops_trade_outcomes
        WHERE created_at > NOW() - INTERVAL '7 days'
        GROUP BY outcome_type
        ORDER BY outcome_type;
    """,
    "system health": """
        SELECT action_type, status,
               COUNT(*) as run_count,
               AVG(duration_ms) as avg_duration
        FROM ops_action_runs
        WHERE created_at > NOW() - INTERVAL '24 hours'
        GROUP BY action_type, status
        ORDER BY action_type, status;
    """,
    "memories by type": """
        SELECT agent_id, type,
               COUNT(*) as memory_count,
               AVG(confidence) as avg_confidence
        FROM ops_agent_memory
        WHERE promoted = true
        GROUP BY agent_id, type
        ORDER BY agent_id, type;
    """,
    "trigger activity": """
        SELECT name, fire_count, last_fired_at,
               CASE
                   WHEN last_fired_at IS NULL THEN 'Never fired'
                   WHEN last_fired_at > NOW() - INTERVAL '1 hour' THEN 'Recent'
                   ELSE 'Stale'
               END as status
        FROM ops_trigger_rules
        WHERE enabled = true
        ORDER BY last_fired_at DESC NULLS LAST;
    """,
}
MONITORING = {
    "table sizes": """
        SELECT table_name,
               pg_size_pretty(pg_total_relation_size('"' || table_name || '"')) as size
        FROM information_schema.tables
        WHERE table_schema = 'public'
        AND table_name LIKE 'ops_%'
        ORDER BY pg_total_relation_size('"' || table_name || '"') DESC;
    """,
    "index usage": """
        SELECT schemaname, relname as tablename, indexrelname as indexname,
               idx_scan as index_scans,
               idx_tup_read as tuples_read,
               idx_tup_fetch as tuples_fetched
        FROM pg_stat_user_indexes
        WHERE schemaname = 'public'
        ORDER BY idx_scan DESC;
    """,
}
