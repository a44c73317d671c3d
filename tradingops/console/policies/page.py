"""The pages of policies: which version is in force, what each holds and came to, and the editor of a draft."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pydantic
from django.contrib import admin
from django.contrib import messages as told_once
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from strands.rulings.ruling import OF_PEOPLE
from tradingops.console.policies import editor, queries, trials, trying
from tradingops.mandates import mandates
from tradingops.mandates.mandate import EVERY, Deed
from tradingops.people import roles, say
from tradingops.policies import content as contents
from tradingops.policies import fields, versions
from tradingops.policies.content import RefusedContent
from tradingops.policies.models import State, Version
from tradingops.policies.versions import RefusedVersion
from tradingops.whatif import asking
from tradingops.whatif.trial import LISTENER

VIEW = "tradingops_policies.view_version"
#: What may be done about a version in each state, with the right that it takes.
ACTIONS: dict[str, dict[str, str]] = {
    State.DRAFT: {"submit": roles.DRAFT, "publish": roles.PUBLISH, "urgent": roles.URGENT, "decline": roles.PUBLISH},
    State.REVIEW: {
        "approve": roles.PUBLISH,
        "publish": roles.PUBLISH,
        "urgent": roles.URGENT,
        "decline": roles.PUBLISH,
    },
    State.PUBLISHED: {"rollback": roles.PUBLISH, "withdraw": roles.PUBLISH},
    State.RETIRED: {"rollback": roles.PUBLISH},
    State.DECLINED: {},
}


@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """List the policies with what is in force of each."""
    must(request, VIEW)
    rows = queries.standing(list(queries.governed()), at=say.present(), symbols=mandates.symbols_of(request.user))
    shown = {"title": "Policies", "rows": rows, "may_draft": request.user.has_perm(roles.DRAFT)}
    return _page(request, "list", shown)


@require_safe
def history(request: HttpRequest, policy: str) -> HttpResponse:
    """List the versions of a policy, newest first."""
    symbol = about(request, policy)
    rows, older = queries.history(policy, symbol, before=number(request.GET.get("before")))
    named = Version(policy=policy, symbol=symbol)
    counts = versions.in_force(policy, symbol, at=say.present())
    shown = {
        "title": named.name,
        "named": named,
        "rows": rows,
        "older": urlencode({"symbol": symbol, "before": older}) if older else "",
        "in_force": counts.number if counts else 0,
        "may_draft": request.user.has_perm(roles.DRAFT),
    }
    return _page(request, "history", shown)


@require_safe
def version(request: HttpRequest, policy: str, nth: int) -> HttpResponse:
    """Show a version: every number that results, what differs from another version, who stands behind it."""
    symbol = about(request, policy)
    asked, own = number(request.GET.get("against")), queries.governed()[policy]
    kept = queries.beside(policy, symbol, nth, asked)
    shown, counts = kept.get(nth) or found(policy, symbol, nth), queries.counting(policy, symbol)
    in_force = counts.number if counts else 0
    authors, approvals = queries.people(shown)
    alone = shown.urgent and not approvals
    # With itself nothing compares: what is in force is told beside what it was cut from.
    usual = in_force if shown.number != in_force else shown.base or 0
    asked = usual if asked is None else asked
    against = counts if counts and asked == in_force else kept.get(asked) or found(policy, symbol, asked)
    is_stale = shown.state in (State.DRAFT, State.REVIEW) and shown.base != in_force
    context = {
        "title": str(shown),
        "shown": shown,
        "in_force": in_force,
        "against": against,
        "differences": contents.differences(against.content, shown.content),
        "partings": _partings(shown, counts, base=kept.get(shown.base)) if is_stale else [],
        "is_stale": is_stale,
        "values": _values(own, shown),
        "authors": authors,
        "approvals": approvals,
        "is_unconfirmed": alone,
        "needs_second": queries.guarded(shown),
        "actions": _actions(request, shown, is_stale=is_stale, is_unconfirmed=alone) if reaches(request, shown) else [],
        "is_beyond": not reaches(request, shown) and request.user.has_perm(roles.DRAFT),
        "may_draft": request.user.has_perm(roles.DRAFT) and reaches(request, shown),
        **_tried(request, shown, in_force=in_force),
    }
    return _page(request, "version", context)


@require_http_methods(["GET", "HEAD", "POST"])
def draft(request: HttpRequest, policy: str) -> HttpResponse:
    """Answer GET with the editor; keep a draft when its form is posted, or say at each field what is wrong."""
    must(request, roles.DRAFT)
    symbol = about(request, policy)
    must_reach(request, Version(policy=policy, symbol=symbol))
    own, moment = queries.governed()[policy], say.present()
    counts = versions.in_force(policy, symbol, at=moment) or Version(policy=policy, symbol=symbol)
    edited = _edited(request, policy, symbol)
    form = editor.Editor(own, policy=policy, counts=counts, edited=edited)
    reason, faults = (edited.reason if edited else ""), {}
    if request.method == "POST":
        reason = request.POST.get("reason", "").strip()
        form.take(request.POST)
        try:
            kept = _kept(form, own, edited, named=counts, at=moment, reason=reason)
        except RefusedContent as refused:
            faults = form.refuse(refused)
        except RefusedVersion as refused:
            faults = {"": str(refused)}
        else:
            told_once.success(request, f"{kept} is kept as a draft.")
            return HttpResponseRedirect(address(kept))
    shown = {
        "title": f"{'Edit ' + str(edited) if edited else 'New draft of ' + counts.name}",
        "named": counts,
        "edited": edited,
        "groups": form.groups(),
        "reason": reason,
        "faults": faults,
    }
    return _page(request, "draft", shown, status=422 if faults else 200)


def address(version: Version) -> str:
    """Return where a version is shown."""
    path = reverse("admin:console_policy_version", args=[version.policy, version.number])
    return f"{path}?{urlencode({'symbol': version.symbol})}" if version.symbol else path


def must(request: HttpRequest, permission: str) -> None:
    """Raise PermissionDenied where who asks lacks a right."""
    if not request.user.has_perm(permission):
        raise PermissionDenied


def must_reach(request: HttpRequest, version: Version) -> None:
    """Raise Outside where the mandates of who asks do not reach as far as a policy does."""
    versions.must_be_allowed(version, asked=say.asked_by(request.user, reason=""))


def reaches(request: HttpRequest, version: Version) -> bool:
    """Return whether the mandates of who asks reach as far as a policy does."""
    return not mandates.allows(request.user, Deed(symbol=version.symbol or EVERY, venue=EVERY))


def about(request: HttpRequest, policy: str) -> str:
    """Return the symbol that a request is about; raises Http404 and PermissionDenied."""
    must(request, VIEW)
    if policy not in queries.governed():
        raise Http404(f"policies: there is none that is named {policy!r}")
    symbol = request.GET.get("symbol", "")
    if symbol:
        mandates.refuse_outside(request.user, symbol)
    return symbol


def found(policy: str, symbol: str, number: int) -> Version:
    """Return a version; raises Http404."""
    try:
        return versions.numbered(policy, symbol, number)
    except RefusedVersion as none:
        raise Http404(str(none)) from None


def _tried(request: HttpRequest, shown: Version, *, in_force: int) -> dict[str, Any]:
    """Return what was tried of a version, and what may be; what follows the desk may always be stopped."""
    shadow, decides = queries.shadow(shown), shown.policy == LISTENER
    follows = shadow is not None and shadow.state in asking.LIVING
    acts = ["unshadow"] if follows and reaches(request, shown) else []
    if shown.state in (State.DRAFT, State.REVIEW):
        beside = ["shadow"] if decides and not follows and reaches(request, shown) else []
        acts = [*(["try"] if shown.policy in asking.TRIED else []), "replay", *beside, *acts]
    return {
        **trials.context(request, shown, in_force=in_force),
        "tries": [(each, trying.NAMES[each]) for each in acts] if request.user.has_perm(roles.DRAFT) else [],
        "decides": decides,
        "shadow": shadow,
    }


def _page(request: HttpRequest, name: str, shown: dict[str, Any], *, status: int = 200) -> HttpResponse:
    context = {**admin.site.each_context(request), "is_fullwidth": "1", **shown}
    return render(request, f"console/policies/{name}.html", context, status=status)


def number(text: str | None, *, otherwise: int | None = None) -> Any:
    """Return a number out of an address, ``otherwise`` where there is none; raises Http404 for what is none."""
    if text is None or text == "":
        return otherwise
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Http404(f"policies: {text!r} is no number of a version")
    return int(text)


def _partings(shown: Version, counts: Version | None, *, base: Version | None) -> list[contents.Parting]:
    base = base or found(shown.policy, shown.symbol, shown.base)
    return contents.partings(base.content, in_force=counts.content if counts else {}, draft=shown.content)


def _values(own: pydantic.BaseModel, shown: Version) -> list[tuple[fields.Field, Any, bool]]:
    try:
        values = contents.whole(own, shown.content, policy=shown.policy)
    except RefusedContent:
        return []
    differ = dict(contents.flat(shown.content))
    return [
        (each, contents.value_at(values, each.path), any(fields.is_within(path, each.path) for path in differ))
        for each in fields.of(own)
    ]


def _actions(request: HttpRequest, shown: Version, *, is_stale: bool, is_unconfirmed: bool) -> list[str]:
    if not shown.pk:
        return ["rollback"] if request.user.has_perm(roles.PUBLISH) else []
    possible = dict(ACTIONS[shown.state])
    if shown.state == State.PUBLISHED and (shown.begins is None or shown.begins <= say.present()):
        possible.pop("withdraw")
    if not queries.guarded(shown) or shown.policy == OF_PEOPLE:
        possible.pop("urgent", None)
    if is_unconfirmed:
        possible["approve"] = roles.PUBLISH
    if is_stale:
        possible.pop("urgent", None)
        possible.pop("publish", None)
        possible["rebase"] = roles.DRAFT
    return [name for name, right in possible.items() if request.user.has_perm(right)]


def _edited(request: HttpRequest, policy: str, symbol: str) -> Version | None:
    named = number(request.GET.get("number"))
    if named is None:
        return None
    edited = found(policy, symbol, named)
    if edited.state != State.DRAFT:
        raise Http404(f"policies: {edited} is {edited.state}; begin a new draft")
    return edited


def _kept(
    form: editor.Editor, own: pydantic.BaseModel, edited: Version | None, *, named: Version, at: Any, reason: str
) -> Version:
    if edited is not None:
        versions.rewrite(edited, form.content, own=own, reason=reason)
        return edited
    return versions.draft(named.policy, form.content, own=own, at=at, reason=reason, symbol=named.symbol)
