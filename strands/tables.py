"""The strand tables: which role writes which, and the columns that hold its payload."""

from __future__ import annotations

from dataclasses import dataclass

from strands import kinds
from strands.kinds import kind

JSONB, TEXT, FLOAT = kind.JSONB, kind.TEXT, kind.FLOAT


@dataclass(frozen=True)
class Table:
    """One role's own table; ``spoken`` is how its rows name the role."""

    name: str
    module: str
    spoken: str
    payload: dict[str, str]


TABLES = {
    role.name: Table(name=role.table, module=role.name, spoken=role.spoken, payload=role.columns)
    for role in kinds.ROLES.values()
}

BY_NAME = {table.name: table for table in TABLES.values()}
