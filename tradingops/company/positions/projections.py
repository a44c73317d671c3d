"""Fills, closed positions and marks as rows of ops_positions and ops_trade_outcomes: the trader's book, once more."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import psycopg

from portfolio.trades import rows as trades
from strands import figures, json_values
from strands.json_values import at
from strands.strand import Strand
from strands.written import Written
from tradingops.company import identities

OUTCOME = Written(
    columns={
        "id": "uuid",
        "position": "uuid",
        "token": "text",
        **dict.fromkeys(("size", "entry_price", "exit_price", "pnl", "pnl_percent"), "numeric"),
        "held": "int",
        "outcome": "text",
        **dict.fromkeys(("opened_at", "closed_at"), "timestamptz"),
        "metadata": "jsonb",
    }
)
_CLOSE = f"""
    WITH given AS MATERIALIZED (SELECT * FROM {OUTCOME.of_json}),
    ended AS (
        INSERT INTO ops_positions (id, created_at, token, entry_price, size, current_price, unrealized_pnl,
                                   unrealized_pnl_percent, status, opened_at, closed_at, metadata)
        SELECT position, opened_at, token, entry_price, size, exit_price, 0, 0, 'closed', opened_at, closed_at, metadata
        FROM given
        ON CONFLICT (id) DO UPDATE
            SET status = 'closed', closed_at = excluded.closed_at, current_price = excluded.current_price,
                size = excluded.size, entry_price = excluded.entry_price, opened_at = excluded.opened_at,
                unrealized_pnl = 0, unrealized_pnl_percent = 0,
                metadata = ops_positions.metadata || excluded.metadata
    )
    INSERT INTO ops_trade_outcomes (id, created_at, trade_id, entry_price, exit_price, pnl, pnl_percent,
                                    hold_time_seconds, outcome_type, lessons_learned, metadata)
    SELECT id, closed_at, position, entry_price, exit_price, pnl, pnl_percent, held, outcome, '{{}}', metadata
      FROM given
    ON CONFLICT (trade_id) DO NOTHING
"""

HELD = Written(
    columns={
        "id": "uuid",
        "token": "text",
        **dict.fromkeys(("size", "entry_price", "price"), "numeric"),
        "at": "timestamptz",
        "metadata": "jsonb",
    }
)
#: The share of what a position cost that it stands to win or lose, within what its column can hold.
_SHARE = "greatest(-999999, least(999999, ({gain}) / nullif(abs({size}) * {entry}, 0)))"
_GAIN = "({price} - {entry}) * {size}"


def _valued(price: str, entry: str, size: str) -> tuple[str, str]:
    gain = _GAIN.format(price=price, entry=entry, size=size)
    return gain, _SHARE.format(gain=gain, size=size, entry=entry)


_OF_FILL, _SHARE_OF_FILL = _valued("price", "given.entry_price", "given.size")
_HOLD = f"""
    WITH given AS MATERIALIZED (SELECT * FROM {HELD.of_json}),
    changed AS (
        UPDATE ops_positions AS held
           SET size = given.size, entry_price = given.entry_price, current_price = price,
               unrealized_pnl = {_OF_FILL}, unrealized_pnl_percent = {_SHARE_OF_FILL}
          FROM given WHERE held.token = given.token AND held.status <> 'closed'
        RETURNING held.token
    )
    INSERT INTO ops_positions (id, created_at, token, entry_price, size, current_price, unrealized_pnl,
                               unrealized_pnl_percent, opened_at, metadata)
    SELECT id, at, token, entry_price, size, price, {_OF_FILL}, {_SHARE_OF_FILL}, at, metadata FROM given
     WHERE token NOT IN (SELECT token FROM changed)
    ON CONFLICT (id) DO NOTHING
