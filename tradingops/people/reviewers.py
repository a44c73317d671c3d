"""Who may decide on a plan that waits: reckoned from rights and mandates as they are now, and told to the desk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import Exists, OuterRef, Q

from portfolio.reviews.models import Review
from strands import tags
from strands.kinds import people, reviews
from strands.models import PeopleStrand
from strands.strand import Strand, session_bucket
from tradingops.mandates import mandates
from tradingops.mandates.mandate import Deed
from tradingops.modules.decision.reviews import verdict
from tradingops.people import acts, persons, roles, say

#: The most deadlines that are told at once.
MOST_AT_ONCE = 500


def may_decide(person: Any) -> bool:
    """Return whether somebody has the right, now: asked of the database, not of what a session remembers."""
    fresh = User.objects.filter(pk=person.pk, is_active=True).first()
    return fresh is not None and fresh.has_perm(roles.DECIDE)


def eligible(item: Review) -> dict[str, str]:
    """Return the people who may decide on a plan, by name: active, with the right, within their mandates, no author."""
    return _eligible(item, with_the_right())


def _eligible(item: Review, whom: Iterable[User]) -> dict[str, str]:
    deed, authors = Deed(symbol=item.symbol, notional=notional(item)), set(item.authors or ())
    return {
        each.get_username(): persons.of_user(each)
        for each in whom
        if persons.of_user(each) not in authors and not mandates.allows(each, deed)
    }


def lapsed(item: Review, whom: Iterable[User] | None = None) -> dict[str, str]:
    """Return, by person, why an approval that counts so far counts no more."""
    have = {each for each in item.have or () if each.startswith(f"{persons.USER}:")}
    if not have:
        return {}
    able = {persons.of_user(each): each for each in (with_the_right() if whom is None else whom)}
    deed = Deed(symbol=item.symbol, notional=notional(item))
    found = {}
    for person in sorted(have):
        if person not in able:
            found[person] = "is no longer active, or has the right no more"
        elif refused := mandates.allows(able[person], deed):
            found[person] = refused
    return found


def with_the_right(right: str = roles.DECIDE) -> list[User]:
    """Return the active people who have a right, to decide on plans unless told otherwise."""
    app, _, codename = right.partition(".")
    by_group = Q(groups__permissions__codename=codename, groups__permissions__content_type__app_label=app)
    by_hand = Q(user_permissions__codename=codename, user_permissions__content_type__app_label=app)
    return list(User.objects.filter(Q(is_superuser=True) | by_group | by_hand, is_active=True).distinct())


def tell(items: Iterable[Review], whom: Iterable[User] | None = None) -> int:
    """Say who may decide on each of these plans, where nobody has told or it has changed; return how many were said.

    Where they are too few the decision maker lets silence act at once.
    """
    able_at_all = with_the_right() if whom is None else list(whom)
    present, told = say.present(), 0
    for item in items:
        able = _eligible(item, able_at_all)
        if item.may_decide == sorted(able):
            continue
        reason = "as the plan came up" if item.may_decide is None else "rights have changed"
        say.publish(
            acts.reviewers(
                item.plan_id, able, symbol=item.symbol, at=present, asked_at=datetime.now(UTC), reason=reason
            )
        )
        told += 1
    return told


class Telling:
    """Says who may decide on every plan that waits: of all of them where rights have changed, else of the new ones."""

    def __init__(self) -> None:
        self._known: object = None

    def __call__(self) -> int:
        """Return how many were said."""
        waits = Review.objects.filter(outcome__isnull=True).order_by("deadline", "id")
        people = with_the_right()
        rights = [(each.pk, each.get_username(), mandates.of(each)) for each in people]
        told = tell(waits if rights != self._known else waits.filter(may_decide__isnull=True), people)
        self._known = rights
        return told


def tell_deadlines() -> int:
    """Say which deadlines have come; return how many were said.

    The database does so by itself with every bar; this is for plans that came up after their last bar, and for desks
    that trade in earnest, where the wall's clock counts though no bar may come.
    """
    moment = datetime.now(UTC) if settings.MODE == "live" else say.present()
    waits = Review.objects.filter(outcome__isnull=True, due_id__isnull=False, deadline__lte=moment)
    told = PeopleStrand.objects.filter(pk=OuterRef("due_id"))
    come = list(waits.exclude(Exists(told)).order_by("deadline", "id")[:MOST_AT_ONCE])
    for item in come:
        say.publish(_due(item))
    return len(come)


def _due(item: Review) -> Strand:
    """Return what tells that a plan's deadline has come, as the question named it."""
    return Strand(
        id=item.due_id or "",
        module=people.ROLE.name,
        kind=people.REVIEW_DUE.name,
        at=item.deadline,
        symbol=item.symbol,
        lifecycle_id=item.lifecycle_id,
        session_bucket=session_bucket(item.deadline),
        tags=(tags.REVIEW_VERDICT,),
        payload={"op_verdict": {"plan_id": item.plan_id, "reason": reviews.HAS_COME}},
    )


def notional(item: Review, changes: Mapping[str, Any] | None = None) -> Decimal | None:
    """Return what a plan would buy, with changes of its size counted in [currency]; None where it is not known."""
    if item.quantity is None or item.entry_price is None:
        return None
    size = (changes or {}).get(verdict.SIZE)
    grown = Decimal(str(size)) / Decimal(str(item.size)) if size and item.size else Decimal(1)
    return item.quantity * item.entry_price * max(grown, Decimal(1))
