"""What takes a second person: one asks, a different one confirms or declines, and only then is anything closed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.contrib.auth import get_user_model
from django.db import IntegrityError, connections, transaction

from portfolio import ledger
from strands import figures
from strands.kinds import countersigns
from strands.strand import Strand, first
from tradingops.countersigns import rule
from tradingops.mandates import mandate
from tradingops.people import acts, flattening, say
from tradingops.people.flattening import Leg
from tradingops.people.persons import same

#: Enough of a hash to tell two previews apart by eye.
SHOWN = 12
_STANDING = """
    SELECT request, op_intervention, asked_at, until FROM countersigns JOIN op_strands ON id = request
     WHERE state = 'asked' AND until > clock_timestamp() ORDER BY asked_at
"""


class Refused(ValueError):
    """A request or an answer that is refused: the message names the field, the value, the rule and the way out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A closing that waits for a second person: who asked for what, why, since when and until when (wall clock)."""

    id: str
    action: str
    scope: str
    legs: dict[str, str]
    notional: Decimal
    hash: str
    person: str
    by: str
    reason: str
    since: datetime
    until: datetime

    @property
    def worth(self) -> str:
        """What it came to as it was asked for, as people read it."""
        return figures.money(self.notional)


def rule_for(legs: Sequence[Leg], *, using: str = "default") -> rule.Rule | None:
    """Return the rule where closing these takes a second person, None where it does not."""
    found = rule.in_force(using=using)
    return found if found.takes_two(flattening.worth(legs)) else None


def digest(legs: Iterable[Leg]) -> str:
    """Return the hash of what a person was shown of these: what is held where, and which entries are taken back.

    Prices move with every bar and stops follow them, so neither is of it.
    """
    told = [
        {
            "symbol": each.symbol,
            "quantity": ledger.text(each.quantity),
            "at_venues": {name: ledger.text(held) for name, held in sorted(each.at_venues.items()) if held},
            "entries": sorted(
                [one.identity, ledger.text(one.quantity)] for one in each.resting if one.may_be_cancelled
            ),
        }
        for each in sorted(legs, key=lambda each: each.symbol)
    ]
    return hashlib.sha256(json.dumps(told, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def ask(legs: Sequence[Leg], *, action: str, scope: str, asked: acts.Asked, using: str = "default") -> str:
    """Ask for a second person to confirm closing these; return the id of the request. Raises Refused, Outside."""
    for leg in legs:
        flattening.must_be_allowed(leg, asked=asked)
    seen = digest(legs)
    for each in standing(using=using):
        if each.hash == seen and each.scope == scope:
            raise Refused(f"{each.by} asked for this already: request {each.id} waits for a second person")
    says = {
        "action": action,
        "scope": scope,
        "legs": {each.symbol: ledger.text(each.quantity) for each in legs},
        "notional": ledger.text(flattening.worth(legs)),
        "hash": seen,
        "person": asked.person,
        "by": asked.by,
        "reason": asked.reason,
    }
    strand = _said(countersigns.ASKED.name, {"op_intervention": says}, asked=asked, cause=(scope, seen))
    say.publish(strand, using=using)
    return strand.id


def standing(*, using: str = "default") -> list[Request]:
    """Return what waits for a second person at this moment, the oldest first."""
    with connections[using].cursor() as cursor:
        cursor.execute(_STANDING)
        rows = cursor.fetchall()
    return [_request(identity, _as_json(says), since, until) for identity, says, since, until in rows]


def find(identity: str, *, using: str = "default") -> Request:
    """Return a request that stands; raises Refused for one that does not, or not any more."""
    for each in standing(using=using):
        if each.id == identity:
            return each
    raise Refused(f"request: {identity!r} does not wait for a second person; it was answered, or is over: ask again")


def confirm(request: Request, *, asked: acts.Asked, seen: str, using: str = "default") -> list[Leg]:
    """Close what was asked for, as its second person, who saw a preview of this hash; return the legs.

    Answer and closings commit together. Raises Refused for the same person and for a book that has changed, and
    mandate.Outside where a mandate of either does not allow it.
    """
    if same(asked.person, asked.by, request.person, request.by):
        raise Refused(f"person: {request.by} asked for this and may not confirm it; another person has to")
    first_person = _first_person(request, mode=asked.mode, using=using)
    legs = preview(request, asked=first_person, using=using)
    held = digest(legs)
    for what, found in (("seen", seen), ("held", held)):
        if found != request.hash:
            raise Refused(
                f"hash: {request.hash[:SHOWN]} was asked for and {found[:SHOWN]} is {what}: what is held has changed; "
                "decline it, and ask again"
            )
    for each in (asked, first_person):
        for leg in legs:
            flattening.must_be_allowed(leg, asked=each)
    with _database_may_refuse(), transaction.atomic(using=using):
        _answer(request, "confirmed", asked=asked, using=using)
        flattening.close(legs, asked=first_person, countersigned=request.id, using=using)
    return legs


def seen_by(request: Request, *, using: str = "default") -> list[Leg]:
    """Return what confirming a request would close by now; raises Refused where who asked may not any more."""
    return preview(request, asked=_first_person(request, mode=None, using=using), using=using)


def preview(request: Request, *, asked: acts.Asked, using: str = "default") -> list[Leg]:
    """Return what there is by now of what was asked for, as far as who asked may act."""
    allowed = mandate.symbols(asked.within)
    return [each for each in flattening.legs(request.scope, using=using) if allowed is None or each.symbol in allowed]


def decline(request: Request, *, asked: acts.Asked, using: str = "default") -> None:
    """Let a request be over, whoever asked for it; nothing is closed."""
    with _database_may_refuse(), transaction.atomic(using=using):
        _answer(request, "declined", asked=asked, using=using)


@contextmanager
def _database_may_refuse() -> Iterator[None]:
    """Tell what the database's rule refused as what it is: somebody answered meanwhile, or it is over."""
    try:
        yield
    except IntegrityError as fault:
        raise Refused(str(fault).partition("\n")[0]) from None


