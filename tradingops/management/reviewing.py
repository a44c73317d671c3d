"""`up --review`: larger plans wait for a person from now on, by a version of the decision maker's policy."""

from __future__ import annotations

import io
import json

from django.core.management import call_command

from strands.given import AS_MADE
from tradingops import connections, environments
from tradingops.people import say

#: A plan of two hundredths of the desk's value or more needs a person.
SENSIBLE = {"bands": [{"needs": "one", "min_size": 0.02}]}


def turn_on() -> bool:
    """Have larger plans wait for a person; return whether that was news.

    Nothing is published where people have said something of reviews already. Raises CommandError where the policy
    needs a second person: the version is left in review.
    """
    if "review" in _in_force():
        return False
    reason = "reviews were asked for as the desk was started"
    call_command("publish", f"dm.review={json.dumps(SENSIBLE)}", reason=reason, stderr=io.StringIO())
    return True


def _in_force() -> set[str]:
    """Return the settings of the decision maker that people have changed."""
    wire = environments.wire(connections.wire)
    try:
        return set(wire.rulings().in_force(say.present()).policies.get(("dm", ""), AS_MADE).values)
    finally:
        wire.close()
