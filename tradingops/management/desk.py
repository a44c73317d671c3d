"""The desk in earnest: its modules with what they need of this machine, and those that wait for nobody outside."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from curators.dsi import evidence, wall
from strands.endpoint.postgres import PostgresLedger
from strands.lessons.writers.endpoint import writer
from tradingops import connections, environments

#: The listener that asks a writer outside.
WRITER = "lessons"


#: What a live desk does otherwise: a lesson becomes active when a person says so.
LIVE = {"lessons.activation": "person", "dm.review.mode": "live"}


def of_mode() -> dict[str, Any]:
    """Return the settings by which this desk's mode differs from the defaults."""
    return dict(LIVE) if settings.MODE == "live" else {}


def modules() -> dict[str, Any]:
    """Return every module by name: evidence is timed, and lessons are written by the endpoint that is configured."""
    return environments.modules(of_mode(), writer=_writer(), gather=wall.timed(evidence.gather))


def in_lockstep() -> list[Any]:
    """Return the modules that a market may wait for: all but one that itself waits for an endpoint."""
    return [module for name, module in modules().items() if name != WRITER or not has_writer()]


def has_writer() -> bool:
    """Return whether an endpoint writes lessons; it then has a process of its own."""
    return settings.LESSON_ENDPOINT is not None


def _writer() -> writer.EndpointWriter | None:
    if settings.LESSON_ENDPOINT is None:
        return None
    return writer.at(settings.LESSON_ENDPOINT, ledger=PostgresLedger(connections.wire))