"""
#: Where a position is left, as its newest orders say; before any rests, as its entry was asked.
_PROTECT = """
    UPDATE ops_positions AS held SET stop_loss = told.stop, take_profit = told.target
    FROM (
        SELECT held.id,
               coalesce((array_agg(spec.stop_price ORDER BY said.id DESC) FILTER (WHERE reason = 'stop_loss'))[1],
                        (array_agg(spec.stop_loss ORDER BY said.id))[1]) AS stop,
               coalesce((array_agg(spec.limit_price ORDER BY said.id DESC) FILTER (WHERE reason = 'take_profit'))[1],
                        (array_agg(spec.take_profit ORDER BY said.id))[1]) AS target
          FROM ops_positions AS held
          JOIN tr_strands AS said ON said.lifecycle_id = held.metadata ->> 'lifecycle_id' AND said.kind = 'order',
               LATERAL (SELECT said.order_spec ->> 'exit_reason' AS reason, {numbers}) AS spec
         WHERE held.id = ANY(%(ids)s::uuid[])
         GROUP BY held.id
    ) AS told
    WHERE held.id = told.id
""".replace(
    "{numbers}",
    ", ".join(
        f"CASE WHEN said.order_spec ->> '{name}' ~ '^[0-9]{{1,60}}([.][0-9]{{1,60}})?$'"
        f" THEN (said.order_spec ->> '{name}')::numeric END AS {name}"
        for name in ("stop_price", "limit_price", "stop_loss", "take_profit")
    ),
)
_AT_MARK, _SHARE_AT_MARK = _valued("price", "entry_price", "size")
_MARK = f"""
    UPDATE ops_positions SET current_price = price, unrealized_pnl = {_AT_MARK},
                             unrealized_pnl_percent = {_SHARE_AT_MARK}
    FROM unnest(%(token)s::text[], %(price)s::numeric[]) AS given (symbol, price)
    WHERE token = given.symbol AND status <> 'closed'
"""
LESSONS = Written(columns={"trade": "uuid", "lessons": "text[]"})
_LEARN = f"""
    UPDATE ops_trade_outcomes
       SET lessons_learned = ARRAY(SELECT DISTINCT unnest(lessons_learned || given.lessons) AS each ORDER BY each)
    FROM {LESSONS.of_json} WHERE trade_id = given.trade
"""
#: What says anything of where a position stands.
_OF_A_POSITION = frozenset({"order", "fill", "position"})
BRAIDS = frozenset({"braid", "meta_braid", "meta2_braid"})


def project(connection: psycopg.Connection[Any], strands: Sequence[Strand]) -> None:
    """Write what fills, closed positions, orders, marks and lessons among these strands change; idempotent.

    In the caller's transaction, and the strands lie in their tables already. What was closed counts before what the
    newest fill of a symbol left open, for that may be the next position.
    """
    spoken = [each for each in strands if each.module == "trader" and each.symbol]
    closed = [row for each in spoken if each.kind == "position" and (row := outcome(each))]
    if closed:
        connection.execute(_CLOSE, OUTCOME.json(closed))
    opened = [row for first, newest in episodes(spoken) if (row := held(first, newest))]
    if opened:
        connection.execute(_HOLD, HELD.json(opened))
    threads = sorted({each.lifecycle_id for each in spoken if each.kind in _OF_A_POSITION and each.lifecycle_id})
    if threads:
        connection.execute(_PROTECT, {"ids": [identities.position(each) for each in threads]})
    _mark(connection, strands)
    _learn(connection, strands)


def episodes(spoken: Sequence[Strand]) -> list[tuple[Strand, Strand]]:
    """Return the first and the newest fill of what each symbol holds at the end, as far as these strands tell.

    A fill that crosses zero closes one position and opens the next.
    """
    now: dict[str, tuple[Strand, Strand]] = {}
    for each in spoken:
        symbol = each.symbol or ""
        if each.kind == "fill":
            now[symbol] = now.get(symbol, (each, each))[0], each
        elif each.kind == "position" and symbol in now:
            newest = now.pop(symbol)[1]
            if _quantity(each):
                now[symbol] = newest, newest
    return [now[symbol] for symbol in sorted(now)]


def _quantity(said: Strand) -> Decimal:
    """Return what a fill or a closed position left, none where the strand tells no number."""
    return figures.decimal(at(said.payload, "position_data.quantity")) or Decimal(0)


def outcome(position: Strand) -> dict[str, Any] | None:
    """Return the row of a closed position; None where the trader's word leaves out what every trade has."""
    row = trades.closed(position)
    if row is None or not position.lifecycle_id:
        return None
    told = json_values.mapping(position.payload.get("tr_outcome"))
    side = 1 if row["direction"] == "long" else -1
    seconds = json_values.number(told.get("hold_seconds"))
    return {
        "id": str(identities.of("outcome", position.id)),
        "position": str(identities.position(position.lifecycle_id)),
        "token": row["symbol"],
        "size": str(row["quantity"] * side),
        **{name: str(row[name]) for name in ("entry_price", "exit_price", "pnl")},
        "pnl_percent": round(json_values.number(told.get("pnl_percent")) or 0.0, 4),
        "held": None if seconds is None else round(seconds),
        "outcome": row["outcome"],
        **{name: row[name].isoformat() for name in ("opened_at", "closed_at")},
        "metadata": {
            "lifecycle_id": position.lifecycle_id,
            "strand_id": position.id,
            "symbol": row["symbol"],
            "direction": row["direction"],
            "close_reason": row["close_reason"],
            "decision_id": position.payload.get("decision_id"),
            "plan_ids": json_values.items(told.get("plan_ids")),
            "r_multiple": row["r_multiple"],
            "fees": str(row["fees"]),
            "funding": str(row["funding"]),
        },
    }


