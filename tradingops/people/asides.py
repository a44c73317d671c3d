"""What people say beside a plan that waits, and whom they give it to: notes of its story, which decide nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.core.exceptions import PermissionDenied

from portfolio.reviews.models import Review
from tradingops.mandates import mandates
from tradingops.people import acts, reviewers, roles, say
from tradingops.people.verdicts import RefusedVerdict

COMMENT, ASSIGN = "review_comment", "review_assign"
ACTIONS = (COMMENT, ASSIGN)


def comment(item: Review, *, person: Any, words: str) -> str:
    """Say something beside a plan; return the strand's id. Raises PermissionDenied without the right to decide."""
    return _note(item, COMMENT, person=person, words=words)


def assign(item: Review, *, person: Any, to: str, words: str) -> str:
    """Give a plan that waits to somebody who may decide on it; raises RefusedVerdict for anybody else."""
    able = reviewers.eligible(item)
    if item.outcome is not None:
        raise RefusedVerdict(f"item: it has ended ({item.outcome}); there is nothing left to give to anybody")
    if to not in able:
        raise RefusedVerdict(f"to: {to!r} may not decide on it; who may is {', '.join(sorted(able)) or 'nobody'}")
    return _note(item, ASSIGN, person=person, words=words, to=to, person_given=able[to])


def _note(item: Review, action: str, *, person: Any, words: str, **more: str) -> str:
    if not reviewers.may_decide(person):
        raise PermissionDenied(f"{roles.DECIDE}: {person.get_username()} may not decide on plans; ask an administrator")
    mandates.refuse_outside(person, item.symbol)
    about = {"item": item.id, "plan_id": item.plan_id, **more}
    said = acts.note(action, asked=say.asked_by(person, reason=words), about=about)
    strand = replace(said, lifecycle_id=item.lifecycle_id or said.lifecycle_id)
    say.publish(strand)
    return strand.id
