"""Every kind of strand, declared once: a file a role, and here the list of them all."""

from __future__ import annotations

from strands import telling
from strands.kinds import alpha, company, decision, market, people, risk, trader, venue
from strands.kinds.kind import Kind, Look, Role
from strands.telling import Part, Payload

_FILES = (alpha, decision, trader, risk, market, venue, people, company)

ROLES: dict[str, Role] = {file.ROLE.name: file.ROLE for file in _FILES}
#: The file in which each role declares its kinds.
HOMES = {file.ROLE.name: f"{file.__name__.replace('.', '/')}.py" for file in _FILES}
KINDS: dict[tuple[str, str], Kind] = {(role.name, kind.name): kind for role in ROLES.values() for kind in role.kinds}
#: How each kind looks, by its name: roles that say kinds of one name say the same thing.
LOOKS: dict[str, Look] = {kind.name: kind.look for kind in KINDS.values()}


class UnknownKind(KeyError):
    """No role declares such a kind."""


def of(role: str, kind: str) -> Kind:
    """Return a kind by the role that says it and its name; raises UnknownKind."""
    try:
        return KINDS[role, kind]
    except KeyError:
        raise UnknownKind(f"kind: {role} declares no {kind!r}") from None


def parts(role: str, kind: str | None, payload: Payload) -> list[Part]:
    """Return the line that tells a strand, in parts with some text each; never an error for an odd payload.

    A kind that nobody declared, as strands from outside may have, is told by its first plain values.
    """
    known = KINDS.get((role, kind or ""))
    return telling.first_values(payload) if known is None else known.parts(payload)
