"""What people are told of, and who: each event with the right that somebody needs to hear of it."""

from __future__ import annotations

from dataclasses import dataclass

from tradingops.people import roles


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event: its name, what it means in a line, and the right without which nobody hears of it."""

    name: str
    means: str
    right: str


WAITS, NEAR, DECIDED = "waits", "near", "decided"
HALT, POLICY, LISTENER, FAILED, DEAD = "halt", "policy", "listener", "failed", "dead"

EVENTS = {
    each.name: each
    for each in (
        Event(name=WAITS, means="a plan waits for you", right=roles.DECIDE),
        Event(name=NEAR, means="the deadline of a plan that waits for you is near", right=roles.DECIDE),
        Event(name=DECIDED, means="a plan that waited has ended", right=roles.DECIDE),
        Event(name=HALT, means="something was halted, or may trade again", right=roles.HALT),
        Event(name=POLICY, means="a policy waits for a second person", right=roles.PUBLISH),
        Event(name=LISTENER, means="a module has no living worker", right=roles.RECOVER),
        Event(name=FAILED, means="a delivery failed and was set aside", right=roles.RECOVER),
    )
}
#: What is told of a way to its owner, on the bell alone, whatever they chose.
OF_WAYS = {DEAD: "a message could not be delivered to a way of yours"}
