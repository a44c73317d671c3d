"""The pages of what was asked of versions: the part of a version's page that moves, and all that one job tells."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tradingops.console.policies import page, queries, trials
from tradingops.mandates import mandates
from tradingops.whatif.models import Job, Shadow


@require_safe
def fragment(request: HttpRequest, policy: str, number: int) -> HttpResponse:
    """Show what was asked of a version, as its page does; asked again while a job is under way."""
    version = page.found(policy, page.about(request, policy), number)
    counts = queries.counting(policy, version.symbol)
    shown = {"shown": version, **trials.context(request, version, in_force=counts.number if counts else 0)}
    return render(request, "console/policies/trials.html", shown)


@require_safe
def result(request: HttpRequest, key: int) -> HttpResponse:
    """Show everything that one job tells."""
    page.must(request, page.VIEW)
    job = Job.objects.select_related("version").filter(pk=key, version__isnull=False).first()
    if job is None or job.version is None:
        raise Http404(f"policies: {key} is no job that was asked of a version")
    if job.version.symbol:
        mandates.refuse_outside(request.user, job.version.symbol)
    counts = queries.counting(job.version.policy, job.version.symbol)
    told = trials.shown_of(
        job,
        job.version,
        allowed=mandates.symbols_of(request.user),
        in_force=counts.number if counts else 0,
        most=trials.MOST,
    )
    shown = {
        **admin.site.each_context(request),
        "title": f"{job.get_asks_display().capitalize()}, under {job.version}",
        "is_fullwidth": "1",
        "shown": job.version,
        "each": told,
    }
    return render(request, "console/policies/trial.html", shown)


@require_safe
def shadow(request: HttpRequest, key: int) -> HttpResponse:
    """List what a shadow decided otherwise than the desk, newest first, of the symbols that a person may see."""
    page.must(request, page.VIEW)
    found = Shadow.objects.defer("kept").select_related("of").filter(pk=key).first()
    if found is None:
        raise Http404(f"policies: {key} is no shadow")
    sort = request.GET.get("sort", "")
    if sort and sort not in trials.SORTS:
        raise Http404(f"policies: {sort!r} is no sort of difference; there are {', '.join(trials.SORTS)}")
    before = page.number(request.GET.get("before"))
    rows, older = queries.differences(found, sort=sort, symbols=mandates.named_of(request.user), before=before)
    lived = queries.lived(found) if found.state != Shadow.State.WAITING else 0
    shown = {
        **admin.site.each_context(request),
        "title": f"Beside the desk: {found.of or 'a draft from a file'}",
        "is_fullwidth": "1",
        "shadow": found,
        "missing": max(0, lived - found.compared),
        "lived": max(lived, found.compared),
        "sorts": [("", "all"), *((each, means) for each, means in trials.SORTS.items())],
        "sort": sort,
        "rows": [trials.difference(each) for each in rows],
        "older": urlencode({"sort": sort, "before": older}) if older else "",
    }
    return render(request, "console/policies/shadow.html", shown)
