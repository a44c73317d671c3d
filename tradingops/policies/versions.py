"""Versions as people make, send on and publish them; what the database refuses is told as it says it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pydantic
from django.db import DatabaseError, connections, transaction
from django.db.models import BooleanField, F, Func

from strands.given import Overrides
from strands.kinds import policies as kinds
from strands.rulings.ruling import OF_PEOPLE
from strands.strand import Strand, first
from strands.tags import BY_SYMBOL, LISTENERS
from tradingops.mandates.mandate import EVERY, Deed
from tradingops.people import acts, say
from tradingops.policies import content as contents
from tradingops.policies import rules, tightening
from tradingops.policies.models import Approval, State, Version

#: The SQLSTATEs that say no for a reason that a person can act on.
REFUSALS = (rules.SECOND_PERSON, rules.STALE, "23514")


#: Whether a row's policy is published only when a second person has approved it.
NEEDS_SECOND = Func(F("policy"), function="tradingops_policy_needs_second", output_field=BooleanField())


class RefusedVersion(ValueError):
    """What cannot be done about a version: the message names the rule and the way out, ``code`` the rule alone."""

    def __init__(self, reason: str, *, code: str = "23514") -> None:
        super().__init__(reason)
        self.code = code


def in_force(policy: str, symbol: str = "", *, at: datetime) -> Version | None:
    """Return the version of a policy that is in force at a moment of market time, None for the defaults."""
    counts = Version.objects.filter(policy=policy, symbol=symbol, said__isnull=False, withdrawn__isnull=True)
    return next((each for each in counts.order_by("-said").iterator(chunk_size=50) if _counts(each, at)), None)


def _counts(version: Version, at: datetime) -> bool:
    return (version.begins is None or version.begins <= at) and (version.ends is None or at < version.ends)


def numbered(policy: str, symbol: str, number: int) -> Version:
    """Return a version by its number; 0 is one that is not kept. Raises RefusedVersion where there is none."""
    if number == 0:
        return Version(policy=policy, symbol=symbol, number=0, state=State.PUBLISHED)
    try:
        return Version.objects.annotate(needs_second=NEEDS_SECOND).get(policy=policy, symbol=symbol, number=number)
    except Version.DoesNotExist:
        named = Version(policy=policy, symbol=symbol).name
        raise RefusedVersion(f"number: {number}: {named} has no such version; list them with policy list") from None


def draft(
    policy: str,
    content: Overrides,
    *,
    own: pydantic.BaseModel,
    at: datetime,
    reason: str,
    symbol: str = "",
) -> Version:
    """Return a new draft on what is in force at a moment; raises RefusedContent and RefusedVersion."""
    refuse_symbol(policy, symbol)
    kept = contents.of_symbol if symbol else contents.trimmed
    base = in_force(policy, symbol, at=at)
    with told():
        made = Version.objects.create(
            policy=policy,
            symbol=symbol,
            content=kept(own, content, policy=policy),
            hash=contents.digest(own, content, policy=policy),
            base=base.number if base else 0,
            reason=reason,
        )
        made.refresh_from_db()
    return made


def rewrite(version: Version, content: Overrides, *, own: pydantic.BaseModel, reason: str) -> None:
    """Give a draft another content; whoever does is one of its authors from then on."""
    kept = contents.of_symbol if version.symbol else contents.trimmed
    version.content = kept(own, content, policy=version.policy)
    version.hash = contents.digest(own, content, policy=version.policy)
    version.reason = reason
    with told():
        version.save(update_fields=["content", "hash", "reason"])


def submit(version: Version) -> None:
    """Send a draft to whoever approves."""
    _move(version, State.REVIEW)


def decline(version: Version, *, answer: str) -> None:
    """End a version that nobody should publish, with the reason."""
    _move(version, State.DECLINED, answer=answer)


def approve(version: Version, *, person: Any, seen: str, note: str = "") -> None:
    """Approve the content that has the hash which a person saw; raises RefusedVersion."""
    with told():
        Approval.objects.get_or_create(
            version=version, person=person.pk, defaults={"name": person.get_username(), "hash": seen, "note": note}
        )


def must_be_allowed(version: Version, *, asked: acts.Asked) -> None:
    """Raise Outside where the mandates of who asks leave a policy's reach to somebody else."""
    asked.must_be_allowed(Deed(symbol=version.symbol or EVERY, venue=EVERY))


