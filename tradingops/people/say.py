"""How a person's act gets onto the wire: one strand of theirs, written in Django's transaction."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from django.conf import settings

from strands.kinds import declared
from strands.models import MarketStrand, PeopleStrand
from strands.strand import Strand
from tradingops.mandates import mandates
from tradingops.people import acts, persons


def present(using: str = "default") -> datetime:
    """Return the desk's present: the moment of the newest bar on the wire, the wall clock's where there is none."""
    bars = MarketStrand.objects.using(using).filter(kind="bar").order_by("-id")
    return bars.values_list("at", flat=True).first() or datetime.now(UTC)


def asked(*, by: str, reason: str, using: str = "default") -> acts.Asked:
    """Return who asks for something now, and why: somebody at the command line, whom no mandate bounds."""
    moment = datetime.now(UTC)
    return acts.Asked(by=by, reason=reason, at=present(using), asked_at=moment, person=persons.of_account(by))


def asked_by(person: Any, *, reason: str, using: str = "default") -> acts.Asked:
    """Return that a user of the console asks for something now, within their mandates, and why."""
    plain = asked(by=person.get_username(), reason=reason, using=using)
    return replace(plain, within=mandates.of(person), mode=settings.MODE, person=persons.of_user(person))


def publish(strand: Strand, *, using: str = "default") -> None:
    """Write a person's strand; the database leaves its deliveries in the same statement. Raises Undeclared."""
    declared.check(strand)
    PeopleStrand.objects.using(using).create(
        id=strand.id,
        lifecycle_id=strand.lifecycle_id,
        parent_id=strand.parent_id,
        module=strand.module,
        kind=strand.kind,
        symbol=strand.symbol,
        timeframe=strand.timeframe,
        regime=strand.regime,
        session_bucket=strand.session_bucket,
        at=strand.at,
        tags=list(strand.tags),
        hop=strand.hop,
        **strand.payload,
    )
