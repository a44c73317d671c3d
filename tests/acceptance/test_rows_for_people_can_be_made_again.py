"""Projections are droppable: made again from the strands, the rows are the same."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import call_command

from strands.wires.lockstep import Lockstep
from tests.acceptance import markets
from tradingops import connections, engine, environments
from tradingops.management.commands.reproject import PROJECTED

pytestmark = pytest.mark.django_db(transaction=True)

#: When the database wrote a row is its own note, and no part of what the row says.
NOTES = ("created_at", "updated_at")


def rows_for_people() -> dict[str, list[dict[str, Any]]]:
    with connections.wire() as connection:
        found = {
            table: [row[0] for row in connection.execute(f"SELECT to_jsonb(row) FROM {table} AS row").fetchall()]
            for table in PROJECTED
        }
    for row in (row for rows in found.values() for row in rows):
        for note in NOTES:
            row.pop(note, None)
    for row in (*found["lesson_sources"], *found["tr_trade_sums"], *found["dm_equity_ranges"]):
        # The number of a row is the database's own.
        del row["id"]
    return {table: sorted(rows, key=str) for table, rows in found.items()}


def test_rows_made_again_are_the_rows_that_were_there() -> None:
    wire = environments.wire(connections.wire)
    bars = markets.simulated("BTC", "ETH", "SOL", moments=500, seed=markets.LIVELY)
    told = [strands for _, strands in environments.market_data().moments([[bars]])]
    # Few outcomes are enough for a lesson here, so that there are rows of lessons too.
    learning = {"lessons.braid_score": 0.1, "lessons.min_members": 1}
    Lockstep(wire, list(environments.modules(learning).values()), engine.market_time).play(told)
    wire.close()
    before = rows_for_people()
    call_command("reproject")
    assert rows_for_people() == before
    assert all(before[table] for table in PROJECTED if table not in ("dm_positions", "dm_reviews"))
