"""What people say, as strands, for the tests of what alpha makes of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from strands import strand
from strands.strand import Strand
from tests.factories import NOON


def a_halt(scope: str, state: str = "halted", *, at: datetime = NOON) -> Strand:
    """Return a halt of a scope."""
    return strand.first(
        module="op", kind="halt", at=at, tags=("dm:halt",), payload={"op_halt": {"scope": scope, "state": state}}
    )


def a_change(symbol: str | None = None, **fields: Any) -> Strand:
    """Return a change of alpha's policy, for every symbol unless one is named."""
    return strand.first(
        module="op",
        kind="policy_changed",
        at=NOON,
        symbol=symbol,
        tags=("alpha:policy_changed",),
        payload={"op_policy": fields},
    )
