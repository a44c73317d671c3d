"""Written: the columns that a projection writes, declared once; its statements and the check of its rows follow."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Row = Mapping[str, Any]


class Forgotten(ValueError):
    """A row and the columns that are written do not agree; the message names the columns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """The columns that rows of one statement hold, with their types in PostgreSQL.

    ``is_whole`` where every row must give every column; otherwise what a row does not give is NULL.
    """

    columns: Mapping[str, str]
    is_whole: bool = True

    @property
    def names(self) -> str:
        """The columns, as an INSERT and its SELECT list them."""
        return ", ".join(self.columns)

    @property
    def of_json(self) -> str:
        """The rows of the one JSON parameter as a relation named ``given``."""
        return f"jsonb_to_recordset(%s::jsonb) AS given({self._typed()})"

    @property
    def unnested(self) -> str:
        """The rows of one array parameter a column."""
        arrays = ", ".join(f"%({name})s::{kind}[]" for name, kind in self.columns.items())
        return f"unnest({arrays})"

    @property
    def of_arrays(self) -> str:
        """The rows of one array parameter a column as a relation named ``given``."""
        return f"{self.unnested} AS given({self.names})"

    def json(self, rows: Sequence[Row]) -> list[str]:
        """Return the parameter of ``of_json``; raises Forgotten for a row that does not fit the columns."""
        self._check(rows)
        return [json.dumps(rows)]

    def arrays(self, rows: Sequence[Row]) -> dict[str, list[Any]]:
        """Return the parameters of ``of_arrays``; raises Forgotten for a row that does not fit the columns."""
        self._check(rows)
        return {name: [row.get(name) for row in rows] for name in self.columns}

    def _check(self, rows: Sequence[Row]) -> None:
        for row in rows:
            if row.keys() == self.columns.keys() or (not self.is_whole and row.keys() <= self.columns.keys()):
                continue
            raise Forgotten(
                f"columns: a row gives {_listed(row.keys() - self.columns.keys())} that no statement writes, and lacks "
                f"{_listed(self.columns.keys() - row.keys())}; declare what is given, give what is declared"
            )

    def _typed(self) -> str:
        return ", ".join(f"{name} {kind}" for name, kind in self.columns.items())


def _listed(names: Collection[str]) -> str:
    return ", ".join(sorted(names)) or "nothing"
