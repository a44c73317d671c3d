"""The dashboard: the admin's index, and the panels that it reads again every few seconds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from strands import figures, kinds, telling
from strands.models import DecisionStrand
from tradingops.console.home import plots, queries, words
from tradingops.console.showing import funding, present

PERMISSION = "portfolio.view_portfoliostate"
DEFAULT_SPAN = "all"
#: The modules of the health strip, by the names they listen under.
MODULES = {
    "alpha": "Alpha detector",
    "risk": "Risk manager",
    "dm": "Decision maker",
    "trader": "Trader",
    "venue": "Venue",
}


def panels(request: HttpRequest) -> HttpResponse:
    """Answer with the panels alone."""
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied
    return render(request, "console/home/panels.html", context(request))


def context(request: HttpRequest) -> dict[str, Any]:
    """Return what the dashboard's templates show; to a user who may not see the portfolio, nothing of it."""
    if not request.user.has_perm(PERMISSION):
        return {"may_see_desk": False}
    span = request.GET.get("span", DEFAULT_SPAN)
    span = span if span in plots.SPANS else DEFAULT_SPAN
    newest = present.newest_moment()
    health = queries.modules(MODULES, now=datetime.now(UTC))
    return {
        "may_see_desk": True,
        "span": span,
        "spans": list(plots.SPANS),
        "newest": newest,
        "speed": present.speed(),
        "health": health,
        "waiting": sum(each.waiting for each in health),
        "failed": sum(each.failed for each in health),
        **(_of_the_desk(span, since=newest - words.TODAY) if newest else {}),
    }


def _of_the_desk(span: str, *, since: datetime) -> dict[str, Any]:
    positions = queries.positions()
    return {
        "curve": queries.curve(span).as_json(),
        "tiles": _tiles(*queries.book()),
        "positions": positions,
        "unfunded": _unfunded(each.symbol for each in positions),
        "decided": queries.decided(since),
        "latest": [_told(strand) for strand in queries.latest_decisions()],
    }


def _unfunded(symbols: Iterable[str]) -> str:
    """Return of which of these symbols funding is not counted, in words."""
    named = funding.not_counted(symbols)
    return f"{', '.join(named)}: {funding.NOT_COUNTED}" if named else ""


def _tiles(state: Any, said: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the figures above the curve: what it is worth, what is free, how deep below the top, how much at risk."""
    daily = said.get("daily_pnl")
    value, cash = (state.portfolio_value, state.cash_balance) if state else (None, None)
    worst = said.get("max_drawdown", state.max_drawdown if state else None)
    return [
        {
            "title": "Equity",
            "value": figures.money(value),
            "note": f"{figures.money(daily, signed=True)} today",
            "tone": telling.gain(daily),
        },
        {"title": "Cash", "value": figures.money(cash), "note": "not bound in positions"},
        {
            "title": "Drawdown",
            "value": figures.percent(said.get("drawdown")),
            "note": f"worst {figures.percent(worst)}",
        },
        {
            "title": "Exposure",
            "value": figures.percent(said.get("exposure"), digits=1),
            "note": f"net {figures.percent(said.get('net_exposure'), digits=1, signed=True)}",
        },
    ]


def _told(strand: DecisionStrand) -> dict[str, Any]:
    parts = kinds.parts("dm", strand.kind, {"dm_decision": strand.dm_decision})
    return {"strand": strand, "parts": parts}
