"""The throttle at the sign-in: asked before a password is looked at, as looking costs more than asking.

A try counts as wrong until it was right, so that many at once are as many. Whoever knows a name can make others wait
for it only up to a stated cap, and nobody who is signed in by it.
"""

from __future__ import annotations

import math
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.db import transaction
from django.db.models import Sum
from django.http import HttpRequest
from django.utils import timezone

from tradingops.sign_in import client
from tradingops.sign_in.models import Attempt
from tradingops.sign_in.policy import ThrottlePolicy

POLICY = ThrottlePolicy()
#: How long somebody waits whose password could not be looked at for others' sake [s].
BUSY_SECONDS = 1
MOST_LETTERS = 150


class Busy(Exception):
    """So many passwords are being checked that this one has to come again."""


def spoken(name: str) -> str:
    """Return a name as tries are counted by it: one name, however it is written."""
    return unicodedata.normalize("NFKC", name).casefold()[:MOST_LETTERS]


def address_of(request: HttpRequest | None) -> str:
    """Return where a request comes from, empty for a call from within."""
    return "" if request is None else client.address(request.META, proxies=settings.PROXIES)


def claim(name: str, *, address: str, is_known: bool = False, now: datetime | None = None) -> int:
    """Return how many seconds this try has to wait; 0 lets it pass, and counts it as wrong until it was right.

    ``is_known`` is a device that is signed in by this name: it never waits for what others tried.
    """
    name, now = spoken(name), now or timezone.now()
    _forget(now)
    crowd = 0.0 if is_known else _crowd(name, address)
    with transaction.atomic():
        first = now + timedelta(seconds=crowd)
        Attempt.objects.get_or_create(name=name, address=address, defaults={"until": first})
        found = Attempt.objects.select_for_update().get(name=name, address=address)
        if found.until > now:
            return math.ceil((found.until - now).total_seconds())
        found.failures += 1
        found.until = now + timedelta(seconds=max(POLICY.own(found.failures), crowd))
        found.save()
    return 0


def forgive(name: str, *, address: str) -> None:
    """Forget the wrong tries of a name from an address: the last one was right."""
    Attempt.objects.filter(name=spoken(name), address=address).delete()


def _crowd(name: str, address: str) -> float:
    """Return how long a name or an address has to wait for what was tried by it elsewhere."""
    elsewhere = (
        Attempt.objects.filter(name=name).exclude(address=address),
        Attempt.objects.filter(address=address).exclude(name=name),
    )
    return max(POLICY.crowd(rows.aggregate(tried=Sum("failures"))["tried"] or 0) for rows in elsewhere)


def _forget(now: datetime) -> None:
    Attempt.objects.filter(until__lt=now - timedelta(seconds=POLICY.remembered_seconds)).delete()


_checking: set[str] = set()
_lock = threading.Lock()


@contextmanager
def one_at_a_time(address: str) -> Iterator[None]:
    """Check a password, one an address and few in all, so that pages keep the processor; raises Busy."""
    with _lock:
        if address in _checking or len(_checking) >= POLICY.at_once:
            raise Busy(address)
        _checking.add(address)
    try:
        yield
    finally:
        with _lock:
            _checking.discard(address)


def connect() -> None:
    """Forgive on every right sign-in, whichever way it came."""
    user_logged_in.connect(_forgive, dispatch_uid="tradingops.sign_in.forgive")


def _forgive(*, request: HttpRequest | None, user: Any, **_: Any) -> None:
    forgive(user.get_username(), address=address_of(request))
