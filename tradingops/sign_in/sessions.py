"""The sign-ins of a person that hold, and their end."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.utils import timezone


def of(user: Any) -> list[str]:
    """Return the keys of a person's sign-ins that hold. Whose a session is stands in it alone, so each is read."""
    held = Session.objects.filter(expire_date__gt=timezone.now()).iterator(chunk_size=500)
    return [each.session_key for each in held if each.get_decoded().get(SESSION_KEY) == str(user.pk)]


def end(user: Any, *, but: str | None = None) -> int:
    """End a person's sign-ins, all ``but`` one where it is named; return how many. Their open screens are told."""
    keys = [each for each in of(user) if each != but]
    Session.objects.filter(session_key__in=keys).delete()
    return len(keys)
