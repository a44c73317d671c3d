"""Rows for people, made again from the strands they come from."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from heapq import merge
from itertools import islice
from operator import itemgetter
from typing import Any

import psycopg
from django.core.management.base import BaseCommand
from tqdm import tqdm

from strands import tables, triggers
from strands.strand import Strand
from strands.wires import rows
from tradingops import connections, environments

EXAMPLE = "example: manage.py reproject"

#: What is dropped first. Kept bars stay: many came from files and were never said.
PROJECTED = (
    "instruments",
    "anomaly_events",
    "lesson_sources",
    "lessons",
    *(f"{module}_curator_{table}" for module in ("ad", "dm", "tr") for table in ("performance", "weights")),
    "dsi_evidence",
    "trading_plan_approvals",
    "trading_plans",
    "tr_execution_performance",
    "tr_trades",
    "tr_trade_sums",
    "dm_reviews",
    "tr_positions",
    "dm_positions",
    "dm_portfolio_state",
    "ops_signals",
    "ops_trade_outcomes",
    "ops_positions",
    "ops_portfolio_history",
    "dm_equity_ranges",
)
PAGE = 2_000
TOLD = (
    "SELECT said, id, row_to_json(strand)::text FROM {table} AS strand"
    " WHERE said > %(after)s ORDER BY said LIMIT %(page)s"
)
Told = tuple[int, Strand]


class Command(BaseCommand):
    help = (
        "Drop the rows made for people and make them again from the strands, in one transaction, as the database's "
        f"owner. {EXAMPLE}"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="the summary as JSON on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        with connections.as_owner(), connections.wire() as connection, connection.transaction():
            connection.execute(f"SET LOCAL {triggers.MAY_ERASE} = 'on'")
            for table in PROJECTED:
                connection.execute(f"DELETE FROM {table}")
            strands = self._project(connection)
            counted = {table: _count(connection, table) for table in PROJECTED}
        if options["json"]:
            self.stdout.write(json.dumps({"strands": strands, "rows": counted}))
        self.stderr.write(f"{strands} strands read; " + ", ".join(f"{n} {table}" for table, n in counted.items()))

    def _project(self, connection: psycopg.Connection[Any]) -> int:
        """Let every projection hear every strand in the order that the wire wrote them."""
        in_order = merge(*(_told(connection, table) for table in tables.TABLES.values()), key=itemgetter(0))
        read = 0
        with tqdm(unit=" strands", file=sys.stderr, disable=not sys.stderr.isatty()) as progress:
            while page := [strand for _, strand in islice(in_order, PAGE)]:
                for project in environments.PROJECTIONS:
                    project(connection, page)
                read += len(page)
                progress.update(len(page))
        return read


def _told(connection: psycopg.Connection[Any], table: tables.Table) -> Iterator[Told]:
    """Yield one table's strands with their numbers, a page at a time.

    One that cannot be read was heard by no module and has no row for people; it is named and left out.
    """
    after = 0
    query = TOLD.format(table=table.name)
    while page := connection.execute(query, {"after": after, "page": PAGE}).fetchall():
        for said, identity, text in page:
            try:
                strand = rows.strand(table, text)
            except (ValueError, RecursionError) as fault:
                sys.stderr.write(f"{table.name}: {identity} left out: {type(fault).__name__}: {fault}\n")
                continue
            yield said, strand
        after = page[-1][0]


def _count(connection: psycopg.Connection[Any], table: str) -> int:
    row = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(row[0]) if row else 0
