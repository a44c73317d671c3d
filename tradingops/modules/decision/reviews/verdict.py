"""A verdict as the decision maker hears it: who says what of which plan, and of what they saw of it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, NamedTuple

from portfolio import ledger
from strands.strand import Strand


class Word(StrEnum):
    """What a person says of a plan."""

    APPROVE = "approve"
    MODIFY = "modify"
    REJECT = "reject"


#: What a person may change, each as it is spelt in a plan.
PRICES, SIZE = ("entry_price", "stop_loss", "take_profit"), "position_size"
CHANGEABLE = (SIZE, *PRICES)


class Misspoken(ValueError):
    """This is no verdict; the message names the field, the value and the rule."""


class Verdict(NamedTuple):
    """One person's word.

    ``by`` is their name, ``person`` what they are counted by: it stays where a name is changed. ``lapsed`` tells, by
    person, why an earlier approval of theirs counts no more. ``mark`` is the market's price as they gave it.
    """

    plan_id: str
    shown: str
    word: Word
    by: str
    person: str
    reason: str
    changes: Mapping[str, Any]
    lapsed: Mapping[str, str]
    mark: Decimal | None


def read(strand: Strand) -> Verdict:
    """Return a strand's verdict; raises Misspoken."""
    said = strand.payload.get("op_verdict")
    if not isinstance(said, dict):
        raise Misspoken(f"op_verdict: {said!r} is no object; send {{verdict, plan_id, plan_hash, by}}")
    texts = {name: _text(said, name) for name in ("plan_id", "plan_hash", "by", "verdict")}
    if texts["verdict"] not in list(Word):
        raise Misspoken(f"op_verdict.verdict: {texts['verdict']!r} is none; it is one of {', '.join(Word)}")
    word = Word(texts["verdict"])
    changes = read_changes(said.get("changes") or {})
    if (word is Word.MODIFY) is not bool(changes):
        raise Misspoken(f"op_verdict.changes: {changes!r} does not go with {word}; only modify has changes")
    return Verdict(
        plan_id=texts["plan_id"],
        shown=texts["plan_hash"],
        word=word,
        by=texts["by"],
        person=str(said.get("person") or texts["by"]),
        reason=str(said.get("reason") or ""),
        changes=changes,
        lapsed=_told(said.get("lapsed") or {}),
        mark=Decimal(_number("mark", said["mark"])) if said.get("mark") else None,
    )


def read_changes(given: object) -> dict[str, Any]:
    """Return changes as a plan spells them: prices as decimal text, the size a number; raises Misspoken."""
    if not isinstance(given, Mapping):
        raise Misspoken(f"changes: {given!r} is no object; give {', '.join(CHANGEABLE)}")
    for name in given:
        if name not in CHANGEABLE:
            raise Misspoken(f"changes.{name}: cannot be changed; what can is {', '.join(CHANGEABLE)}")
    return {name: _number(name, given[name]) for name in CHANGEABLE if name in given}


def _number(name: str, value: object) -> str | float:
    try:
        number = Decimal(str(value)) if isinstance(value, str | int | float) and not isinstance(value, bool) else None
    except InvalidOperation:
        number = None
    if number is None or not number.is_finite() or not 0 < number < Decimal("1e18"):
        raise Misspoken(f"changes.{name}: {value!r} is no number above zero; write 0.05 or 101.5")
    return float(number) if name == SIZE else ledger.text(number)


def _text(said: Mapping[str, Any], name: str) -> str:
    value = said.get(name)
    if not isinstance(value, str) or not value:
        raise Misspoken(f"op_verdict.{name}: {value!r} is no text; every verdict names it")
    return value


def _told(given: object) -> dict[str, str]:
    return {str(name): str(why) for name, why in given.items()} if isinstance(given, Mapping) else {}
