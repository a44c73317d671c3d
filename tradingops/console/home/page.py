"""Home: the admin's index, and the panels that it reads again every few seconds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from strands import figures, telling
from tradingops.console.home import money, plots, queries, words
from tradingops.console.showing import funding, present
from tradingops.mandates import mandates
from tradingops.people import halting

PERMISSION = "portfolio.view_portfoliostate"
#: Who may lift a halt, and who may see positions closed from here.
HALT = "strands.add_halt"
SEES_POLICIES = "tradingops_policies.view_version"
DEFAULT_SPAN = "all"
#: Positions and symbols that Home lists; the rest is counted.
MOST_LISTED = 6
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
    """Return what Home's templates show; to a user who may not see the portfolio, nothing of it."""
    if not request.user.has_perm(PERMISSION):
        return {"may_see_desk": False}
    span = request.GET.get("span", DEFAULT_SPAN)
    span = span if span in plots.SPANS else DEFAULT_SPAN
    newest, speed = present.newest_and_speed()
    now = datetime.now(UTC)
    health = queries.modules(MODULES, now=now)
    return {
        "may_see_desk": True,
        "span": span,
        "spans": list(plots.SPANS),
        "newest": newest,
        "speed": speed,
        "health": health,
        "waiting": sum(each.waiting for each in health),
        "failed": sum(each.failed for each in health),
        **(_of_the_desk(request, span, health, newest=newest, now=now) if newest else {}),
    }


def _of_the_desk(
    request: HttpRequest, span: str, health: list[words.Health], *, newest: datetime, now: datetime
) -> dict[str, Any]:
    stands = halting.standing(now=newest)
    markets = [each for each in queries.markets(newest, now=now) if mandates.may_see(request.user, each.symbol)]
    told = queries.book(newest)
    earned = money.spans(told.now, day=told.day, week=told.week, trades=told.trades)
    positions = [each for each in money.positions(told.said) if mandates.may_see(request.user, each["symbol"])]
    return {
        "stands": stands,
        "may_lift": request.user.has_perm(HALT),
        "state": words.state(stands, health, markets),
        "markets": markets[:MOST_LISTED],
        "more_markets": max(0, len(markets) - MOST_LISTED),
        "as_of": told.at,
        "tiles": _tiles(told.said),
        "earned": money.lines(earned),
        "earned_titles": [each.title for each in earned],
        "positions": positions[:MOST_LISTED],
        "more_positions": max(0, len(positions) - MOST_LISTED),
        "unfunded": _unfunded(each["symbol"] for each in positions),
        "curve": queries.curve(span).as_json(),
        "decided": queries.decided(newest - words.TODAY),
        "most_decided": queries.MOST_DECIDED,
        "shadows": told.shadows if request.user.has_perm(SEES_POLICIES) else [],
    }


def _unfunded(symbols: Iterable[str]) -> str:
    """Return of which of these symbols funding is not counted, in words."""
    named = funding.not_counted(symbols)
    return f"{', '.join(named)}: {funding.NOT_COUNTED}" if named else ""


def _tiles(said: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the figures of the book: what it is worth, what is free, how deep below the top, how much at risk."""
    daily = said.get("daily_pnl")
    return [
        {
            "title": "Equity",
            "value": figures.money(said.get("portfolio_value")),
            "note": f"{figures.money(daily, signed=True)} today",
            "tone": telling.gain(daily),
        },
        {"title": "Cash", "value": figures.money(said.get("cash")), "note": "not bound in positions"},
        {
            "title": "Drawdown",
            "value": figures.percent(said.get("drawdown")),
            "note": f"worst {figures.percent(said.get('max_drawdown'))}",
        },
        {
            "title": "Exposure",
            "value": figures.percent(said.get("exposure"), digits=1),
            "note": f"net {figures.percent(said.get('net_exposure'), digits=1, signed=True)}",
        },
    ]