def _answer(request: Request, verdict: str, *, asked: acts.Asked, using: str) -> None:
    says = {
        "request": request.id,
        "verdict": verdict,
        "hash": request.hash,
        "person": asked.person,
        "by": asked.by,
        "reason": asked.reason,
    }
    word = _said(countersigns.ANSWERED.name, {"op_verdict": says}, asked=asked, cause=(request.id, verdict))
    say.publish(replace(word, parent_id=request.id), using=using)


def _first_person(request: Request, *, mode: str | None, using: str) -> acts.Asked:
    """Return who asked, within their present mandates; raises Refused where they may not do it any more."""
    sort, _, key = request.person.partition(":")
    if sort == "account":
        return replace(say.asked(by=request.by, reason=request.reason, using=using), mode=mode)
    person = get_user_model().objects.using(using).filter(pk=key, is_active=True).first()
    if person is None or not person.has_perm("strands.intervene"):
        raise Refused(f"person: {request.by}, who asked, may not do it any more; ask again")
    return replace(say.asked_by(person, reason=request.reason, using=using), by=request.by)


def _said(kind: str, payload: dict[str, Any], *, asked: acts.Asked, cause: tuple[str, ...]) -> Strand:
    return first(module=acts.MODULE, kind=kind, at=asked.at, payload=payload, cause=(kind, *cause, *asked.cause))


def _as_json(value: Any) -> dict[str, Any]:
    return dict(json.loads(value) if isinstance(value, str) else value)


def _request(identity: str, says: dict[str, Any], since: datetime, until: datetime) -> Request:
    return Request(
        id=identity,
        action=says["action"],
        scope=says["scope"],
        legs=says["legs"],
        notional=Decimal(says["notional"]),
        hash=says["hash"],
        person=says["person"],
        by=says["by"],
        reason=says["reason"],
        since=since,
        until=until,
    )
