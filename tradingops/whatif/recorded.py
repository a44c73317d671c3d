"""What the database recorded of decisions: which turns made the last of them, and what became of their plans."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import psycopg

from strands import tables, tags
from strands.strand import Strand
from strands.wires import rows
from tradingops.whatif import valued

#: Whose decisions are decided again.
LISTENER = "dm"
#: Plans looked up together.
PAGE = 500

LAST = """
    SELECT sequence FROM module_messages
     WHERE listener = %(listener)s AND status = 'delivered' AND tag = %(tag)s
     ORDER BY sequence DESC LIMIT %(last)s
"""
ENDED = """
    SELECT id, row_to_json(strand)::text FROM {table} AS strand
     WHERE lifecycle_id = ANY(%(lifecycles)s) AND kind = ANY(%(kinds)s) ORDER BY id
"""
#: Where it is said what became of plans.
ENDINGS = {"trader": (valued.POSITION, valued.EXECUTION), "alpha": (valued.COUNTERFACTUAL,)}


def last_decisions(connection: psycopg.Connection[Any], *, last: int) -> list[int]:
    """Return the sequences of the turns that made the last decisions, in their order."""
    asked = {"listener": LISTENER, "tag": tags.EVALUATE_PLAN, "last": last}
    return sorted(sequence for (sequence,) in connection.execute(LAST, asked).fetchall())


def endings(connection: psycopg.Connection[Any], lifecycles: Sequence[str]) -> Iterator[Strand]:
    """Yield what the desk said of how plans ended, or would have ended, in the order it was said by each module."""
    for start in range(0, len(lifecycles), PAGE):
        for module, kinds in ENDINGS.items():
            table = tables.TABLES[module]
            asked = {"lifecycles": list(lifecycles[start : start + PAGE]), "kinds": list(kinds)}
            for _, text in connection.execute(ENDED.format(table=table.name), asked).fetchall():
                yield rows.strand(table, text)
