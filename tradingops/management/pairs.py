"""KEY=VALUE as a person gives it on the command line."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django.core.management.base import CommandError

USAGE = 2


def settings(pairs: Sequence[str], *, option: str) -> dict[str, Any]:
    """Return settings by key, lists and objects read as JSON and the rest left to the policies.

    Raises CommandError, with exit code 2, for what is no pair and for what is no JSON.
    """
    found: dict[str, Any] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not (key and equals):
            raise CommandError(f"{option} {pair}: say KEY=VALUE, such as dm.approve_score=.8", returncode=USAGE)
        found[key.strip()] = _value(key, value.strip(), option=option)
    return found


def _value(key: str, text: str, *, option: str) -> Any:
    if not text.startswith(("[", "{")):
        return text
    try:
        return json.loads(text)
    except ValueError as fault:
        raise CommandError(f"{option} {key}: {text} is no JSON ({fault})", returncode=USAGE) from None
