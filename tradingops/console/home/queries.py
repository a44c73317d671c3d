"""The dashboard's questions to the database: each one statement, each by an index."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connections
from django.db.models import Count

from strands import figures, ids, json_values
from tradingops.console.home import freshness, money, plots, words
from tradingops.heartbeat import DEAD_AFTER
from tradingops.people import recovery

#: Counting what waits stops here; a desk so far behind needs no exact figure.
MOST_COUNTED = 100_000
#: Decisions that are counted by outcome and reason: those of a day and more, for any desk that people could follow.
MOST_DECIDED = 5_000
#: Ranges of one length that a curve is made of at most: of five minutes two weeks of them, of hours half a year.
MOST_RANGES = 4_320

#: The least and the greatest of each bucket of a span, and the first and the last of all: a dip that comes and goes is
#: drawn. The value that stood when the span began is its first. They are read from the ranges that the database keeps,
#: of the shortest length of which the span has few enough, and from the states of the range that the span begins in.
SAMPLES = """
    WITH lengths (by, length) AS (VALUES ('five minutes', interval '5 minutes'), ('hour', '1 hour'), ('day', '1 day')),
    ends_at AS (
        SELECT greatest(min(at), max(at) - coalesce(%(span)s::interval, interval '1000 years')) AS first,
               max(at) AS last
          FROM (SELECT * FROM ((SELECT at FROM dm_portfolio_state ORDER BY at LIMIT 1)
                     UNION ALL (SELECT at FROM dm_portfolio_state ORDER BY at DESC LIMIT 1)) AS both_ends) AS known),
    chosen AS (
        SELECT by, first, last,
               date_bin(length, first, timestamptz '1970-01-01 00:00:00+00') + length AS whole,
               greatest((last - first) / %(buckets)s, interval '1 second' / %(buckets)s) AS bucket
          FROM lengths CROSS JOIN ends_at
         WHERE by = 'day' OR last - first <= length * %(most)s
         ORDER BY length LIMIT 1),
    found AS (
        (SELECT first AS at, portfolio_value AS value
           FROM chosen CROSS JOIN LATERAL (SELECT portfolio_value FROM dm_portfolio_state
                                            WHERE at <= first ORDER BY at DESC LIMIT 1) AS stood)
         UNION ALL
        (SELECT at, portfolio_value FROM dm_portfolio_state CROSS JOIN chosen WHERE at > first AND at < whole)
         UNION ALL
        (SELECT ends.at, ends.value
           FROM chosen JOIN dm_equity_ranges AS kept ON kept.by = chosen.by AND kept.begins >= whole
          CROSS JOIN LATERAL (VALUES (least_at, least), (greatest_at, greatest)) AS ends (at, value))),
    placed AS MATERIALIZED (SELECT at, value, date_bin(bucket, at, first) AS place FROM found CROSS JOIN chosen),
    ends AS (SELECT place, min(value) AS least, max(value) AS greatest FROM placed GROUP BY place)
    SELECT min(at), value FROM placed JOIN ends USING (place)
     WHERE value IN (least, greatest) GROUP BY place, value
     UNION (SELECT at, value FROM placed ORDER BY at LIMIT 1)
     UNION (SELECT at, portfolio_value FROM dm_portfolio_state ORDER BY at DESC LIMIT 1)
     ORDER BY 1
"""
PEAK_BEFORE = """
    SELECT rm_portfolio_risk ->> 'peak_value' FROM rm_strands
     WHERE id < %s AND kind = 'risk_update' ORDER BY id DESC LIMIT 1
"""
_SAID = "SELECT rm_portfolio_risk::text FROM rm_strands WHERE kind = 'risk_update'"
#: The drafts that decide beside the desk, and how often each diverged.
SHADOWS = """
    SELECT json_agg(living)::text
      FROM (SELECT shadow.id AS pk, shadow.state, looser, stricter, resized, compared,
                   version.policy || coalesce(' of ' || nullif(version.symbol, ''), '') || ' ' || version.number AS of
              FROM whatif_shadows AS shadow LEFT JOIN policy_versions AS version ON version.id = shadow.of_id
             WHERE shadow.state IN ('following', 'set aside') ORDER BY shadow.id DESC LIMIT 3) AS living
