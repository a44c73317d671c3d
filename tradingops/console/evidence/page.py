"""The page of one piece of evidence: the tape, what each expert made of it, and how that became one judgement."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from strands import figures, json_values
from tradingops.console.evidence import plots, queries, sums
from tradingops.console.evidence.queries import Found
from tradingops.mandates import mandates

PERMISSION = "curators_dsi.view_evidence"
BARS = "bars"


@require_safe
def page(request: HttpRequest, key: str) -> HttpResponse:
    """Show evidence, named by its own id, its plan's, or that of the signal that carried it."""
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied
    found = queries.find(key)
    if found is None:
        raise Http404(f"evidence: nothing was found on a tape under {key!r}")
    mandates.refuse_outside(request.user, found.symbol)
    told, policy = found.told, queries.policy_of(found)
    context = {
        **admin.site.each_context(request),
        "title": _title(found),
        "is_fullwidth": "1",
        "found": found,
        "lifecycle_id": _lifecycle(found),
        "at": found.signal.at if found.signal else found.row.timestamp if found.row else None,
        "sums": sums.sums(told),
        "absent": ", ".join(map(figures.spaced, json_values.items(told.get("absent")))),
        "source": figures.word(told.get("source") or told.get("mx_source")) or BARS,
        "confirm_above": policy.dsi.fusion.model_dump().get("confirm_above"),
        "speed": _speed(told),
        "rates": _rates(told),
        **_tape(found, told, policy),
    }
    return render(request, "console/evidence/page.html", context)


def _tape(found: Found, told: dict[str, Any], policy: Any) -> dict[str, Any]:
    """Return the tape made again from the stored bars, and whether it is the one that was judged."""
    said = figures.word(told.get("mx_microtape_hash") or told.get("tape_hash"))
    again = None
    if found.signal and figures.word(told.get("source") or BARS) == BARS:
        again = queries.tape_again(found.signal, policy=policy)
    return {
        "said_hash": said,
        "again": again,
        "windows": len(again.windows) if again else 0,
        "same": again.hash == said if again and said else None,
        "strips": plots.strips(again) if again else [],
    }


def _title(found: Found) -> str:
    if found.signal:
        return f"Evidence, {found.signal.symbol} {figures.word(found.signal.sig_direction)}".strip()
    return f"Evidence, {found.row.plan.symbol}" if found.row and found.row.plan else "Evidence"


def _lifecycle(found: Found) -> str | None:
    carried_by = found.signal or (found.row.plan if found.row else None)
    return figures.word(carried_by.lifecycle_id) or None if carried_by else None


def _speed(told: dict[str, Any]) -> list[tuple[str, str]]:
    """Return how long it took, where this was measured."""
    named = (
        ("this tape", "mx_processing_latency_ms", "ms"),
        ("median", "mx_latency_p50", "ms"),
        ("19 of 20 within", "mx_latency_p95", "ms"),
        ("throughput", "mx_throughput_per_second", "a second"),
    )
    known = ((label, json_values.number(told.get(key)), unit) for label, key, unit in named)
    return [(label, f"{figures.rounded(found, digits=1)} {unit}") for label, found, unit in known if found is not None]


def _rates(told: dict[str, Any]) -> list[tuple[str, str]]:
    named = (("experts that confirm", "mx_confirm_rate"), ("experts that kept their weight", "mx_expert_survival_rate"))
    known = ((label, json_values.number(told.get(key))) for label, key in named)
    return [(label, figures.percent(found, digits=0)) for label, found in known if found is not None]
