"""What people say of policies: that a version is in force, that one never will be, that single numbers change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypedDict

from strands import figures, json_values, tags, telling
from strands.json_values import at
from strands.kinds.kind import Kind, Look
from strands.telling import Part, Payload, Tone


class Reason(TypedDict, total=False):
    by: str
    reason: str


class PolicyPayload(TypedDict, total=False):
    """The fields that change, with ``from`` and ``until`` where the change has a term; and who says so, and why."""

    op_policy: dict[str, Any]
    op_note: Reason


class Publication(TypedDict, total=False):
    """Which version of a policy is in force from here on, whole; ``content`` is what differs from the defaults.

    ``hash`` is that of the whole content that results; ``urgent`` is one that a person puts in force alone, to be
    confirmed. One with a term has ``from`` and ``until``; a withdrawal names
    the ``publication`` that it undoes.
    """

    policy: str
    number: int
    content: dict[str, Any]
    hash: str
    urgent: bool
    publication: str


class PublicationPayload(TypedDict, total=False):
    op_policy: Publication
    op_note: Reason


#: Fields of a change of policy that its line tells.
MOST_FIELDS = 4


def _policy(payload: Payload) -> list[Part]:
    said = json_values.mapping(at(payload, "op_policy"))
    if isinstance(said, json_values.Closed):
        return [Part(json_values.Unreadable.of("op_policy"), pill=True)]
    changed = list(_fields("", said))
    more = len(changed) - MOST_FIELDS
    return [
        Part("changed" if changed else "nothing changed", Tone.WARNING, pill=True),
        *(Part(f"{name} {_value(value)}") for name, value in changed[:MOST_FIELDS]),
        Part(f"{more} more" if more > 0 else "", Tone.MUTED),
    ]


def _publication(payload: Payload) -> list[Part]:
    said = json_values.mapping(at(payload, "op_policy.content"))
    unreadable = isinstance(said, json_values.Closed)
    changed = [] if unreadable else list(_fields("", said))
    more = len(changed) - MOST_FIELDS
    return [
        Part("withdrawn" if at(payload, "op_policy.publication") else "published", Tone.WARNING, pill=True),
        Part(telling.words(at(payload, "op_policy.policy"))),
        telling.labelled("version", figures.plain(at(payload, "op_policy.number"))),
        *(Part(f"{name} {_value(value)}") for name, value in changed[:MOST_FIELDS]),
        Part(f"{more} more" if more > 0 else "", Tone.MUTED),
    ]


def _fields(prefix: str, change: Any) -> Iterator[tuple[str, Any]]:
    """Yield the fields of a change with their values, those within others under both names."""
    for name, value in json_values.mapping(change).items():
        named = f"{prefix}{telling.words(name)}"
        if isinstance(value, Mapping):
            yield from _fields(f"{named}, ", value)
        else:
            yield named, value


def _value(value: Any) -> str:
    if value is None:
        return "as by default"
    if isinstance(value, list):
        return ", ".join(filter(None, map(telling.words, value))) or "none"
    return figures.plain(value) if figures.decimal(value) is not None else telling.words(value)


CHANGED = Kind(
    name="policy_changed",
    means="numbers that a module is to go by from here on",
    payload=PolicyPayload,
    hearers=tags.addressed("policy_changed"),
    reads=("op_policy",),
    line=_policy,
    look=Look("policy changed", Tone.WARNING),
)
_OF_PUBLICATIONS = ("op_policy.policy", "op_policy.number", "op_policy.content", "op_policy.publication")
PUBLISHED = Kind(
    name="policy_published",
    means="the version of a policy that is in force from here on, or between two moments",
    payload=PublicationPayload,
    hearers=tags.addressed("policy_changed"),
    unheard="of the policy for people, which no module goes by",
    reads=_OF_PUBLICATIONS,
    line=_publication,
    look=Look("policy published", Tone.WARNING),
)
WITHDRAWN = Kind(
    name="publication_withdrawn",
    means="a publication that was to count later never will",
    payload=PublicationPayload,
    hearers=tags.addressed("policy_changed"),
    reads=_OF_PUBLICATIONS,
    line=_publication,
    look=Look("publication withdrawn", Tone.WARNING),
)
