"""The venue choice: which venue an order is sent to first, and which next."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from decimal import Decimal

from portfolio.execution import slippage, venue
from strands.market.instruments.instrument import Instrument
from tradingops.modules.trader.policy import VenueRules
from tradingops.modules.trader.state import Record


def ranked(
    *,
    quantity: Decimal,
    depth: Decimal,
    records: Mapping[str, Record],
    preferences: Sequence[str],
    route_hint: str | None,
    rules: VenueRules,
    instrument: Instrument | None = None,
    closed: Container[str] = (),
) -> tuple[tuple[str, float], ...]:
    """Return venues with their scores, best first, at most as many as may be tried.

    A plan's preferences leave out the others where any of them is configured; a route hint comes first. Venues below
    the recommended score come after those that reach it; among equals the configured priority decides. Closed venues,
    to which only exits may go, come last.
    """
    known = [each for each in rules.venues if each.name in {*preferences, route_hint}] or list(rules.venues)
    scored = [
        (
            each.name,
            score(each, quantity=quantity, depth=depth, records=records, rules=rules, instrument=instrument),
        )
        for each in known
    ]
    scored.sort(
        key=lambda named: (named[0] in closed, named[0] != route_hint, named[1] < rules.recommended_score, -named[1])
    )
    return tuple(scored[: rules.max_venues])


def score(
    profile: venue.Profile,
    *,
    quantity: Decimal,
    depth: Decimal,
    records: Mapping[str, Record],
    rules: VenueRules,
    instrument: Instrument | None = None,
) -> float:
    """Return how well a venue suits an order: depth, the instrument's fee, latency and record, weighted, in [0, 1]."""
    deep = min(1.0, float(depth / quantity) / rules.depth_margin)
    fee = float(max(profile.schedule_of(instrument).taker_bps, Decimal(0)) / slippage.BPS)
    cheap = 1 - min(1.0, fee / rules.fee_ceiling)
    fast = 1 - min(1.0, profile.latency_ms / rules.latency_ceiling_ms)
    good = (success(records.get(profile.name), rules) + rules.uptime) / 2
    return round(
        rules.depth_weight * deep + rules.fee_weight * cheap + rules.speed_weight * fast + rules.record_weight * good, 4
    )


def success(record: Record | None, rules: VenueRules) -> float:
    """Return the share of a venue's executions that went well."""
    if record is None or not record.executions:
        return rules.unknown_record
    return record.successes / record.executions


def latency_ms(name: str, rules: VenueRules) -> float:
    """Return a venue's median latency; raises KeyError for one that is not configured."""
    return {each.name: each.latency_ms for each in rules.venues}[name]
