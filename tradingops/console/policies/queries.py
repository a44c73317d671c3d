"""What the pages of policies read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

import pydantic
from django.db import connection
from django.db.models import Count, F, Q, Subquery
from django.db.models.functions import Coalesce, Now

from strands import tags
from strands.models import MarketStrand, Message
from tradingops.policies import versions
from tradingops.policies.models import State, Version
from tradingops.whatif.models import Job, Shadow, ShadowDecision
from tradingops.whatif.trial import LISTENER as DECIDES

_PEOPLE = """
    SELECT 0 AS sort, id, name, at FROM policy_authors WHERE version_id = %s
     UNION ALL SELECT 1, id, name, at FROM policy_approvals WHERE version_id = %s ORDER BY sort, id
"""
#: The versions that a page shows.
PAGE = 50


class Standing(NamedTuple):
    """One policy in the list: which of its versions is in force, and how many wait."""

    policy: str
    symbol: str
    counts: Version | None
    needs_second: bool
    drafts: int
    reviews: int

    @property
    def is_known(self) -> bool:
        """Whether anybody goes by a policy of this name."""
        return self.policy in governed()

    @property
    def name(self) -> str:
        return Version(policy=self.policy, symbol=self.symbol).name


def governed() -> Mapping[str, pydantic.BaseModel]:
    """Return every policy by its name, as it is made; the modules are imported only once somebody asks."""
    from tradingops import environments

    return environments.governed()


def standing(policies: list[str], *, at: datetime, symbols: frozenset[str] | None) -> list[Standing]:
    """Return every policy, those of one symbol where they have versions that a person may see."""
    rows = Version.objects.order_by().values("policy", "symbol")
    counts, guards = _in_force(at), _guarded(policies)
    waiting: dict[tuple[str, str], Any] = {(each, ""): {} for each in policies}
    for each in rows.annotate(
        drafts=Count("pk", filter=Q(state=State.DRAFT)), reviews=Count("pk", filter=Q(state=State.REVIEW))
    ):
        waiting[each["policy"], each["symbol"]] = each
    return [
        Standing(
            policy,
            symbol,
            counts.get((policy, symbol)),
            guards.get(policy, False),
            told.get("drafts", 0),
            told.get("reviews", 0),
        )
        for (policy, symbol), told in sorted(waiting.items())
        if not symbol or symbols is None or symbol in symbols
    ]


def _in_force(at: datetime) -> dict[tuple[str, str], Version]:
    """Return the version of every policy that is in force at a moment, by policy and symbol."""
    said = Version.objects.filter(said__isnull=False, withdrawn__isnull=True)
    begun = said.filter(Q(begins__isnull=True) | Q(begins__lte=at)).filter(Q(ends__isnull=True) | Q(ends__gt=at))
    newest = begun.order_by("policy", "symbol", "-said").distinct("policy", "symbol")
    return {(each.policy, each.symbol): each for each in newest.prefetch_related("approvals")}


def _guarded(policies: list[str]) -> dict[str, bool]:
    """Return of each policy whether a second person is needed to publish a version of it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, tradingops_policy_needs_second(name) FROM unnest(%s::text[]) AS name", [policies])
        return dict(cursor.fetchall())


def history(policy: str, symbol: str, *, before: int | None) -> tuple[list[Version], int | None]:
    """Return versions of a policy, newest first, and the number before which the next page begins."""
    rows = Version.objects.filter(policy=policy, symbol=symbol).order_by("-number")
    rows = rows.filter(number__lt=before) if before is not None else rows
    found = list(rows.defer("content").prefetch_related("authors", "approvals")[: PAGE + 1])
    return found[:PAGE], found[PAGE - 1].number if len(found) > PAGE else None


def beside(policy: str, symbol: str, number: int, against: int | None) -> dict[int, Version]:
    """Return a version, the one it was cut from and one to compare it with, by number, in one question."""
    same = Version.objects.filter(policy=policy, symbol=symbol)
    wanted = Q(number__in=[number, *([against] if against else [])])
    cut_from = Q(number=Subquery(same.filter(number=number).values("base")[:1]))
    found = same.annotate(needs_second=versions.NEEDS_SECOND).filter(wanted | cut_from)
    return {each.number: each for each in found}


def guarded(version: Version) -> bool:
    """Return whether a version's policy needs a second person, read with the version where it has a row."""
    read = getattr(version, "needs_second", None)
    return versions.needs_second_person(version.policy) if read is None else bool(read)


def counting(policy: str, symbol: str) -> Version | None:
    """Return the version that is in force at the desk's present, None for the defaults, in one question."""
    newest = MarketStrand.objects.filter(kind="bar").order_by("-id").values("at")[:1]
    said = Version.objects.filter(policy=policy, symbol=symbol, said__isnull=False, withdrawn__isnull=True)
    known = said.annotate(present=Coalesce(Subquery(newest), Now()))
    begun = known.filter(Q(begins__isnull=True) | Q(begins__lte=F("present")))
    return begun.filter(Q(ends__isnull=True) | Q(ends__gt=F("present"))).order_by("-said").first()


def people(version: Version) -> tuple[list[str], list[tuple[str, datetime]]]:
    """Return who wrote a version, and who approved it when, in one question."""
    with connection.cursor() as cursor:
        cursor.execute(_PEOPLE, [version.pk, version.pk])
        rows = cursor.fetchall()
    return [name for sort, _, name, _ in rows if not sort], [(name, at) for sort, _, name, at in rows if sort]


def jobs(version: Version) -> list[Job]:
    """Return the newest job of each sort that was asked of a version."""
    if not version.pk:
        return []
    return list(Job.objects.filter(version=version).order_by("-asks", "-pk").distinct("asks"))[::-1]


def shadow(version: Version) -> Shadow | None:
    """Return the newest shadow of a version."""
    return Shadow.objects.filter(of=version).order_by("-pk").first() if version.pk else None


def differences(
    shadow: Shadow, *, sort: str, symbols: list[str] | None, before: int | None
) -> tuple[list[ShadowDecision], int | None]:
    """Return what a shadow decided otherwise, newest first, and the turn before which the next page begins."""
    rows = shadow.decisions.exclude(differs="same").order_by("-sequence")
    rows = rows.filter(differs=sort) if sort else rows
    rows = rows if symbols is None else rows.filter(symbol__in=symbols)
    found = list((rows.filter(sequence__lt=before) if before is not None else rows)[: PAGE + 1])
    return found[:PAGE], found[PAGE - 1].sequence if len(found) > PAGE else None


def lived(shadow: Shadow) -> int:
    """Return how many decisions the desk has made since a shadow began."""
    told = Message.objects.filter(listener=DECIDES, status=Message.Status.DELIVERED, tag=tags.EVALUATE_PLAN)
    return told.filter(sequence__gt=shadow.began).count()
