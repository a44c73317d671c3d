"""The words on the wire: every tag, who listens to it, its aliases, priority and time to live."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from zlib import crc32

HIGH, MEDIUM, LOW = 1, 2, 3
#: The longest time to live that a ``timeout:`` tag may ask for: a year [seconds].
LONGEST_TTL = 31_536_000
PRIORITIES = {"high": HIGH, "medium": MEDIUM, "low": LOW}

BY_SYMBOL, WHOLE = "symbol", "whole"


@dataclass(frozen=True)
class Listener:
    """Whoever a tag's first half names, and how its state is partitioned."""

    name: str
    partition: str

    @property
    def channel(self) -> str:
        """The PostgreSQL channel that wakes this listener."""
        return f"tradingops_{self.name}"

    @property
    def lock_key(self) -> int:
        """The first key of the advisory locks on this listener's lanes; the lane is the second."""
        return crc32(self.name.encode()) & 0x7FFFFFFF

    def partition_of(self, symbol: str | None) -> str:
        """Return the key of the state that a strand about this symbol belongs to."""
        return (symbol or "") if self.partition == BY_SYMBOL else ""


@dataclass(frozen=True)
class Tag:
    """An address on a strand: ``listener:purpose``."""

    name: str
    priority: int = MEDIUM
    ttl_seconds: int = 3600
    message_type: str = "intelligence_broadcast"
    aliases: tuple[str, ...] = ()

    @property
    def listener(self) -> str:
        return self.name.partition(":")[0]

    @property
    def channel(self) -> str:
        """The per-tag channel of document 002, for observers outside."""
        return self.name.replace(":", "_")


LISTENERS = {
    listener.name: listener
    for listener in (
        Listener("alpha", BY_SYMBOL),
        Listener("risk", WHOLE),
        Listener("dm", WHOLE),
        Listener("trader", BY_SYMBOL),
        Listener("venue", BY_SYMBOL),
        Listener("lessons", WHOLE),
        Listener("company", WHOLE),
        Listener("lineage", WHOLE),
    )
}

EVALUATE_PLAN = "dm:evaluate_plan"
EXECUTE_PLAN = "trader:execute_plan"
DECISION_FEEDBACK = "alpha:decision_feedback"
DM_EXECUTION_FEEDBACK = "dm:execution_feedback"
ALPHA_EXECUTION_FEEDBACK = "alpha:execution_feedback"
RISK_EXECUTION_FEEDBACK = "risk:execution_feedback"
DM_RISK_UPDATE = "dm:risk_update"
TRADER_RISK_UPDATE = "trader:risk_update"
ALPHA_MARKET_UPDATE = "alpha:market_update"
DM_MARKET_UPDATE = "dm:market_update"
RISK_MARKET_UPDATE = "risk:market_update"
TRADER_MARKET_UPDATE = "trader:market_update"
VENUE_MARKET_UPDATE = "venue:market_update"
SUBMIT_ORDER = "venue:submit_order"
CANCEL_ORDER = "venue:cancel_order"
ORDER_UPDATE = "trader:order_update"
DM_COUNTERFACTUAL = "dm:counterfactual"
TRADER_COUNTERFACTUAL = "trader:counterfactual"
WRITE_LESSON = "lessons:lesson"
INTERVENE = "trader:intervene"
REVIEW_PLAN = "company:review_plan"
REVIEW_VERDICT = "dm:review_verdict"

_PEOPLE_SAY = ("policy_changed", "halt", "lesson")


def addressed(purpose: str) -> tuple[str, ...]:
    """Return the tags of one purpose, a tag a listener: ``addressed("halt")`` begins with ``alpha:halt``."""
    return tuple(f"{name}:{purpose}" for name in LISTENERS)


