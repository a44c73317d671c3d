"""What takes a second person, as kinds of people's: one asks for a closing, another confirms or declines it."""

from __future__ import annotations

from typing import TypedDict

from strands import figures, json_values, telling
from strands.json_values import at
from strands.kinds.kind import Kind, Look
from strands.telling import Part, Payload, Tone


class Asked(TypedDict, total=False):
    """What a person asks a second one to confirm: ``action`` close or flatten, ``legs`` the quantity by symbol.

    ``hash`` is of what was previewed, ``person`` is ``user:KEY`` or ``account:NAME``, ``notional`` decimal text in the
    desk's currency.
    """

    action: str
    scope: str
    legs: dict[str, str]
    notional: str
    hash: str
    person: str
    by: str
    reason: str


class Answer(TypedDict, total=False):
    """``verdict`` is confirmed or declined; ``hash`` is of what the second person saw."""

    request: str
    verdict: str
    hash: str
    person: str
    by: str
    reason: str


class AskedPayload(TypedDict, total=False):
    op_intervention: Asked


class AnswerPayload(TypedDict, total=False):
    op_verdict: Answer


def _asked(payload: Payload) -> list[Part]:
    symbols = len(json_values.mapping(at(payload, "op_intervention.legs")))
    return [
        Part(telling.words(at(payload, "op_intervention.action")), Tone.WARNING, pill=True),
        Part(telling.words(at(payload, "op_intervention.scope"))),
        Part(f"{symbols} position{'' if symbols == 1 else 's'}" if symbols else ""),
        telling.labelled("worth", figures.money(at(payload, "op_intervention.notional"))),
        telling.labelled("by", telling.words(at(payload, "op_intervention.by"))),
        Part(telling.words(at(payload, "op_intervention.reason"))),
    ]


def _answered(payload: Payload) -> list[Part]:
    return [
        telling.pill(at(payload, "op_verdict.verdict")),
        telling.labelled("by", telling.words(at(payload, "op_verdict.by"))),
        Part(telling.words(at(payload, "op_verdict.reason"))),
    ]


ASKED = Kind(
    name="countersign_asked",
    means="a person wants something closed that takes a second person",
    payload=AskedPayload,
    unheard="people read it; nothing is closed before another one confirms",
    reads=(
        "op_intervention.action",
        "op_intervention.scope",
        "op_intervention.legs",
        "op_intervention.notional",
        "op_intervention.by",
        "op_intervention.reason",
    ),
    line=_asked,
    look=Look("second person asked", Tone.WARNING),
)
ANSWERED = Kind(
    name="countersign_answered",
    means="a second person confirms a closing, or somebody declines it",
    payload=AnswerPayload,
    unheard="people read it; what is confirmed is said as interventions with it",
    reads=("op_verdict.verdict", "op_verdict.by", "op_verdict.reason"),
    line=_answered,
    look=Look("second person answered", Tone.INFO),
)
