"""Halts as modules obey them: under one that concerns it nothing adds to a position; what reduces one goes on."""

from __future__ import annotations

from strands.given import DESK, Given, HaltState


def refusal(given: Given, *scopes: str) -> str | None:
    """Return why nothing may add to a position: ``halted: desk is reduce-only``; None where all is active.

    It names the strictest of the desk and these scopes (``module:X``, ``symbol:X``, ``venue:X``).
    """
    state = given.halted(*scopes)
    if state is HaltState.ACTIVE:
        return None
    return next(why for each in (DESK, *scopes) if (why := own(given, each)) and given.halts[each] == state)


def own(given: Given, scope: str) -> str | None:
    """Return the same of one scope alone, whatever holds for the desk."""
    state = given.halts.get(scope, HaltState.ACTIVE)
    return None if state is HaltState.ACTIVE else f"halted: {scope} is {state}"
