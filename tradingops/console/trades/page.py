"""The page of trades: what is held with what may be done about it, what was closed and what it came to."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import admin
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from strands import figures
from tradingops.console.showing import csv as csv_files
from tradingops.console.showing import sparing
from tradingops.console.trades import asking, calendar, queries, totals, words
from tradingops.console.trades.asking import Asked
from tradingops.console.trades.dialogs import INTERVENE
from tradingops.mandates import mandates
from tradingops.people import flattening, say

VIEW = "portfolio_trades.view_trade"
#: What htmx names when it asks for the open half alone.
OPEN_HALF = "open-trades"


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Show what is open and what is closed; to htmx, the open half alone. Raises BadRequest."""
    if not request.user.has_perm(VIEW):
        raise PermissionDenied
    if request.headers.get("HX-Target") == OPEN_HALF:
        return render(request, "console/trades/open.html", _open(request))
    try:
        asked = asking.read(request.GET, within=mandates.symbols_of(request.user))
    except asking.Misasked as wrong:
        raise BadRequest(str(wrong)) from None
    shown = {
        **admin.site.each_context(request),
        "title": "Trades",
        "is_fullwidth": "1",
        **_open(request),
        **_closed(asked),
    }
    return render(request, "console/trades/page.html", shown)


@require_safe
def csv(request: HttpRequest) -> HttpResponseBase:
    """Answer with every closed trade of a filter as a CSV file; raises BadRequest for a filter that is none."""
    if not request.user.has_perm(VIEW):
        raise PermissionDenied
    try:
        asked = asking.read(request.GET, within=mandates.symbols_of(request.user))
    except asking.Misasked as wrong:
        raise BadRequest(str(wrong)) from None
    parts = (asked.day, asked.symbol, asked.direction, asked.reason)
    name = "-".join(["trades", *(str(each) for each in parts if each)])
    found = queries.closed(asked).iterator(chunk_size=csv_files.TOGETHER)
    return csv_files.answer(name, words.HEADER, sparing.lines(found, words.line))


def _open(request: HttpRequest) -> dict[str, Any]:
    legs = [each for each in flattening.legs() if mandates.may_see(request.user, each.symbol)]
    now = say.present()
    lifecycles = [each.holding.lifecycle_id for each in legs if each.holding is not None]
    entered = queries.entered(lifecycles)
    return {
        "legs": [words.leg(each, now=now, entered=entered) for each in legs],
        "orders": [words.resting(leg.symbol, order) for leg in legs for order in leg.resting],
        "present": now,
        "may_intervene": request.user.has_perm(INTERVENE),
    }


def _closed(asked: Asked) -> dict[str, Any]:
    told = totals.of(asked)
    trades, more = queries.page(asked, of=told.total.trades)
    month = told.month
    return {
        "asked": asked,
        "rows": sparing.rows(trades, partial(words.row, year=month.year)) if month else [],
        "total": words.sums(told.total, by="all"),
        "count": figures.count(told.total.trades),
        "groups": [words.sums(each, by=asked.by) for each in told.groups],
        "calendar": calendar.month(month, told.days, asked) if month else None,
        "reasons": words.REASONS,
        "directions": asking.DIRECTIONS,
        "bys": [(each, asked.address(by=each)) for each in asking.BY],
        "heads": {name: asked.turned(name) for name in asking.ORDERS},
        "before": asked.address(page=asked.page - 1) if asked.page > 1 else "",
        "after": asked.address(page=asked.page + 1) if more and asked.page < asking.MOST_PAGES else "",
        "file": asked.address(),
        "is_filtered": bool(asked.filter),
    }
