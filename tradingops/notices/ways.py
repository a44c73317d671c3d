"""The ways to a person: made, changed and taken away by themselves, and the bell of each."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import QuerySet
from django.db.models.functions import Now

from tradingops.notices import addresses, events
from tradingops.notices.models import Notice, Way

#: The most ways that one person may have.
MOST = 10
#: How many notices the bell lists.
LISTED = 50


class Refused(ValueError):
    """A way that there cannot be: the message names the field, the value, the rule and the way out."""


def of(person: Any) -> list[Way]:
    """Return a person's ways, the bell first, whether or not they ever chose its events."""
    rows = list(Way.objects.filter(person=person))
    bell = next((each for each in rows if each.sort == Way.Sort.BELL), None)
    bell = bell or Way(person=person, sort=Way.Sort.BELL, events=list(events.EVENTS))
    return [bell, *(each for each in rows if each.sort != Way.Sort.BELL)]


def add(person: Any, sort: str, address: str) -> Way:
    """Return a new way to a person, which has all events; raises Refused."""
    address = address.strip()
    if sort not in (Way.Sort.EMAIL, Way.Sort.WEBHOOK):
        raise Refused(f"sort: {sort!r} is none that can be added; add email or webhook")
    if Way.objects.filter(person=person).count() >= MOST:
        raise Refused(f"ways: {MOST} is the most that one person has; take one away first")
    try:
        if sort == Way.Sort.EMAIL:
            _refuse_without_mail()
            validate_email(address)
        else:
            addresses.check(address, private=settings.NOTICES_PRIVATE)
    except ValidationError:
        raise Refused(f"address: {address[:60]!r} is no e-mail address; write name@host.example") from None
    except addresses.Unsafe as fault:
        raise Refused(str(fault)) from None
    if Way.objects.filter(person=person, sort=sort, address=address).exists():
        raise Refused(f"address: {address} is there already; change what it tells you of instead")
    salt = secrets.token_hex(16) if sort == Way.Sort.WEBHOOK else ""
    return Way.objects.create(person=person, sort=sort, address=address, events=list(events.EVENTS), salt=salt)


def choose(person: Any, key: int | None, wanted: Sequence[str]) -> Way:
    """Let one of a person's ways tell them of these events and no others, the bell where no key is given."""
    for each in wanted:
        if each not in events.EVENTS:
            raise Refused(f"events: {each!r} is none; they are {', '.join(events.EVENTS)}")
    if key is None:
        return Way.objects.update_or_create(
            person=person, sort=Way.Sort.BELL, address="", defaults={"events": list(wanted)}
        )[0]
    way = own(person, key)
    way.events = list(wanted)
    way.save(update_fields=["events"])
    return way


def renew(person: Any, key: int) -> Way:
    """Give a webhook of a person's another secret; the one before signs nothing any more."""
    way = own(person, key)
    way.salt = secrets.token_hex(16)
    way.save(update_fields=["salt"])
    return way


def remove(person: Any, key: int) -> None:
    """Take one of a person's ways away, with what still waits to go out by it."""
    own(person, key).delete()


def own(person: Any, key: int) -> Way:
    """Return one of a person's own ways; raises Refused for another's as for none."""
    found = Way.objects.filter(person=person, pk=key).first()
    if found is None:
        raise Refused(f"way: {key} is none of yours; your page lists them")
    return found


def bell(person: Any) -> QuerySet[Notice]:
    """Return what a person's bell tells, the newest first."""
    return Notice.objects.filter(person=person, way=None).order_by("-pk")


def unseen(person: Any, *, most: int = 100) -> int:
    """Return how many notices a person has not seen, counted no further than so many."""
    rows = Notice.objects.filter(person=person, way=None, seen_at=None)
    return len(rows.values_list("pk", flat=True)[:most])


def see(person: Any, up_to: int) -> int:
    """Mark a person's notices up to one as seen; return how many were not."""
    rows = Notice.objects.filter(person=person, way=None, seen_at=None, pk__lte=up_to)
    return rows.update(seen_at=Now())


def _refuse_without_mail() -> None:
    if not settings.HAS_MAIL:
        raise Refused("sort: no mail server is set, so no e-mail goes out; set TRADINGOPS_MAIL_URL")
