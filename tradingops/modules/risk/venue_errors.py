"""Venue errors: how often each venue failed of late, as the trader tells it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from strands.strand import Strand
from tradingops.modules.risk.policy import RiskPolicy

#: The moments of the last faults of each venue, oldest first, as many as are enough to halt it.
Errors = Mapping[str, tuple[datetime, ...]]


def venue_of(notice: Strand) -> str | None:
    """Return the venue that a notice of the trader names as at fault; None for one that names none."""
    told = notice.payload.get("monitoring_state")
    venue = told.get("venue") if isinstance(told, dict) else None
    return venue if isinstance(venue, str) and venue else None


def recent(errors: Errors, *, at: datetime, policy: RiskPolicy) -> Errors:
    """Return the faults that still count at a moment."""
    since = at - timedelta(minutes=policy.venue_error_minutes)
    kept = {venue: tuple(each for each in moments if each > since) for venue, moments in errors.items()}
    return {venue: moments for venue, moments in kept.items() if moments}


def with_fault(errors: Errors, venue: str, *, at: datetime, policy: RiskPolicy) -> Errors:
    """Return the faults with one more."""
    known = recent(errors, at=at, policy=policy)
    return {**known, venue: (*known.get(venue, ()), at)[-policy.most_venue_errors :]}
