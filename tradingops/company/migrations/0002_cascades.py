"""Cascades by the database itself: a row that goes takes along, or lets go, what belongs to it (document 004)."""

from django.db import migrations

#: table, column, the table it names, what happens to a row of which the named one goes.
KEYS = (
    ("ops_missions", "proposal_id", "ops_trading_proposals", "SET NULL"),
    ("ops_mission_steps", "mission_id", "ops_missions", "CASCADE"),
    ("ops_agent_reactions", "trigger_event_id", "ops_agent_events", "CASCADE"),
)


def _key(table: str, column: str, named: str, then: str) -> migrations.RunSQL:
    name = f"{table}_{column}_fkey"
    return migrations.RunSQL(
        f"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY ({column}) REFERENCES {named} (id) "
        f"ON DELETE {then} DEFERRABLE INITIALLY DEFERRED",
        f"ALTER TABLE {table} DROP CONSTRAINT {name}",
    )


class Migration(migrations.Migration):
    dependencies = [("tradingops_company", "0001_tables")]
    operations = [_key(*each) for each in KEYS]
