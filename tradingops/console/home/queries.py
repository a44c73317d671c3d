"""The dashboard's questions to the database: each one statement, each by an index."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connections
from django.db.models import Count

from portfolio.models import DecisionPosition, PortfolioState
from strands import figures, ids, json_values
from strands.models import DecisionStrand, RiskStrand
from tradingops.console.home import plots, words
from tradingops.heartbeat import DEAD_AFTER
from tradingops.people import recovery

#: Counting what waits stops here; a desk so far behind needs no exact figure.
MOST_COUNTED = 100_000

#: The least and the greatest of each bucket of a span, and the last of all: a dip that comes and goes is drawn. The
#: value that stood when the span began is its first.
SAMPLES = """
    WITH placed AS MATERIALIZED (
        SELECT greatest(at, %(first)s) AS at, portfolio_value,
               floor(extract(epoch FROM greatest(at, %(first)s) - %(first)s)
                     * %(buckets)s / greatest(%(span)s, 1)) AS place
          FROM dm_portfolio_state
         WHERE at <= %(last)s
           AND at >= coalesce((SELECT max(at) FROM dm_portfolio_state WHERE at <= %(first)s), %(first)s)),
    ends AS (SELECT place, min(portfolio_value) AS least, max(portfolio_value) AS greatest FROM placed GROUP BY place)
    SELECT min(at), portfolio_value FROM placed JOIN ends USING (place)
     WHERE portfolio_value IN (least, greatest) GROUP BY place, portfolio_value
     UNION (SELECT at, portfolio_value FROM placed ORDER BY at DESC LIMIT 1)
     ORDER BY 1
"""
PEAK_BEFORE = """
    SELECT rm_portfolio_risk ->> 'peak_value' FROM rm_strands
     WHERE id < %s AND kind = 'risk_update' ORDER BY id DESC LIMIT 1
"""
DECIDED = """
    SELECT CASE jsonb_typeof(dm_decision -> 'decision_type') WHEN 'string' THEN dm_decision ->> 'decision_type' END,
           CASE WHEN dm_decision -> 'reason' IS NULL OR jsonb_typeof(dm_decision -> 'reason') = 'null' THEN NULL
                WHEN jsonb_typeof(dm_decision -> 'reason') = 'string' THEN dm_decision ->> 'reason'
                ELSE 'unreadable' END, count(*)
      FROM dm_strands
     WHERE id >= %s AND kind = 'decision' GROUP BY 1, 2
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


def bounds(using: str = "default") -> tuple[datetime, datetime] | None:
    """Return the first and the last moment that the portfolio's state is known of."""
    moments = PortfolioState.objects.using(using).order_by("at").values_list("at", flat=True)
    first, last = moments.first(), moments.last()
    return (first, last) if first and last else None


def curve(span: str, using: str = "default") -> plots.Curve:
    """Return the equity curve of a span of market time: the least and the greatest value of each of its buckets."""
    known = bounds(using)
    if known is None:
        return plots.Curve([], [], [])
    first, last = plots.span_start(span, first=known[0], last=known[1]), known[1]
    with connections[using].cursor() as cursor:
        span_seconds = (last - first).total_seconds()
        cursor.execute(SAMPLES, {"first": first, "last": last, "span": span_seconds, "buckets": plots.BUCKETS})
        samples = cursor.fetchall()
    return plots.curve(samples, peak=_peak_before(first, using=using))


def _peak_before(at: datetime, *, using: str) -> Decimal | None:
    row = _row(PEAK_BEFORE, [ids.lower_bound(at)], using=using)
    return figures.decimal(row[0]) if row else None


def book(using: str = "default") -> tuple[PortfolioState | None, Mapping[str, Any]]:
    """Return the newest state of the portfolio, and what the risk manager last said of it."""
    state = PortfolioState.objects.using(using).order_by("-at").first()
    said = RiskStrand.objects.using(using).filter(kind="risk_update").order_by("-id")
    return state, json_values.mapping(said.values_list("rm_portfolio_risk", flat=True).first())


def positions(using: str = "default", *, most: int = 25) -> list[DecisionPosition]:
    return list(DecisionPosition.objects.using(using).filter(size__gt=0).order_by("symbol", "id")[:most])


def decided(since: datetime, using: str = "default") -> words.Outcomes:
    """Return decisions since a moment, by outcome and by reason."""
    with connections[using].cursor() as cursor:
        cursor.execute(DECIDED, [ids.lower_bound(since)])
        return words.outcomes(cursor.fetchall())


def latest_decisions(using: str = "default", *, most: int = 8) -> list[DecisionStrand]:
    said = DecisionStrand.objects.using(using).filter(kind="decision").order_by("-id")
    return list(said.only("id", "at", "kind", "symbol", "lifecycle_id", "dm_decision")[:most])


def modules(titles: dict[str, str], *, now: datetime, using: str = "default") -> list[words.Health]:
    """Return the health of each module, in the order of their titles' keys."""
    with connections[using].cursor() as cursor:
        cursor.execute(HEALTH, {"listeners": list(titles), "most": MOST_COUNTED, "dead": DEAD_AFTER})
        names = [column.name for column in cursor.description or ()]
        rows = {row[0]: dict(zip(names, row, strict=True)) for row in cursor.fetchall()}
    for listener, failed in recovery.open_failures(using).values_list("listener").annotate(Count("pk")).order_by():
        rows.setdefault(listener, {})["failed"] = failed
    return [words.health(name=name, title=title, now=now, row=rows[name]) for name, title in titles.items()]


def _row(statement: str, values: list[Any], *, using: str) -> Any:
    with connections[using].cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchone()