def publish(version: Version, *, asked: acts.Asked, term: acts.Term = acts.ALWAYS) -> Strand:
    """Put a version in force by the strand that says so; raises RefusedVersion, and Outside a mandate."""
    must_be_allowed(version, asked=asked)
    return _say(kinds.PUBLISHED.name, version, _publication(version, term), asked=asked)


def publish_urgently(version: Version, *, own: pydantic.BaseModel, asked: acts.Asked) -> Strand:
    """Put a version that only tightens in force, by one person alone; raises RefusedVersion, and Outside a mandate.

    It stays marked until somebody who wrote none of it has approved it.
    """
    must_be_allowed(version, asked=asked)
    counts = in_force(version.policy, version.symbol, at=asked.at)
    loose = tightening.loosens(
        own, policy=version.policy, in_force=counts.content if counts else {}, draft=version.content
    )
    if loose:
        raise RefusedVersion(f"urgent: {'; '.join(loose)}; submit it, and let somebody else approve it")
    return _say(kinds.PUBLISHED.name, version, {**_publication(version, acts.ALWAYS), "urgent": True}, asked=asked)


def _publication(version: Version, term: acts.Term) -> dict[str, Any]:
    return {
        "policy": version.policy,
        "number": version.number,
        "content": version.content,
        "hash": version.hash,
        **term.to_json(),
    }


def again(old: Version, *, own: pydantic.BaseModel, asked: acts.Asked) -> Version:
    """Publish an old version's content as a new one; where a second person is asked for, leave it in review."""
    with transaction.atomic():
        made = draft(old.policy, old.content, own=own, at=asked.at, reason=asked.reason, symbol=old.symbol)
        if needs_second_person(old.policy):
            submit(made)
        else:
            publish(made, asked=asked)
    return made


def withdraw(version: Version, *, asked: acts.Asked) -> Strand:
    """Undo a publication that is yet to count; raises RefusedVersion."""
    must_be_allowed(version, asked=asked)
    says = {"policy": version.policy, "number": version.number, "publication": version.publication}
    return _say(kinds.WITHDRAWN.name, version, says, asked=asked)


def needs_second_person(policy: str) -> bool:
    """Return whether a policy is published only when a second person has approved it."""
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT tradingops_policy_needs_second(%s)", [policy])
        return bool(cursor.fetchone()[0])


def waits(version: Version) -> str:
    """Return what is told of a version that nobody may publish alone."""
    return f"{version}: needs a second person; it waits in review, for somebody else to approve it in the console"


def _say(kind: str, version: Version, says: dict[str, Any], *, asked: acts.Asked) -> Strand:
    strand = first(
        module=acts.MODULE,
        kind=kind,
        at=asked.at,
        symbol=version.symbol or None,
        tags=[f"{version.policy}:policy_changed"] if version.policy in LISTENERS else [],
        payload={"op_policy": says, "op_note": {"by": asked.by, "reason": asked.reason}},
        cause=(kind, version.policy, version.symbol, version.number),
    )
    with told():
        say.publish(strand)
    version.refresh_from_db()
    return strand


def refuse_symbol(policy: str, symbol: str) -> None:
    """Raise RefusedVersion where a policy has no versions for one symbol."""
    if not symbol:
        return
    if policy == OF_PEOPLE or LISTENERS[policy].partition != BY_SYMBOL:
        raise RefusedVersion(f"symbol: {symbol!r}: {policy} has one policy for all symbols; leave the symbol out")


def _move(version: Version, state: State, *, answer: str = "") -> None:
    before, version.state, version.answer = version.state, state, answer or version.answer
    try:
        with told():
            version.save(update_fields=["state", "answer"])
    except RefusedVersion:
        version.state = before
        raise


@contextmanager
def told() -> Iterator[None]:
    """Let what the database refuses be a RefusedVersion with its words, and undo the block."""
    try:
        with transaction.atomic():
            yield
    except DatabaseError as fault:
        diagnosis = getattr(fault.__cause__, "diag", None)
        if diagnosis is None or diagnosis.sqlstate not in REFUSALS:
            raise
        hint = f". {diagnosis.message_hint}" if diagnosis.message_hint else ""
        raise RefusedVersion(f"{diagnosis.message_primary}{hint}", code=diagnosis.sqlstate) from fault
