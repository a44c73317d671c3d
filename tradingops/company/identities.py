"""Ids of the company's rows, made of what they are about, so that telling again writes the same rows."""

from __future__ import annotations

import uuid

_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "tradingops:company")


def of(kind: str, *about: str) -> uuid.UUID:
    """Return the id of a row of some kind about something."""
    return uuid.uuid5(_NAMESPACE, "\x1f".join((kind, *about)))


def position(lifecycle_id: str) -> uuid.UUID:
    """Return the id of a position, which is also that of its trade: the thread of the plan that opened it."""
    return of("position", lifecycle_id)
