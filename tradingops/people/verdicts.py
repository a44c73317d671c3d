"""People's word on plans that wait: who may give it, and how it gets onto the wire, bound to what they saw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from portfolio.reviews.models import Review
from strands.models import MarketStrand
from tradingops.mandates import mandates
from tradingops.mandates.mandate import Deed
from tradingops.modules.decision.reviews import verdict
from tradingops.people import acts, persons, reviewers, roles, say

#: The most that one click may decide on.
MOST_AT_ONCE = 500


class RefusedVerdict(ValueError):
    """A verdict that is not even said: the message names the field, the value, the rule and the way out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A verdict on the wire: its strand, and the item. What became of it the decision maker tells."""

    strand: str
    item: str


def waiting(*, using: str = "default") -> QuerySet[Review]:
    """Return the plans that wait, the nearest deadline first."""
    return Review.objects.using(using).filter(outcome__isnull=True).order_by("deadline", "id")


def decide(
    item: Review,
    word: str,
    *,
    person: Any,
    shown: str,
    reason: str,
    changes: Mapping[str, Any] | None = None,
    bulk: str = "",
    able: Sequence[User] | None = None,
) -> Said:
    """Say a signed-in person's word on a plan that waits; the decision maker decides whether it counts.

    ``able`` are the people with the right where somebody has asked for them already. Raises PermissionDenied without
    the right, Outside beyond a mandate, RefusedVerdict for what is no verdict, and what the database refuses.
    """
    if not reviewers.may_decide(person):
        raise PermissionDenied(f"{roles.DECIDE}: {person.get_username()} may not decide on plans; ask an administrator")
    if item.symbol and (
        refused := mandates.allows(person, Deed(symbol=item.symbol, notional=reviewers.notional(item)))
    ):
        raise RefusedVerdict(refused)
    asked = say.asked_by(person, reason=reason)
    return _say(item, word, asked=asked, shown=shown, changes=changes, bulk=bulk, able=able)


def decide_at_the_command_line(
    item: Review, word: str, *, asked: acts.Asked, shown: str, changes: Mapping[str, Any] | None = None
) -> Said:
    """Say the word of whoever is at the command line, counted by the name of their account."""
    return _say(item, word, asked=asked, shown=shown, changes=changes, bulk="", able=None)


def _say(
    item: Review,
    word: str,
    *,
    asked: acts.Asked,
    shown: str,
    changes: Mapping[str, Any] | None,
    bulk: str,
    able: Sequence[User] | None,
) -> Said:
    try:
        changed = verdict.read_changes(changes or {})
    except verdict.Misspoken as fault:
        raise RefusedVerdict(str(fault)) from None
    if (word == verdict.Word.MODIFY) is not bool(changed):
        raise RefusedVerdict(f"changes: {changed!r} does not go with {word}; only modify has changes, and it has some")
    if not shown:
        raise RefusedVerdict("plan_hash: '' is none; tell the hash of what you saw, so that nothing else is approved")
    strand = acts.verdict(
        item.plan_id,
        word,
        shown=shown,
        asked=asked,
        symbol=item.symbol,
        lifecycle_id=item.lifecycle_id,
        notional=reviewers.notional(item, changed),
        person=asked.person,
        changes=changed,
        lapsed=reviewers.lapsed(item, able),
        mark=_mark(item.symbol),
        bulk=bulk,
    )
    try:
        with transaction.atomic():
            if asked.person.startswith(f"{persons.USER}:"):
                # Told first where it has changed: of the console's people the decision maker counts nobody else.
                reviewers.tell([item], able)
            say.publish(strand)
    except IntegrityError as fault:
        raise RefusedVerdict(_words(fault)) from None
    return Said(strand=strand.id, item=item.id)


def _words(fault: IntegrityError) -> str:
    """Return what the database refused, and the way out."""
    told = getattr(fault.__cause__, "diag", None)
    said = [told.message_primary, told.message_hint] if told else [str(fault)]
    return "; ".join(filter(None, said))


def _mark(symbol: str) -> str | None:
    """Return the close of a symbol's newest bar on the wire, None before its first."""
    newest = MarketStrand.objects.filter(kind="bar", symbol=symbol).order_by("-id").first()
    return str(newest.md_bar["close"]) if newest else None
