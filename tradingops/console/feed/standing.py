"""How somebody with an open screen stands: whose sign-in it is, until when, and what they may see."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import auth
from django.contrib.sessions.models import Session
from django.http import request as http_request
from django.utils import timezone

from tradingops.mandates import mandates, triggers

#: Who may see the live feed, and the stories behind it.
PERMISSION = "strands.view_decisionstrand"
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Who listens: the payloads of notifications that concern them, when they end, the symbols they may see."""

    heeds: frozenset[str]
    until: datetime
    symbols: frozenset[str] | None

    @property
    def has_ended(self) -> bool:
        """Whether the sign-in is past its time."""
        return timezone.now() >= self.until

    @property
    def seconds_left(self) -> float:
        """How long the sign-in still lasts [s]."""
        return max(0.0, (self.until - timezone.now()).total_seconds())


def of(session_key: str | None) -> Standing | None:
    """Return how the person of a sign-in stands; None where it does not hold, or they may not listen."""
    session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    user = auth.get_user(SimpleNamespace(session=session))  # type: ignore[arg-type]
    kept = Session.objects.filter(session_key=session_key).values_list("expire_date", flat=True).first()
    if kept is None or not may_listen(user):
        return None
    digest = hashlib.md5(str(session_key).encode(), usedforsecurity=False).hexdigest()
    heeds = frozenset({triggers.ALL, triggers.of_user(user.pk), triggers.of_session(digest)})
    return Standing(heeds=heeds, until=kept, symbols=mandates.symbols_of(user))


def may_listen(user: Any) -> bool:
    """Return whether somebody is an active member of staff who may see strands."""
    return bool(user.is_active and user.is_staff and user.has_perm(PERMISSION))


def is_from_here(scope: Mapping[str, Any]) -> bool:
    """Return whether a socket is opened by a page of this console: same scheme, host and port, or a trusted origin."""
    told = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope.get("headers", ())}
    asked, host = _origin(told.get("origin", "")), told.get("host", "")
    if asked is None:
        return False
    if asked in {_origin(each) for each in settings.CSRF_TRUSTED_ORIGINS}:
        return True
    behind_tls = settings.HTTPS and told.get("x-forwarded-proto", "").strip() == "https"
    scheme = "https" if behind_tls or scope.get("scheme") == "wss" else "http"
    own = _origin(f"{scheme}://{host}")
    return own == asked and http_request.validate_host(asked[1], settings.ALLOWED_HOSTS)


def _origin(text: str) -> tuple[str, str, int] | None:
    """Return scheme, host and port of an origin, None for what is none."""
    try:
        parts = urlsplit(text)
        port = parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return None
    if not parts.hostname or port is None or parts.path or parts.query or parts.fragment or parts.username:
        return None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return parts.scheme, host, port
