"""Home and the page of trades when much was said: server time and queries of each.

    python -m tests.benchmarks.bench_home [--strands N] [--trades N] [--rounds N]

Pages are asked for as ``bench_lists`` asks for them. Of the strands, the risk manager's and the market's tables hold
their part too; the trades spread over two years, 16 symbols and every reason.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
from collections.abc import Sequence
from typing import Any

from tests.benchmarks import fill, scratch

ASKED = {
    "home": "",
    "home again": "dashboard/",
    **{f"trades by {by}": f"trades/?by={by}" for by in ("symbol", "day", "hour", "curator")},
    "trades of a day": "trades/?day=2024-10-05&reason=stop_loss",
    "trades by gain": "trades/?sort=-pnl",
    "the hundredth page": "trades/?page=100",
}
_TRADES = """
    INSERT INTO tr_trades (id, lifecycle_id, decision_id, symbol, direction, outcome, close_reason, quantity,
                           entry_price, exit_price, pnl, gross_pnl, fees, funding, r_multiple, opened_at, closed_at,
                           regime, approved_by)
    SELECT 'T' || n, 'L' || n, 'D' || n, 'SYM-' || n %% 16, (ARRAY['long', 'short'])[1 + n %% 2],
           (ARRAY['win', 'loss'])[1 + n %% 2], (ARRAY['stop_loss', 'take_profit', 'expiry'])[1 + n %% 3], 1, 100, 101,
           1.25 - n %% 3, 1.5 - n %% 3, 0.2, 0.05, 0.5, closed - interval '1 hour', closed, 'ranging',
           '["risk_curator", "cost_curator", "timing_curator"]'
      FROM (SELECT n, timestamptz '2024-10-01' + n * interval '63072000 seconds' / %s AS closed
              FROM generate_series(1, %s::int) AS n) AS made
"""
_RISK = """
    INSERT INTO rm_strands (id, kind, at, rm_portfolio_risk)
    SELECT id, 'risk_update', at, '{"portfolio_value": "1", "realized_pnl": "0", "fees": "0", "funding": "0"}'
      FROM md_strands
"""
_INSTRUMENTS = """
    INSERT INTO instruments (symbol, kind, sources, at, strand_id)
    SELECT 'SYM-' || n, 'perpetual', '{}', now(), 'S' FROM generate_series(0, 15) AS n
"""


def main(argv: Sequence[str] | None = None) -> dict[str, Any]:
    """Print one JSON line, and return what it says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--strands", type=int, default=5_000_000)
    parser.add_argument("--trades", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args(argv)
    os.environ.setdefault("DJANGO_ALLOWED_HOSTS", "testserver,127.0.0.1,localhost")
    with scratch.database():
        pages = _pages(asked)
    told = {"strands": asked.strands, "trades": asked.trades, "pages": pages}
    print(json.dumps(told))
    return told


def _pages(asked: argparse.Namespace) -> dict[str, Any]:
    from django.contrib.auth import get_user_model
    from django.test import Client

    from tradingops import connections

    with connections.wire() as connection:
        fill.strands(connection, rows=asked.strands)
        connection.execute("SET session_replication_role = replica")
        connection.execute(_TRADES, (asked.trades, asked.trades))
        connection.execute(_RISK)
        connection.execute(_INSTRUMENTS)
        for table in ("tr_trades", "rm_strands", "instruments"):
            connection.execute(f"VACUUM (ANALYZE) {table}")
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(get_user_model().objects.create_superuser("bench", password=None))
    pages = {}
    for name, address in ASKED.items():
        pages[name] = _measured(client, f"/admin/{address}", asked.rounds)
        print(f"{name}: {pages[name]}", file=sys.stderr)
    return pages


def _measured(client: Any, address: str, rounds: int) -> dict[str, Any]:
    """Return a page's milliseconds and queries; the first asking, which fills caches, is told apart."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    took = []
    for _ in range(rounds + 1):
        with CaptureQueriesContext(connection) as queries:
            begun = time.perf_counter()
            status = client.get(address).status_code
            took.append((time.perf_counter() - begun) * 1000)
    warm = took[1:]
    return {
        "median_ms": round(statistics.median(warm), 1),
        "most_ms": round(max(warm), 1),
        "cold_ms": round(took[0], 1),
        "queries": len(queries),
        "status": status,
    }


if __name__ == "__main__":
    main()
