"""Halts as modules obey them.

Under one that concerns it nothing adds to a position. Under ``reduce-only`` what reduces one goes on; under ``halted``
nothing does but what protects it, and what a person says.
"""

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


def standstill(given: Given, *scopes: str) -> str | None:
    """Return why nothing is said but what protects a position: of the desk or one of these scopes, which is halted."""
    return next((own(given, each) for each in (DESK, *scopes) if given.halts.get(each) is HaltState.HALTED), None)


def own(given: Given, scope: str) -> str | None:
    """Return the same of one scope alone, whatever holds for the desk."""
    state = given.halts.get(scope, HaltState.ACTIVE)
    return None if state is HaltState.ACTIVE else f"halted: {scope} is {state}"
