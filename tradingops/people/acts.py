"""What a person does, as strands: to halt, to change a policy, to decide about a lesson, to note what was done.

No strand is made of a deed outside the mandates of who asks: making one raises mandate.Outside.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

from strands import tags
from strands.given import HaltState
from strands.kinds import people
from strands.rulings.ruling import HALT, POLICY_CHANGED
from strands.strand import Strand, first
from tradingops.mandates import mandate
from tradingops.mandates.mandate import EVERY, UNBOUNDED, Deed, Mandate, Outside

MODULE = people.ROLE.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Who asks for something, why, and when: ``at`` is the desk's present, ``asked_at`` the person's own.

    ``within`` are the mandates that bound who asks, ``mode`` is what the desk trades in, ``person`` is who asks
    whatever they are called (``user:KEY`` or ``account:NAME``).
    """

    by: str
    reason: str
    at: datetime
    asked_at: datetime
    within: tuple[Mandate, ...] = UNBOUNDED
    mode: str | None = None
    person: str = ""

    @property
    def cause(self) -> tuple[str, ...]:
        """What tells this act apart from the same one asked for again."""
        return self.by, self.asked_at.isoformat()

    def must_be_allowed(self, deed: Deed) -> None:
        """Raise Outside, with the bound and the way out, where a mandate does not allow a deed."""
        if refusal := mandate.refusal(self.within, replace(deed, mode=self.mode)):
            raise Outside(refusal)


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """Between which moments of market time a ruling counts; None leaves an end open."""

    begins: datetime | None = None
    ends: datetime | None = None

    def to_json(self) -> dict[str, str]:
        edges = {"from": self.begins, "until": self.ends}
        return {name: at.isoformat() for name, at in edges.items() if at is not None}


ALWAYS = Term()


#: Who has references of losses, and hears that they are measured from here.
MEASURING = ("risk:halt", "dm:halt")


def halt(
    scope: str, state: HaltState, *, asked: Asked, term: Term = ALWAYS, measure: Mapping[str, Any] | None = None
) -> Strand:
    """Return a ruling that halts a scope, lets it only reduce, or lets it trade again.

    ``measure`` tells the references of losses before and after, where they are to be measured from here on.
    """
    asked.must_be_allowed(mandate.of_scope(scope))
    says = {"scope": scope, "state": state.value, "by": asked.by, "reason": asked.reason, **term.to_json()}
    return first(
        module=MODULE,
        kind=HALT,
        at=asked.at,
        tags=MEASURING if measure else (),
        payload={"op_halt": {**says, "measure": dict(measure)} if measure else says},
        cause=(scope, state, *asked.cause),
    )


def policy(
    module: str, values: Mapping[str, Any], *, asked: Asked, symbol: str | None = None, term: Term = ALWAYS
) -> Strand:
    """Return a ruling that changes fields of a module's policy, of one symbol where it names one."""
    asked.must_be_allowed(Deed(symbol=symbol or EVERY, venue=EVERY))
    return first(
        module=MODULE,
        kind=POLICY_CHANGED,
        at=asked.at,
        symbol=symbol,
        tags=[f"{module}:{POLICY_CHANGED}"],
        payload={"op_policy": {**values, **term.to_json()}, "op_note": {"by": asked.by, "reason": asked.reason}},
        cause=(module, repr(sorted(values.items())), *asked.cause),
    )


def intervention(symbol: str, action: str, *, asked: Asked, command: str = "", **wanted: Any) -> Strand:
    """Return what a person wants done about what is held or ordered in a symbol.

    The same action of one command is one strand, however often it is asked for.
    """
    asked.must_be_allowed(Deed(symbol=symbol))
    says = {"action": action, **wanted, "by": asked.by, "reason": asked.reason}
    told = {**says, "command": command} if command else says
    cause = (symbol, action, command) if command else (symbol, repr(sorted(says.items())), *asked.cause)
    return first(
        module=MODULE,
        kind=people.INTERVENTION.name,
        at=asked.at,
        symbol=symbol,
        tags=[tags.INTERVENE],
        payload={"op_intervention": told},
        cause=cause,
    )


def verdict(
    plan_id: str,
    word: str,
    *,
    shown: str,
    asked: Asked,
    symbol: str | None,
    lifecycle_id: str | None,
    notional: Decimal | None = None,
    **more: Any,
) -> Strand:
    """Return a person's word on a plan that waits, bound to the hash of what they saw of it.

    ``notional`` is what the plan would buy [currency]; ``more`` are the changes, whose approvals lapsed, the bulk.
    """
    asked.must_be_allowed(Deed(symbol=symbol or EVERY, notional=notional))
    told = {name: value for name, value in more.items() if value}
    says = {"verdict": word, "plan_id": plan_id, "plan_hash": shown, "by": asked.by, "reason": asked.reason, **told}
    said = first(
        module=MODULE,
        kind=people.VERDICT.name,
        at=asked.at,
        symbol=symbol,
        tags=[tags.REVIEW_VERDICT],
        payload={"op_verdict": says},
        cause=(plan_id, word, shown, *asked.cause),
    )
    return replace(said, lifecycle_id=lifecycle_id or said.lifecycle_id)


def reviewers(
    plan_id: str,
    people_by_name: Mapping[str, str],
    *,
    symbol: str | None,
    at: datetime,
    asked_at: datetime,
    reason: str,
) -> Strand:
    """Return the desk's word on who may decide on a plan that waits: whom each name stands for."""
    names = sorted(people_by_name)
    able = [people_by_name[each] for each in names]
    return first(
        module=MODULE,
        kind=people.REVIEWERS.name,
        at=at,
        symbol=symbol,
        tags=[tags.REVIEW_VERDICT],
        payload={"op_verdict": {"plan_id": plan_id, "people": able, "names": names, "reason": reason}},
        cause=(plan_id, repr(able), asked_at.isoformat()),
    )


class LearnedLesson(Protocol):
    """What a verdict has to know of the lesson it is about."""

    lesson_id: str
    module: str
    symbol: str | None
    timeframe: str | None
    regime: str | None


def lesson_verdict(lesson: LearnedLesson, *, stage: str, asked: Asked) -> Strand:
    """Return a person's verdict on a lesson, addressed to the module that learned it."""
    asked.must_be_allowed(Deed(symbol=lesson.symbol or EVERY))
    verdict = {"lesson_id": lesson.lesson_id, "standing": stage, "by": asked.by, "note": asked.reason}
    word = first(
        module=MODULE,
        kind=people.LESSON_VERDICT.name,
        at=asked.at,
        symbol=lesson.symbol,
        timeframe=lesson.timeframe,
        regime=lesson.regime,
        tags=[f"{lesson.module}:lesson"],
        payload={"op_verdict": verdict},
        cause=(lesson.lesson_id, stage, *asked.cause),
    )
    return replace(word, parent_id=lesson.lesson_id)


def note(action: str, *, asked: Asked, about: Mapping[str, Any]) -> Strand:
    """Return a note of what a person did, to nobody."""
    says = {"action": action, "user": asked.by, "reason": asked.reason, **about}
    cause = (action, repr(sorted(about.items())), *asked.cause)
    return first(module=MODULE, kind=people.NOTE.name, at=asked.at, payload={"op_note": says}, cause=cause)
