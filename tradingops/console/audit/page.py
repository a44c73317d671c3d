"""The audit's page: who did what, from where, before and after; filtered, and as a file."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tradingops.console.audit import queries
from tradingops.console.showing import csv

VIEW = "tradingops_audit.view_auditrecord"


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """List the records, newest first."""
    _must_see(request)
    wanted = queries.Wanted.of(request.GET)
    rows, before = queries.page(wanted)
    shown = {
        **admin.site.each_context(request),
        "title": "Audit",
        "is_fullwidth": "1",
        "wanted": wanted,
        "rows": rows,
        "actions": queries.names("action"),
        "abouts": queries.names("about"),
        "query": urlencode(wanted.parameters),
        "older": urlencode({**wanted.parameters, "before": before}) if before is not None else "",
    }
    return render(request, "console/audit/page.html", shown)


@require_safe
def file(request: HttpRequest) -> StreamingHttpResponse:
    """Answer with every record that the filter finds as CSV."""
    _must_see(request)
    return csv.answer("audit", queries.HEADER, queries.lines(queries.Wanted.of(request.GET)))


def _must_see(request: HttpRequest) -> None:
    if not request.user.has_perm(VIEW):
        raise PermissionDenied("The audit is seen by risk officers and administrators.")
