"""What the pages of policies read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

import pydantic
from django.db.models import Count, Q

from tradingops.policies import versions
from tradingops.policies.models import State, Version

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
    def name(self) -> str:
        return Version(policy=self.policy, symbol=self.symbol).name


def governed() -> Mapping[str, pydantic.BaseModel]:
    """Return every policy by its name, as it is made; the modules are imported only once somebody asks."""
    from tradingops import environments

    return environments.governed()


def standing(policies: list[str], *, at: datetime, symbols: frozenset[str] | None) -> list[Standing]:
    """Return every policy, those of one symbol where they have versions that a person may see."""
    rows = Version.objects.order_by().values("policy", "symbol")
    waiting: dict[tuple[str, str], Any] = {(each, ""): {} for each in policies}
    for each in rows.annotate(
        drafts=Count("pk", filter=Q(state=State.DRAFT)), reviews=Count("pk", filter=Q(state=State.REVIEW))
    ):
        waiting[each["policy"], each["symbol"]] = each
    return [
        Standing(
            policy,
            symbol,
            versions.in_force(policy, symbol, at=at),
            versions.needs_second_person(policy),
            told.get("drafts", 0),
            told.get("reviews", 0),
        )
        for (policy, symbol), told in sorted(waiting.items())
        if not symbol or symbols is None or symbol in symbols
    ]


def history(policy: str, symbol: str, *, before: int | None) -> tuple[list[Version], int | None]:
    """Return versions of a policy, newest first, and the number before which the next page begins."""
    rows = Version.objects.filter(policy=policy, symbol=symbol).order_by("-number")
    rows = rows.filter(number__lt=before) if before is not None else rows
    found = list(rows.defer("content").prefetch_related("authors")[: PAGE + 1])
    return found[:PAGE], found[PAGE - 1].number if len(found) > PAGE else None
