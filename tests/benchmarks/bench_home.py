"""Home and the page of trades when much was said: server time and queries of each.

    python -m tests.benchmarks.bench_home [--strands N] [--trades N] [--rounds N]

Pages are asked for as ``bench_lists`` asks for them. Of the strands, the risk manager's and the market's tables hold
their part too, a risk update every fifteenth bar; the trades spread over two years, 16 symbols and every reason.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from tests.benchmarks import fill, scratch
from tests.benchmarks import pages as measuring

BY = ("symbol", "day", "regime", "hour", "direction", "reason", "curator")
ASKED = {
    "home": "",
    **{f"home, {span}": f"dashboard/?span={span}" for span in ("1d", "7d", "30d", "all")},
    **{f"trades by {by}": f"trades/?by={by}" for by in BY},
    **{f"trades of a symbol by {by}": f"trades/?symbol=SYM-3&by={by}" for by in ("day", "curator")},
    **{f"trades of a day by {by}": f"trades/?day=2024-10-05&reason=stop_loss&by={by}" for by in ("hour", "curator")},
    **{f"trades ordered by {name}": f"trades/?sort=-{name}" for name in ("symbol", "pnl", "fees", "r", "opened")},
    "trades of a symbol and a reason by gain": "trades/?symbol=SYM-3&reason=expiry&sort=-pnl&page=20",
    "trades left as nobody did": "trades/?reason=manual",
    "the hundredth page": "trades/?page=100",
    "the last page": "trades/?page=200",
    "the last page by gain": "trades/?page=200&sort=pnl",
    "the last page of a direction": "trades/?page=200&direction=short",
}
#: The rows of a page, asked for without a page.
FLOORS = {
    "trades by symbol": "SELECT * FROM tr_trades ORDER BY closed_at DESC, id DESC LIMIT 50",
    "the last page": "SELECT * FROM tr_trades ORDER BY closed_at DESC, id DESC LIMIT 50 OFFSET 9950",
    "the last word on the book": "SELECT * FROM rm_strands WHERE kind = 'risk_update' ORDER BY id DESC LIMIT 1",
    "home, all": "SELECT at, portfolio_value FROM dm_portfolio_state ORDER BY at",
}
_TRADES = """
    INSERT INTO tr_trades (id, lifecycle_id, decision_id, symbol, direction, outcome, close_reason, quantity,
                           entry_price, exit_price, pnl, gross_pnl, fees, funding, r_multiple, opened_at, closed_at,
                           regime, approved_by)
    SELECT 'T' || n, 'L' || n, 'D' || n, 'SYM-' || n %% 16, (ARRAY['long', 'short'])[1 + n %% 2],
           (ARRAY['win', 'loss'])[1 + n %% 2], (ARRAY['stop_loss', 'take_profit', 'expiry'])[1 + n %% 3], 1, 100, 101,
           1.25 - n %% 3, 1.5 - n %% 3, 0.2, 0.05, 0.5, closed - interval '1 hour', closed, 'ranging',
           '["risk_curator", "cost_curator", "timing_curator"]'
      FROM (SELECT n, timestamptz '2022-10-15' + n * (interval '63072000 seconds' / %s) AS closed
              FROM generate_series(1, %s::int) AS n) AS made
"""
_RISK = """
    INSERT INTO rm_strands (id, kind, at, rm_portfolio_risk)
    SELECT id, 'risk_update', at, '{"portfolio_value": "1", "realized_pnl": "0", "fees": "0", "funding": "0"}'
      FROM md_strands WHERE right(id, 4)::int % 15 = 0
"""
_STATES = """
    INSERT INTO dm_portfolio_state (id, portfolio_value, cash_balance, total_risk, var_95, max_drawdown, sharpe_ratio,
                                    at, created_at)
    SELECT id, 100000 + hop + extract(epoch FROM at)::bigint % 997, 1000, 0, 0, 0, 0, at, at FROM rm_strands
"""
#: Rules are left out while states are written; the migration made the ranges of those of before it, as this does.
_RANGES = "portfolio.migrations.0003_equity_ranges"
_INSTRUMENTS = """
    INSERT INTO instruments (symbol, kind, sources, at, strand_id)
    SELECT 'SYM-' || n, 'perpetual', '{}', now(), 'S' FROM generate_series(0, 15) AS n
"""


def main(argv: Sequence[str] | None = None) -> dict[str, Any]:
    """Print one JSON line, and return what it says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--strands", type=int, default=5_000_000)
    parser.add_argument("--trades", type=int, default=500_000)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args(argv)
    os.environ.setdefault("DJANGO_ALLOWED_HOSTS", "testserver,127.0.0.1,localhost")
    with scratch.database():
        pages = _pages(asked)
    told = {"strands": asked.strands, "trades": asked.trades, **pages}
    print(json.dumps(told))
    return told


def _pages(asked: argparse.Namespace) -> dict[str, Any]:
    from tradingops import connections

    with connections.wire() as connection:
        fill.strands(connection, rows=asked.strands)
        fill_the_rest(connection, trades=asked.trades)
        floors = measuring.floors(connection, FLOORS, asked.rounds)
    client = measuring.client()
    pages = {}
    for name, address in ASKED.items():
        pages[name], _ = measuring.measured(client, f"/admin/{address}", asked.rounds)
        print(f"{name}: {pages[name]}", file=sys.stderr)
    return {"floors_ms": floors, "times_floor": measuring.times_floor(pages, floors), "pages": pages}


def fill_the_rest(connection: Any, *, trades: int) -> None:
    """Write trades, risk updates with their portfolio states, and instruments; the sums of trades follow by rule."""
    connection.execute("SET synchronous_commit = off")
    connection.execute(_TRADES, (trades, trades))
    connection.execute("SET session_replication_role = replica")
    for statement in (_RISK, _STATES, import_module(_RANGES).OF_BEFORE, _INSTRUMENTS):
        connection.execute(statement)
    connection.execute("RESET session_replication_role")
    for table in ("tr_trades", "tr_trade_sums", "rm_strands", "dm_portfolio_state", "dm_equity_ranges", "instruments"):
        connection.execute(f"VACUUM (ANALYZE) {table}")


if __name__ == "__main__":
    main()
