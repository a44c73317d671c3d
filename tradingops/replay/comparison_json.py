"""A comparison as JSON: money as decimal strings, shares and ratios as numbers."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from portfolio import ledger
from tradingops.replay import comparison
from tradingops.replay.comparison import Comparison
from tradingops.replay.judgement import Entered


def to_json(compared: Comparison) -> dict[str, Any]:
    """Return every figure of both runs, their difference (second less first), and the plans that flipped."""
    groups: dict[str, dict[str, Any]] = {}
    for each in compared.figures:
        told = {"first": each.first, "second": each.second, "difference": each.difference, "unit": each.unit.value}
        groups.setdefault(each.group, {})[each.name] = {name: _plain(value) for name, value in told.items()}
    return {
        "figures": groups,
        "flipped": compared.flipped,
        "only_first": _flipped(compared.only_first),
        "only_second": _flipped(compared.only_second),
    }


def _flipped(plans: Sequence[Entered]) -> dict[str, Any]:
    return {
        "count": len(plans),
        "pnl": ledger.text(comparison.earned(plans)),
        "plans": [{name: _plain(getattr(each, name)) for name in Entered.__slots__} for each in plans],
    }


def _plain(value: Any) -> Any:
    return ledger.text(value) if isinstance(value, Decimal) else value
