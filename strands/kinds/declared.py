"""What modules say, held to what is declared of its kind: the kind itself, its columns, its tags."""

from __future__ import annotations

from collections.abc import Set

from strands import kinds, tags
from strands.kinds.kind import Kind
from strands.strand import Strand

#: Combinations of role, kind and tags that are remembered; a desk uses a few dozen.
MOST_REMEMBERED = 1024

#: Kinds that a role says in this process alone, by role and name.
_STAND_INS: dict[tuple[str, str], Kind] = {}

_COLUMNS: dict[tuple[str, str, tuple[str, ...]], Set[str]] = {}


class Undeclared(ValueError):
    """A strand says what nobody declared: the role, the kind, the column or the tag, with the rule and the way out."""

    def __init__(self, strand: Strand, fault: str, rule: str) -> None:
        home = kinds.HOMES.get(strand.module, "strands/kinds/<role>.py")
        super().__init__(f"{strand.module} {strand.kind!r}: {fault}; {rule}; declare it in {home}")


def stand_in(role: str, kind: Kind) -> None:
    """Let a role say one more kind in this process alone, as the stand-in of a test does; lists do not show it."""
    _STAND_INS[role, kind.name] = kind


def columns_of(strand: Strand) -> Set[str]:
    """Return the columns that a strand's payload may fill, after a look at its kind and tags; raises Undeclared."""
    check(strand)
    return _COLUMNS.get((strand.module, strand.kind, strand.tags)) or _columns(strand)


def check(strand: Strand) -> None:
    """Raise Undeclared unless the strand's kind is declared by its role, with its tags and its payload's columns.

    Tags of the open families may be on any strand: they are delivered to nobody.
    """
    key = (strand.module, strand.kind, strand.tags)
    columns = _COLUMNS.get(key)
    if columns is None:
        columns = _columns(strand)
        if len(_COLUMNS) < MOST_REMEMBERED:
            _COLUMNS[key] = columns
    if not strand.payload.keys() <= columns:
        unknown = sorted(strand.payload.keys() - columns)
        raise Undeclared(strand, f"{', '.join(unknown)}: no such column", f"it has {', '.join(columns)}")


def _columns(strand: Strand) -> Set[str]:
    """Return the columns of a strand's kind, after a look at the kind and the tags; raises UnknownTag for one."""
    kind = _kind(strand)
    for tag in map(tags.canonical, strand.tags):
        if tag in tags.TAGS and tag not in kind.hearers:
            heard = ", ".join(kind.hearers) or f"nobody ({kind.unheard})"
            raise Undeclared(strand, f"{tag}: no tag of this kind", f"it goes to {heard}")
    return kind.columns.keys()


def _kind(strand: Strand) -> Kind:
    if stands_in := _STAND_INS.get((strand.module, strand.kind)):
        return stands_in
    role = kinds.ROLES.get(strand.module)
    if role is None:
        raise Undeclared(strand, "no such role", f"roles are {', '.join(kinds.ROLES)}")
    if strand.kind not in role.by_name:
        raise Undeclared(strand, "no such kind", f"{role.name} says {', '.join(role.names)}")
    return role.by_name[strand.kind]