TAGS = {
    tag.name: tag
    for tag in (
        Tag(EVALUATE_PLAN, HIGH, 300, "trading_plan", aliases=("dm:evaluate",)),
        Tag(EXECUTE_PLAN, HIGH, 300, "trading_plan", aliases=("trader:execute", "tr:execute")),
        Tag(DECISION_FEEDBACK, MEDIUM, 3600, "execution_feedback", aliases=("alpha:feedback",)),
        Tag(DM_EXECUTION_FEEDBACK, MEDIUM, 3600, "execution_feedback", aliases=("dm:execution_report",)),
        Tag(ALPHA_EXECUTION_FEEDBACK, MEDIUM, 3600, "execution_feedback"),
        Tag(RISK_EXECUTION_FEEDBACK, MEDIUM, 3600, "execution_feedback"),
        Tag(DM_RISK_UPDATE, HIGH, 1800, aliases=("dm:risk_alert",)),
        Tag(TRADER_RISK_UPDATE, HIGH, 1800, aliases=("tr:risk_update",)),
        Tag(ALPHA_MARKET_UPDATE, LOW, 1800),
        Tag(DM_MARKET_UPDATE, LOW, 1800),
        Tag(RISK_MARKET_UPDATE, LOW, 1800),
        Tag(TRADER_MARKET_UPDATE, LOW, 1800, aliases=("tr:market_update",)),
        Tag(VENUE_MARKET_UPDATE, LOW, 1800),
        Tag(SUBMIT_ORDER, HIGH, 300, "trading_plan"),
        Tag(CANCEL_ORDER, HIGH, 300, "trading_plan"),
        Tag(ORDER_UPDATE, HIGH, 3600, "execution_feedback"),
        Tag(DM_COUNTERFACTUAL, LOW, 86_400, "execution_feedback"),
        Tag(TRADER_COUNTERFACTUAL, LOW, 86_400, "execution_feedback"),
        Tag(INTERVENE, HIGH, 3600, "trading_plan"),
        Tag(REVIEW_PLAN, HIGH, 3600, "trading_plan"),
        Tag(REVIEW_VERDICT, HIGH, 3600, "execution_feedback"),
        *(Tag(name, HIGH, 3600) for each in zip(*map(addressed, _PEOPLE_SAY), strict=True) for name in each),
    )
}

ALIASES = {alias: tag.name for tag in TAGS.values() for alias in tag.aliases}

#: Families that may hold any word after the colon and are delivered to nobody.
OPEN_FAMILIES = ("priority", "timeout", "original_strand", "learning", "error", "expired")


class UnknownTag(ValueError):
    """The wire knows no such tag."""

    def __init__(self, tag: str) -> None:
        known = ", ".join(sorted([*TAGS, *ALIASES]))
        families = ", ".join(f"{family}:…" for family in OPEN_FAMILIES)
        super().__init__(f"tags: {tag!r} is not a known tag; known are {known}; open families are {families}")


def normalise(tags: Iterable[str]) -> tuple[str, ...]:
    """Return canonical tags in the order given, each once; raises UnknownTag, and ValueError for another bad tag."""
    return tuple(dict.fromkeys(canonical(tag) for tag in tags))


def canonical(tag: str) -> str:
    """Return a tag's canonical name; raises UnknownTag."""
    if tag in TAGS:
        return tag
    if tag in ALIASES:
        return ALIASES[tag]
    family, colon, word = tag.partition(":")
    if not (colon and word and family in OPEN_FAMILIES):
        raise UnknownTag(tag)
    if family == "priority" and word not in PRIORITIES:
        raise ValueError(f"tags: {tag!r} names no priority; it is one of {', '.join(PRIORITIES)}")
    if family == "timeout" and not (word.isascii() and word.isdigit() and 0 < int(word) <= LONGEST_TTL):
        raise ValueError(f"tags: {tag!r} names no time to live; give whole seconds from 1 to {LONGEST_TTL}")
    return tag


@dataclass(frozen=True)
class Address:
    """One listener that a strand's tags name, and how the strand travels to it."""

    listener: str
    tag: str
    priority: int
    ttl_seconds: int


def addresses(tags: Iterable[str]) -> tuple[Address, ...]:
    """Return one address a listener, in the order of the tags; the first tag that names a listener counts.

    ``priority:`` and ``timeout:`` among the tags override the tag's own priority and time to live.
    """
    tags = tuple(tags)
    priority = next((PRIORITIES[t[9:]] for t in tags if t.startswith("priority:")), None)
    ttl = next((int(t[8:]) for t in tags if t.startswith("timeout:")), None)
    first: dict[str, Tag] = {}
    for name in tags:
        tag = TAGS.get(name)
        if tag is not None:
            first.setdefault(tag.listener, tag)
    return tuple(
        Address(listener, tag.name, priority or tag.priority, ttl or tag.ttl_seconds) for listener, tag in first.items()
    )
