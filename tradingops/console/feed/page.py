"""The live decision feed: the page, with the newest strands already on it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.contrib import admin
from django.contrib.auth.decorators import permission_required
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from strands import json_values, kinds, tables
from tradingops.console.feed import frames, screens, statements
from tradingops.console.feed.frames import Frame, Row
from tradingops.console.feed.policy import StreamPolicy
from tradingops.console.feed.screens import Filter
from tradingops.console.feed.standing import PERMISSION
from tradingops.mandates import mandates


@permission_required(PERMISSION, raise_exception=True)
def page(request: HttpRequest) -> HttpResponse:
    """Return the feed; ``symbol``, ``kind``, ``module`` (each more than once) and ``ticks`` filter it."""
    policy = StreamPolicy()
    wants = replace(_wanted(request, policy), within=mandates.symbols_of(request.user))
    context = {
        **admin.site.each_context(request),
        "title": "Live feed",
        "is_fullwidth": "1",
        "history": [json_values.loads(frame.text) for frame in newest(wants, policy=policy)],
        "modules": [name for name in tables.TABLES if name != frames.TICKS],
        "kinds": kinds.LOOKS,
    }
    return TemplateResponse(request, "console/feed/page.html", context)


def newest(wants: Filter, *, policy: StreamPolicy) -> list[Frame]:
    """Return the newest frames that a filter wants, newest first."""
    if not wants.tables:
        return []
    with connection.cursor() as cursor:
        cursor.execute(statements.DRAWN)
        drawn = cursor.fetchone()[0]
        asked = {
            "after": max(0, drawn - policy.history_span),
            "up_to": drawn,
            "symbols": wants.named,
            "kinds": sorted(wants.kinds) or None,
            "limit": policy.history,
        }
        cursor.execute(statements.newest(wants.tables), asked)
        names = [column.name for column in cursor.description]
        return [frames.of(_row(dict(zip(names, found, strict=True)))) for found in cursor]


def _row(found: dict[str, Any]) -> Row:
    """Return a row whose JSON columns came as text."""
    return Row(**{**found, **{name: json_values.loads(found[name]) for name in ("read", "tags")}})


def _wanted(request: HttpRequest, policy: StreamPolicy) -> Filter:
    """Return the filter in the page's address; one that makes no sense is no filter."""
    asked = {f"{name}s": request.GET.getlist(name) for name in ("symbol", "kind", "module")}
    try:
        return screens.filter_of({**asked, "ticks": "ticks" in request.GET}, policy=policy)
    except screens.Misunderstood:
        return Filter()
