"""A comparison printed for people: one line a figure, both runs side by side, then the plans that flipped."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from tradingops.replay import comparison, printed
from tradingops.replay.comparison import Comparison, Figure, Number, Unit
from tradingops.replay.judgement import Entered

_SHOWN = {Unit.MONEY: "{:,.2f}", Unit.SHARE: "{:.2%}", Unit.RATIO: "{:.2f}", Unit.COUNT: "{:,}"}

#: Shares whose differences are small are told in more decimals.
_FINE = "{:.4%}"
FINE_GROUP = "vetoes judged"


def text(compared: Comparison, *, names: tuple[str, str]) -> str:
    """Return the whole comparison; ``names`` say what each run was played with."""
    head = f"A: {names[0]}\nB: {names[1]}"
    parts = [head, _figures(compared), *_flips(compared)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _figures(compared: Comparison) -> str:
    rows = [("", "A", "B", "B - A")]
    for group, figures in groupby(compared.figures, key=lambda each: each.group):
        rows.append((group.capitalize(), "", "", ""))
        rows.extend(_row(each) for each in figures)
    return printed.table(rows)


def _row(figure: Figure) -> tuple[str, str, str, str]:
    return (
        f"  {figure.name.replace('_', ' ')}",
        _shown(figure, figure.first),
        _shown(figure, figure.second),
        _signed(figure),
    )


def _shown(figure: Figure, number: Number | None) -> str:
    pattern = _FINE if figure.group == FINE_GROUP and figure.unit is Unit.SHARE else _SHOWN[figure.unit]
    return "-" if number is None else pattern.format(number)


def _signed(figure: Figure) -> str:
    difference = figure.difference
    if not difference:
        return "-" if difference is None else "="
    sign = "+" if difference > 0 else ""
    return f"{sign}{_shown(figure, difference)}"


def _flips(compared: Comparison) -> list[str]:
    if not compared.flipped:
        return ["Flipped: no plan; both entered the same."]
    return [_entered("A", compared.only_first), _entered("B", compared.only_second)]


def _entered(name: str, plans: Sequence[Entered]) -> str:
    head = f"Flipped: {len(plans):,} entered only in {name}, which came to {comparison.earned(plans):+,.2f}"
    listed = plans[-printed.LISTED :]
    rows = [(each.symbol, each.direction, each.at[:16], _pnl(each), each.plan_id) for each in listed]
    earlier = f"({len(plans) - len(listed):,} earlier not listed)" if len(listed) < len(plans) else ""
    table = printed.table([("symbol", "", "told", "pnl", "plan"), *rows], left=3) if rows else ""
    return "\n".join(part for part in (head, earlier, table) if part)


def _pnl(plan: Entered) -> str:
    return "-" if plan.pnl is None else f"{plan.pnl:+,.2f}"
