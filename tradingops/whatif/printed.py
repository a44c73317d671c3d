"""What a trial came to, in words for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from tradingops.replay import comparison_printed
from tradingops.whatif.alone import Alone
from tradingops.whatif.period import Whole
from tradingops.whatif.tally import LOOSER, STRICTER
from tradingops.whatif.trial import Again
from tradingops.whatif.turns import Turns
from tradingops.whatif.valued import Value

SHOWN = 10
DIRECTIONS = {STRICTER: "yes before, no under the draft", LOOSER: "no before, yes under the draft"}


def text(alone: Alone) -> str:
    """Return the report as lines; counts always add up to the decisions that were taken up."""
    return "\n".join(_lines(alone)) + "\n"


def of_period(whole: Whole) -> str:
    """Return both runs of a period side by side, after what tells how far the first is the record."""
    yes = (
        f"{whole.alike} of {whole.recorded} recorded decisions said again, word for word, by the replay without a draft"
    )
    heading = f"THE WHOLE PERIOD REPLAYED, under a draft of {whole.draft.policy}\n  {yes}\n"
    if whole.unplayed:
        heading += f"  {whole.unplayed} words of people are played by no replay\n"
    return heading + comparison_printed.text(whole.compared, names=("as it was", "under the draft"))


def of_turns(turns: Turns) -> str:
    """Return what a module's turns would have said, by kind; counts add up to the turns that were taken up."""
    lines = [
        f"EACH TURN ALONE, under a draft of {turns.draft.policy}",
        f"  {turns.again} taken again + {turns.undecided.total()} not decidable = {turns.taken} recorded turns",
    ]
    for reason, count in sorted(turns.undecided.items()):
        lines += [f"  not decidable: {count} {reason}", *(f"    {told}" for told in turns.told.get(reason, []))]
    for kind, counts in sorted(turns.said.items()):
        lines.append(f"  {kind}: {', '.join(f'{count} {way}' for way, count in counts.most_common())}")
    lines.append("  A turn that says otherwise changes those after it: what it comes to shows --period.")
    return "\n".join(lines) + "\n"


def _lines(alone: Alone) -> Iterator[str]:
    tally = alone.tally
    left_out = tally.taken - tally.decided
    yield f"EACH DECISION ALONE, under a draft of {alone.draft.policy}"
    yield f"  {tally.decided} decided again + {left_out} not decidable = {tally.taken} recorded decisions"
    if tally.taken < alone.asked:
        yield f"  (the last {alone.asked} were asked for; no more are recorded)"
    for reason, count in sorted(tally.undecided.items()):
        yield f"  not decidable: {count} {reason}"
        yield from (f"    {told}" for told in tally.told.get(reason, []))
    if tally.decided:
        share = f"{tally.flips / tally.decided:.1%} of the {tally.decided} decided again"
        yield f"  {tally.flips} flip, {share}; {len(tally.resized)} have another size"
    yield from _counted("  the gate that says no", tally.stopped)
    yield from _counted("  gates that found otherwise", tally.gates)
    for way, flips in ((STRICTER, tally.stricter), (LOOSER, tally.looser)):
        yield from _way(way, flips, alone.valued(way, flips))
    yield from _sizes(tally.resized)
    if alone.unseen:
        yield f"  acts between decisions, and shows in no decision alone: {', '.join(alone.unseen)}"
    yield "  Plans share slots, budgets and cooldowns: what flips came to is told plan by plan, and is no sum of money."


def _counted(name: str, counts: Any) -> Iterator[str]:
    if counts:
        yield f"{name}: {', '.join(f'{gate} {count}' for gate, count in counts.most_common())}"


def _way(way: str, flips: Sequence[Again], values: Sequence[Value]) -> Iterator[str]:
    if not flips:
        return
    won = sum((each.pnl_percent or 0) > 0 for each in values)
    lost = sum(each.pnl_percent is not None and each.pnl_percent <= 0 for each in values)
    yield f"  {way.upper()} ({DIRECTIONS[way]}): {len(flips)}"
    yield f"    {won} won, {lost} lost, {len(values) - won - lost} never entered or not valued"
    for again, value in list(zip(flips, values, strict=True))[:SHOWN]:
        yield f"    {_flip(again)}: {_worth(value)}"
    if len(flips) > SHOWN:
        yield f"    … and {len(flips) - SHOWN} more; --json tells them all"


def _flip(again: Again) -> str:
    no = again.now if again.was and again.was.passes else again.was
    named = next((each for each in again.gates if no and each.gate == no.reason), None)
    found = (named.now if named and again.was and again.was.passes else named.was if named else None) or {}
    at = f"{again.at:%Y-%m-%d %H:%M}Z" if again.at else "?"
    why = f"{no.reason} {found.get('value')} against {found.get('limit')}" if no else "?"
    return f"{at} {again.symbol or ''} plan {again.plan_id}: {why}"


def _worth(value: Value) -> str:
    if value.pnl_percent is None:
        return value.basis.value
    r = f", {value.r:+.2f} R" if value.r is not None else ""
    return f"{value.pnl_percent:+.2%}{r} ({value.basis.value})"


def _sizes(resized: Sequence[Again]) -> Iterator[str]:
    if not resized:
        return
    yield f"  OTHER SIZES: {len(resized)}"
    for each in resized[:SHOWN]:
        if each.was and each.now:
            yield f"    {each.symbol or ''} plan {each.plan_id}: {each.was.size:.4f} to {each.now.size:.4f} of value"
    if len(resized) > SHOWN:
        yield f"    … and {len(resized) - SHOWN} more; --json tells them all"
