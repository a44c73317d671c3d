"""The questions of the evidence page to the database, and the tape made again from the bars that are stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q

from curators.dsi import tape
from curators.dsi.models import Evidence
from curators.dsi.tape import Tape
from strands import ids, json_values
from strands.models import AlphaStrand
from tradingops.console.showing.moments import TIMEFRAMES
from tradingops.people import say
from tradingops.policies import standing

MODULE = "alpha"
SAID = ("signal", "withheld")
#: A tape has so many bars; they are looked for this many times as far back, for a market may have gaps.
SPREAD_OVER = 20

#: Ids begin with the moment, so the key finds the bars up to a signal, the last first.
_BARS = """
    SELECT id, at, md_bar::text FROM md_strands
     WHERE id < %(high)s AND id >= %(low)s AND symbol = %(symbol)s AND timeframe = %(timeframe)s AND kind = 'bar'
     ORDER BY id DESC LIMIT %(most)s
"""
_PRICES = ("open", "high", "low", "close", "volume")


@dataclass(frozen=True, slots=True)
class Found:
    """Evidence: the row for people, the signal that carried it, or both."""

    row: Evidence | None
    signal: AlphaStrand | None

    @property
    def symbol(self) -> str | None:
        """The symbol whose tape it is."""
        carried_by = self.signal or (self.row.plan if self.row else None)
        return str(carried_by.symbol) if carried_by and carried_by.symbol else None

    @property
    def told(self) -> dict[str, Any]:
        """What was found on the tape: as the signal said it, else as its row keeps it."""
        said = json_values.mapping(self.signal.dsi_evidence) if self.signal else {}
        kept = {field.name: getattr(self.row, field.name) for field in Evidence._meta.concrete_fields if self.row}
        plain = {name: _plainly(value) for name, value in kept.items() if name.startswith("mx_") and value is not None}
        return {**plain, **said}


def find(key: str) -> Found | None:
    """Return evidence by its own id, by that of its plan, or by that of the strand that carried it."""
    row, signal = None, None
    named = _uuid(key)
    if named is None:
        signal = AlphaStrand.objects.filter(id=key, kind__in=SAID, dsi_evidence__isnull=False).first()
        plan_id = _uuid(json_values.dig(signal.trading_plan, "plan_id")) if signal else None
        row = Evidence.objects.filter(plan_id=plan_id).first() if plan_id else None
    else:
        row = Evidence.objects.select_related("plan").filter(Q(evidence_id=named) | Q(plan_id=named)).first()
        signal = _signal_of(row) if row else None
    return Found(row, signal) if row or signal else None


def _signal_of(row: Evidence) -> AlphaStrand | None:
    """Return the signal of evidence, found by the lifecycle of its plan."""
    if row.plan is None or not row.plan.lifecycle_id:
        return None
    told = AlphaStrand.objects.filter(lifecycle_id=row.plan.lifecycle_id, kind__in=SAID)
    return next(
        (each for each in told[:SPREAD_OVER] if json_values.dig(each.trading_plan, "plan_id") == str(row.plan_id)), None
    )


def policy_of(found: Found) -> Any:
    """Return alpha's policy as it was in force when the evidence was found; where that is not recorded, as it is."""
    from tradingops import environments

    own = environments.governed()[MODULE]
    made = standing.when_made(own, MODULE, strand=found.signal.id) if found.signal else None
    return made or standing.at(own, MODULE, found.symbol or "", moment=say.present())


def tape_again(signal: AlphaStrand, *, policy: Any) -> Tape | None:
    """Return the tape of a signal made again from the stored bars; None where they are too few by now."""
    if signal.symbol is None or signal.timeframe not in TIMEFRAMES:
        return None
    most = policy.tape_length
    back = TIMEFRAMES[signal.timeframe] * most * SPREAD_OVER
    asked = {
        "high": ids.lower_bound(signal.at + timedelta(milliseconds=1)),
        "low": ids.lower_bound(max(signal.at - back, ids.EPOCH)),
        "symbol": signal.symbol,
        "timeframe": signal.timeframe,
        "most": most,
    }
    with connection.cursor() as cursor:
        cursor.execute(_BARS, asked)
        rows = [row for _, at, bar in cursor if (row := _row(at, json_values.loads(bar) if bar else None)) is not None]
    return tape.of_bars(rows[::-1], policy=policy.dsi.tape)


def _row(at: Any, bar: Any) -> list[float] | None:
    """Return a stored bar as a row of the tape; None for one with a number that is none."""
    numbers = [json_values.number(json_values.dig(bar, name)) for name in _PRICES]
    known = [number for number in numbers if number is not None]
    return [at.timestamp(), *known] if len(known) == len(_PRICES) else None


def _uuid(text: Any) -> UUID | None:
    try:
        return UUID(text) if isinstance(text, str) else None
    except ValueError:
        return None


def _plainly(value: Any) -> Any:
    return value if isinstance(value, (dict, list, bool, str)) else float(value)
