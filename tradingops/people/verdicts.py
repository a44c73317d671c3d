"""People's word on plans that wait: who may give it, and how it gets onto the wire, bound to what they saw."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q, QuerySet

from portfolio.reviews.models import Review
from strands.models import MarketStrand, PeopleStrand
from tradingops.mandates import mandates
from tradingops.mandates.mandate import Deed
from tradingops.modules.decision.reviews import verdict
from tradingops.people import acts, persons, roles, say

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
) -> Said:
    """Say a signed-in person's word on a plan that waits; the decision maker decides whether it counts.

    Raises PermissionDenied without the right, Outside beyond a mandate, RefusedVerdict for what is no verdict.
    """
    if not may_decide(person):
        raise PermissionDenied(f"{roles.DECIDE}: {person.get_username()} may not decide on plans; ask an administrator")
    if item.symbol and (refused := mandates.allows(person, Deed(symbol=item.symbol, notional=notional(item)))):
        raise RefusedVerdict(refused)
    asked = say.asked_by(person, reason=reason)
    return _say(item, word, asked=asked, shown=shown, changes=changes, bulk=bulk)


def decide_at_the_command_line(
    item: Review, word: str, *, asked: acts.Asked, shown: str, changes: Mapping[str, Any] | None = None
) -> Said:
    """Say the word of whoever is at the command line, counted by the name of their account."""
    return _say(item, word, asked=asked, shown=shown, changes=changes, bulk="")


def _say(
    item: Review,
    word: str,
    *,
    asked: acts.Asked,
    shown: str,
    changes: Mapping[str, Any] | None,
    bulk: str,
) -> Said:
    try:
        changed = verdict.read_changes(changes or {})
    except verdict.Misspoken as fault:
        raise RefusedVerdict(str(fault)) from None
    if (word == verdict.Word.MODIFY) is not bool(changed):
        raise RefusedVerdict(f"changes: {changed!r} does not go with {word}; only modify has changes, and it has some")
    if not shown:
        raise RefusedVerdict("plan_hash: '' is none; tell the hash of what you saw, so that nothing else is approved")
    with transaction.atomic():
        strand = acts.verdict(
            item.plan_id,
            word,
            shown=shown,
            asked=asked,
            symbol=item.symbol,
            lifecycle_id=item.lifecycle_id,
            notional=notional(item, changed),
            person=asked.person,
            changes=changed,
            lapsed=lapsed(item),
            mark=_mark(item.symbol),
            bulk=bulk,
        )
        say.publish(strand)
    return Said(strand=strand.id, item=item.id)


def _mark(symbol: str) -> str | None:
    """Return the close of a symbol's newest bar on the wire, None before its first."""
    newest = MarketStrand.objects.filter(kind="bar", symbol=symbol).order_by("-id").first()
    return str(newest.md_bar["close"]) if newest else None


def notional(item: Review, changes: Mapping[str, Any] | None = None) -> Decimal | None:
    """Return what a plan would buy, with changes of its size counted in [currency]; None where it is not known."""
    if item.quantity is None or item.entry_price is None:
        return None
    size = (changes or {}).get(verdict.SIZE)
    grown = Decimal(str(size)) / Decimal(str(item.size)) if size and item.size else Decimal(1)
    return item.quantity * item.entry_price * max(grown, Decimal(1))


# --- who may


def may_decide(person: Any) -> bool:
    """Return whether somebody has the right, now: asked of the database, not of what a session remembers."""
    fresh = User.objects.filter(pk=person.pk, is_active=True).first()
    return fresh is not None and fresh.has_perm(roles.DECIDE)


def eligible(item: Review) -> dict[str, str]:
    """Return the people who may decide on a plan, by name: active, with the right, within their mandates, no author."""
    return _eligible(item, _with_the_right())


def _eligible(item: Review, people: Iterable[User]) -> dict[str, str]:
    deed, authors = Deed(symbol=item.symbol, notional=notional(item)), set(item.authors or ())
    return {
        each.get_username(): persons.of_user(each)
        for each in people
        if persons.of_user(each) not in authors and not mandates.allows(each, deed)
    }


def lapsed(item: Review) -> dict[str, str]:
    """Return, by person, why an approval that counts so far counts no more."""
    have = {each for each in item.have or () if each.startswith(f"{persons.USER}:")}
    if not have:
        return {}
    able = {persons.of_user(each): each for each in _with_the_right()}
    deed = Deed(symbol=item.symbol, notional=notional(item))
    found = {}
    for person in sorted(have):
        if person not in able:
            found[person] = "is no longer active, or has the right no more"
        elif refused := mandates.allows(able[person], deed):
            found[person] = refused
    return found


def _with_the_right() -> list[User]:
    app, _, codename = roles.DECIDE.partition(".")
    by_group = Q(groups__permissions__codename=codename, groups__permissions__content_type__app_label=app)
    by_hand = Q(user_permissions__codename=codename, user_permissions__content_type__app_label=app)
    return list(User.objects.filter(Q(is_superuser=True) | by_group | by_hand, is_active=True).distinct())


def tell_who_may_decide() -> int:
    """Say who may decide on each plan that waits, where nobody has told or it has changed; return how many were said.

    Where they are too few the decision maker lets silence act at once.
    """
    told, people, present = 0, _with_the_right(), say.present()
    for item in waiting():
        able, reason = _eligible(item, people), ""
        moment = datetime.now(UTC)
        if item.may_decide != sorted(able):
            reason = "as the plan came up" if item.may_decide is None else "rights have changed"
        elif item.deadline <= present:
            # The decision maker hears few bars: this tells it the time, once for each deadline.
            reason, moment = "the deadline has come", item.deadline
        if reason:
            told += _tell(item, able, at=present, asked_at=moment, reason=reason)
    return told


def _tell(item: Review, able: Mapping[str, str], *, at: datetime, asked_at: datetime, reason: str) -> bool:
    if asked_at == item.deadline and PeopleStrand.objects.filter(kind="reviewers", at__gte=asked_at).filter(
        op_verdict__plan_id=item.plan_id, op_verdict__reason=reason
    ):
        return False
    say.publish(acts.reviewers(item.plan_id, able, symbol=item.symbol, at=at, asked_at=asked_at, reason=reason))
    return True
