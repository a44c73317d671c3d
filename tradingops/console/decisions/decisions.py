"""The list of decisions: what was asked, what was given, what limited it, and what it came to in money."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.http import HttpRequest
from django.utils.safestring import SafeString

from strands import figures, json_values, telling
from strands.indexes import LimitedBy, Named
from strands.kinds import refusals
from strands.models import AlphaStrand
from tradingops.console.decisions import listing, outcomes
from tradingops.console.decisions.listing import Number, Rows, Told, amount
from tradingops.console.records import filters, keyset
from tradingops.console.showing import html

VERDICTS = ("approve", "modify", "reject")
#: What cuts a size besides the gates, as a change names it.
BRAKES = ("kelly", "lessons", "allocation_score")
#: An outcome is looked for among so many decisions, the newest.
AMONG = 5_000


def _said(row: Any, *path: str | int) -> Any:
    return json_values.dig(row.dm_decision, *path)


def _direction(row: Any) -> Any:
    return _said(row, "plan", "direction") or row.signal.get("sig_direction")


def _asked(row: Any) -> Any:
    """Return the size that the plan asked for [share of the portfolio]."""
    asked = json_values.dig(row.dm_budget, "asked_size")
    if asked is None:
        sizes = (
            each for each in json_values.objects(_said(row, "modifications")) if each.get("field") == "position_size"
        )
        planned = json_values.dig(row.signal.get("trading_plan"), "position_size")
        asked = next((each.get("from") for each in sizes), planned)
    return figures.decimal(asked)


def _given(row: Any) -> Any:
    """Return the size that was given [share of the portfolio]; None for a no."""
    return figures.decimal(_said(row, "plan", "position_size"))


def _limited(row: Any) -> str:
    """Return what stopped the plan, with its value and its limit, else what cut it."""
    if refusals.first_failed(row.dm_decision) or refusals.is_refusal(_said(row, "decision_type")):
        return refusals.why(row.dm_decision)
    because = (telling.words(each.get("because")) for each in json_values.objects(_said(row, "modifications")))
    return ", ".join(dict.fromkeys(filter(None, because)))


def _approval(row: Any) -> str | None:
    """Return who let it pass; nobody is asked about a no."""
    if refusals.is_refusal(_said(row, "decision_type")):
        return None
    return figures.word(_said(row, "approval")) or "by policy"


def _money(row: Any) -> SafeString:
    came = row.came.pnl
    return html.gain(came) if came is not None else html.part(telling.Part(outcomes.of(row), telling.Tone.MUTED))


class _Outcome(Told):
    """Money where something was closed, a word where nothing was."""

    def __call__(self, row: Any) -> Any:
        return _money(row)


def _gates() -> Iterable[str]:
    # The modules are loaded when somebody filters, not when the console starts.
    from tradingops.modules.decision import gates

    return dict.fromkeys((*(each.code for each in gates.GATES), *BRAKES))


class DecisionsAdmin(listing.ToldAdmin):
    """Decisions alone, the newest first."""

    title = "Decisions"
    kind = "decision"
    nouns = ("decision", "decisions")
    nothing_yet = "The decision maker answers every signal: its yes or no appears here, with what limited it."
    columns = [
        listing.when(),
        Told("symbol", lambda row: row.symbol),
        Told("direction", _direction, shown=html.pill),
        Told("verdict", lambda row: _said(row, "decision_type"), shown=html.pill),
        Told(
            "score",
            lambda row: figures.decimal(_said(row, "score")),
            shown=amount(figures.score),
            by=Number("dm_decision", path="score"),
        ),
        Told("asked", _asked, shown=amount(figures.percent), by=Number("dm_budget", path="asked_size")),
        Told("given", _given, shown=amount(figures.percent), by=Number("dm_decision", path="plan,position_size")),
        Told("limited by", _limited, shown=listing.clipped),
        Told("approval", _approval),
        _Outcome("outcome", lambda row: row.came.pnl, by=outcomes.earned()),
        Told("came to", outcomes.of, in_file_only=True),
    ]
    list_filter = [
        filters.chosen(
            "verdict",
            lambda: VERDICTS,
            lambda rows, word: rows.alias(verdict=Named("dm_decision", path="decision_type")).filter(verdict=word),
            title="verdict",
        ),
        filters.chosen(
            "gate",
            _gates,
            lambda rows, word: rows.alias(gate=LimitedBy("dm_decision")).filter(gate=word),
            title="what stopped or limited it",
        ),
        filters.exactly("symbol"),
        filters.day(),
    ]

    def get_list_filter(self, request: HttpRequest) -> Sequence[Any]:
        """Add the outcome, which lies in other tables: it is looked for among the newest decisions."""

        def among_the_newest(rows: Rows, outcome: str) -> Rows:
            # The same for every page and for the file, so not counted from where a page begins.
            return outcomes.kept(keyset.newest(rows, among=AMONG, of=self.get_queryset(request)), outcome)

        title = f"outcome, among the newest {figures.count(AMONG)}"
        return [*self.list_filter, filters.chosen("outcome", lambda: outcomes.OUTCOMES, among_the_newest, title=title)]

    def follow(self, rows: Sequence[Any]) -> None:
        """Put to each decision what came of it, and the signal that it answers."""
        outcomes.follow(rows)
        asked = AlphaStrand.objects.filter(pk__in=[each.alpha_bundle_ref for each in rows if each.alpha_bundle_ref])
        signals = {each["id"]: each for each in asked.values("id", "sig_direction", "trading_plan")}
        for each in rows:
            each.signal = signals.get(each.alpha_bundle_ref, {})