def held(first: Strand, newest: Strand) -> dict[str, Any] | None:
    """Return the row of what is held from a first to a newest fill; None where that is nothing."""
    quantity, average = _quantity(newest), figures.decimal(at(newest.payload, "position_data.avg_price"))
    if not quantity or not average or not first.lifecycle_id:
        return None
    return {
        "id": str(identities.position(first.lifecycle_id)),
        "token": newest.symbol,
        "size": str(quantity),
        "entry_price": str(average),
        "price": str(figures.decimal(at(newest.payload, "fills.0.px")) or average),
        "at": first.at.isoformat(),
        "metadata": {
            "lifecycle_id": first.lifecycle_id,
            "decision_id": first.payload.get("decision_id"),
            "symbol": newest.symbol,
            "direction": "long" if quantity > 0 else "short",
        },
    }


def _mark(connection: psycopg.Connection[Any], strands: Sequence[Strand]) -> None:
    """Value what is open at the newest marks, but for what was filled after them."""
    marks: dict[str, Any] = {}
    for each in strands:
        if each.module == "risk" and each.kind == "risk_update":
            marks = dict(json_values.mapping(at(each.payload, "rm_portfolio_risk.marks")))
        elif each.module == "trader" and each.kind == "fill":
            marks.pop(each.symbol or "", None)
    prices = {token: number for token, price in sorted(marks.items()) if (number := figures.decimal(price)) is not None}
    if prices:
        connection.execute(_MARK, {"token": list(prices), "price": list(prices.values())})


def _learn(connection: psycopg.Connection[Any], strands: Sequence[Strand]) -> None:
    """Name the lessons that a trade's end completed, by their titles in the order of the alphabet."""
    learned: dict[str, list[str]] = {}
    for each in strands:
        title = at(each.payload, "lesson_metadata.lesson.title") if each.kind in BRAIDS else None
        if isinstance(title, str) and title and each.lifecycle_id:
            learned.setdefault(str(identities.position(each.lifecycle_id)), []).append(title)
    if learned:
        rows = [{"trade": trade, "lessons": titles} for trade, titles in sorted(learned.items())]
        connection.execute(_LEARN, LESSONS.json(rows))