"""
MONEY = f"""
    SELECT newest.at, newest.said,
           ({_SAID} AND id < %(day_id)s ORDER BY id DESC LIMIT 1),
           ({_SAID} AND id < %(week_id)s ORDER BY id DESC LIMIT 1), ({SHADOWS}), closed.*
      FROM (SELECT coalesce(sum(trades) FILTER (WHERE name >= %(day_name)s), 0) AS today,
                   coalesce(sum(wins) FILTER (WHERE name >= %(day_name)s), 0) AS won_today,
                   coalesce(sum(trades) FILTER (WHERE by = 'day'), 0) AS week,
                   coalesce(sum(wins) FILTER (WHERE by = 'day'), 0) AS won_in_the_week,
                   coalesce(sum(trades) FILTER (WHERE by = 'all'), 0) AS trades,
                   coalesce(sum(wins) FILTER (WHERE by = 'all'), 0) AS won
              FROM (SELECT by, name, trades, wins FROM tr_trade_sums WHERE by = 'all'
                     UNION ALL
                    SELECT by, name, trades, wins FROM tr_trade_sums WHERE by = 'day' AND name >= %(week_name)s
                   ) AS kept) AS closed
      LEFT JOIN (SELECT at, rm_portfolio_risk::text AS said FROM rm_strands
                  WHERE kind = 'risk_update' ORDER BY id DESC LIMIT 1) AS newest ON true
"""
#: The newest bars of each symbol that has any, those that were written last: as many as may close together, and more.
MARKETS = """
    SELECT symbol, session_grid, frames, newest, written
      FROM (SELECT symbol, session_grid FROM instruments ORDER BY symbol LIMIT 100) AS known
     CROSS JOIN LATERAL (
           SELECT max(at) AS newest, max(created_at) AS written, array_agg(DISTINCT timeframe) AS frames
             FROM (SELECT at, created_at, timeframe FROM md_strands
                    WHERE md_strands.symbol = known.symbol AND kind = 'bar'
                    ORDER BY created_at DESC LIMIT 50) AS bars) AS told
     WHERE newest IS NOT NULL
"""
#: A decision is unpacked once; by kind and key, newest first, so that a desk that decides a lot is not counted whole.
DECIDED = """
    SELECT CASE jsonb_typeof(decided) WHEN 'string' THEN decided #>> '{}' END,
           CASE WHEN reason IS NULL OR jsonb_typeof(reason) = 'null' THEN NULL
                WHEN jsonb_typeof(reason) = 'string' THEN reason #>> '{}' ELSE 'unreadable' END, count(*)
      FROM (SELECT dm_decision -> 'decision_type' AS decided, dm_decision -> 'reason' AS reason FROM dm_strands
             WHERE id >= %(since)s AND kind = 'decision' ORDER BY id DESC LIMIT %(most)s) AS newest
     GROUP BY 1, 2
"""
HEALTH = """
    WITH queued AS (
        SELECT listener, count(*) AS waiting, count(*) FILTER (WHERE attempts > 0) AS retrying,
               min(created_at) AS oldest
          FROM (SELECT listener, attempts, created_at FROM deliveries ORDER BY seq LIMIT %(most)s) AS first
         GROUP BY listener),
    working AS (
        SELECT listener, max(beat_at) AS beat_at, sum(turns)::bigint AS turns,
               count(*) FILTER (WHERE beat_at > now() - %(dead)s * interval '1 second') AS workers
          FROM workers GROUP BY listener)
    SELECT listener, waiting, retrying, oldest, beat_at, turns, workers, recent.at AS last_turn_at
      FROM unnest(%(listeners)s::text[]) AS listener
      LEFT JOIN queued USING (listener) LEFT JOIN working USING (listener)
      LEFT JOIN LATERAL (SELECT last_delivery_attempt AS at FROM module_messages
                          WHERE module_messages.listener = listener.listener
                          ORDER BY sequence DESC LIMIT 1) AS recent ON true
