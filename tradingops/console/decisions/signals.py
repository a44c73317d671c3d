"""The list of signals: what alpha saw and planned, and what the decision maker said to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from strands import figures, json_values
from strands.models import DecisionStrand
from tradingops.console.decisions import listing
from tradingops.console.decisions.listing import Told, amount
from tradingops.console.records import filters
from tradingops.console.showing import html


def _plan(name: str) -> Any:
    return lambda row: figures.decimal(json_values.dig(row.trading_plan, name))


def _tier(row: Any) -> str:
    return figures.word(json_values.dig(row.trading_plan, "tier"))


class SignalsAdmin(listing.ToldAdmin):
    """Signals alone, the newest first."""

    title = "Signals"
    kind = "signal"
    nouns = ("signal", "signals")
    nothing_yet = "Alpha watches every bar: what it finds worth a plan appears here."
    columns = [
        listing.when(),
        Told("symbol", lambda row: row.symbol),
        Told("timeframe", lambda row: row.timeframe, in_file_only=True),
        Told("direction", lambda row: row.sig_direction, shown=html.pill),
        Told("strength", lambda row: row.sig_sigma, shown=amount(figures.score), by="sig_sigma"),
        Told("confidence", lambda row: row.sig_confidence, shown=amount(figures.score), by="sig_confidence"),
        Told("entry", _plan("entry_price"), shown=amount(figures.price)),
        Told("stop", _plan("stop_loss"), shown=amount(figures.price)),
        Told("target", _plan("take_profit"), shown=amount(figures.price)),
        Told("reward to risk", _plan("risk_reward_ratio"), shown=amount(figures.score)),
        Told("tier", _tier, in_file_only=True),
        Told("verdict", lambda row: row.verdict, shown=html.pill),
    ]
    list_filter = [
        filters.exactly("symbol"),
        filters.day(),
        filters.lately("sig_direction", ("long", "short")),
    ]

    def follow(self, rows: Sequence[Any]) -> None:
        """Put to each signal the verdict that it got."""
        asked = DecisionStrand.objects.filter(lifecycle_id__in=[each.lifecycle_id for each in rows], kind="decision")
        said = {about: figures.word(json_values.dig(text, "decision_type")) for about, text in _said(asked)}
        for each in rows:
            each.verdict = said.get(each.pk) or said.get(each.lifecycle_id) or None


def _said(decisions: Any) -> Any:
    for about, story, text in decisions.order_by("pk").values_list("alpha_bundle_ref", "lifecycle_id", "dm_decision"):
        yield about or story, text
