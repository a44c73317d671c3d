"""Whose mandates hold: asked for once a request, by everything that shows or does something for a person."""

from __future__ import annotations

from typing import Any, TypeVar

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db.models import Model, Q, QuerySet

from tradingops.mandates import mandate, models
from tradingops.mandates.mandate import EVERY, Deed, Mandate

Row = TypeVar("Row", bound=Model)
_KEPT = "_mandates"


def of(user: Any) -> tuple[Mandate, ...]:
    """Return a person's own mandates and those of their groups; none for whoever is bounded by none."""
    kept: tuple[Mandate, ...] | None = getattr(user, _KEPT, None)
    if kept is None:
        whose = Q(person=user.pk) | Q(group__in=user.groups.all()) if user.is_authenticated else Q(pk__in=())
        kept = tuple(each.bounds() for each in models.Mandate.objects.filter(whose).distinct())
        setattr(user, _KEPT, kept)
    return kept


def symbols_of(user: Any) -> frozenset[str] | None:
    """Return the symbols that a person may see and act on, None for all of them."""
    return mandate.symbols(of(user))


def named_of(user: Any) -> list[str] | None:
    """Return the same as a parameter of SQL: ``%(symbols)s::text[] IS NULL OR symbol = ANY (%(symbols)s)``."""
    allowed = symbols_of(user)
    return None if allowed is None else sorted(allowed)


def bounded(rows: QuerySet[Row], user: Any, *, field: str = "symbol") -> QuerySet[Row]:
    """Return the rows whose symbol a person may see; a row without one only for whoever may see all."""
    allowed = named_of(user)
    return rows if allowed is None else rows.filter(**{f"{field}__in": allowed})


def allows(user: Any, deed: Deed) -> str:
    """Return why a person may not do something in this desk's mode, empty where they may."""
    return mandate.refusal(of(user), in_this_mode(deed))


def in_this_mode(deed: Deed) -> Deed:
    """Return the deed as one of this desk, whose mode is a setting."""
    return Deed(symbol=deed.symbol, venue=deed.venue, notional=deed.notional, mode=deed.mode or settings.MODE)


def may_see(user: Any, symbol: str | None) -> bool:
    """Return whether something about a symbol may be shown; about none, only to whoever may see all."""
    allowed = symbols_of(user)
    return allowed is None or symbol in allowed


def refuse_outside(user: Any, symbol: str | None) -> None:
    """Raise PermissionDenied, which names the bound, where something about a symbol may not be shown."""
    if not may_see(user, symbol):
        raise PermissionDenied(mandate.refusal(of(user), Deed(symbol=symbol or EVERY)))