"""


def curve(span: str, using: str = "default") -> plots.Curve:
    """Return the equity curve of a span of market time: the least and the greatest value of each of its buckets."""
    with connections[using].cursor() as cursor:
        asked: dict[str, Any] = {"span": plots.SPANS.get(span), "buckets": plots.BUCKETS, "most": MOST_RANGES}
        cursor.execute(SAMPLES, asked)
        samples = cursor.fetchall()
    whole = plots.SPANS.get(span) is None
    return plots.curve(samples, peak=None if whole or not samples else _peak_before(samples[0][0], using=using))


def _peak_before(at: datetime, *, using: str) -> Decimal | None:
    row = _row(PEAK_BEFORE, [ids.lower_bound(at)], using=using)
    return figures.decimal(row[0]) if row else None


class Told(NamedTuple):
    """The last words of the risk manager on the book: now, before today and before the seven days; trades, won ones.

    ``at`` is when the last was said, None before the first. Trades are pairs of all and won, today's first. Beside it
    the shadows that live.
    """

    at: datetime | None
    now: Any
    day: Any
    week: Any
    trades: list[tuple[int, int]]
    shadows: list[Any]

    @property
    def said(self) -> Mapping[str, Any]:
        """The last word, as far as it is an object."""
        return json_values.mapping(self.now)


def book(present: datetime, using: str = "default") -> Told:
    """Return what was said of the book by a moment of market time, and how many trades were closed."""
    day, week = money.starts(present)
    moments = {"day_id": ids.lower_bound(day), "week_id": ids.lower_bound(week)}
    names = {"day_name": f"{day:%Y-%m-%d}", "week_name": f"{week:%Y-%m-%d}"}
    at, now, before, earlier, shadows, *counted = _row(MONEY, {**moments, **names}, using=using)
    pairs = [(int(trades), int(won)) for trades, won in zip(counted[::2], counted[1::2], strict=True)]
    living = json.loads(shadows) if shadows else []
    return Told(at, _document(now), _document(before), _document(earlier), pairs, living)


def _document(text: str | None) -> Any:
    return json_values.loads(text, field="rm_portfolio_risk") if text else None


def markets(present: datetime, *, now: datetime, using: str = "default") -> list[freshness.Freshness]:
    """Return how fresh the newest bar of each symbol is, the stale first."""
    with connections[using].cursor() as cursor:
        cursor.execute(MARKETS)
        return freshness.of(cursor.fetchall(), present=present, now=now)


def decided(since: datetime, using: str = "default") -> words.Outcomes:
    """Return the newest decisions since a moment, by outcome and by reason."""
    with connections[using].cursor() as cursor:
        cursor.execute(DECIDED, {"since": ids.lower_bound(since), "most": MOST_DECIDED})
        return words.outcomes(cursor.fetchall())


def modules(titles: dict[str, str], *, now: datetime, using: str = "default") -> list[words.Health]:
    """Return the health of each module, in the order of their titles' keys."""
    with connections[using].cursor() as cursor:
        cursor.execute(HEALTH, {"listeners": list(titles), "most": MOST_COUNTED, "dead": DEAD_AFTER})
        names = [column.name for column in cursor.description or ()]
        rows = {row[0]: dict(zip(names, row, strict=True)) for row in cursor.fetchall()}
    for listener, failed in recovery.open_failures(using).values_list("listener").annotate(Count("pk")).order_by():
        rows.setdefault(listener, {})["failed"] = failed
    return [words.health(name=name, title=title, now=now, row=rows[name]) for name, title in titles.items()]


def _row(statement: str, values: Any, *, using: str) -> Any:
    with connections[using].cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchone()
