"""Mandates as they are kept, given and asked for."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser, Group, User
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from strands.models import AlphaStrand
from tests.console import desk
from tradingops.mandates import mandates
from tradingops.mandates.mandate import Deed
from tradingops.mandates.models import Mandate

pytestmark = pytest.mark.django_db


def a_person(**options: object) -> User:
    return User.objects.create_user("ada", is_staff=True, **options)


def test_a_person_is_bounded_by_their_own_and_by_their_groups() -> None:
    ada, night = a_person(), Group.objects.create(name="night")
    assert mandates.symbols_of(ada) is None
    ada.groups.add(night)
    Mandate.objects.create(name="night", group=night, symbols=["BTC-PERP", "ETH-PERP"])
    assert mandates.symbols_of(User.objects.get(pk=ada.pk)) == {"BTC-PERP", "ETH-PERP"}
    Mandate.objects.create(name="ada", person=ada, symbols=["ETH-PERP"])
    again = User.objects.get(pk=ada.pk)
    assert mandates.named_of(again) == ["ETH-PERP"]
    assert mandates.may_see(again, "ETH-PERP")
    assert not mandates.may_see(again, "BTC-PERP")
    assert not mandates.may_see(again, None)
    with pytest.raises(PermissionDenied, match="symbol: BTC-PERP is outside"):
        mandates.refuse_outside(again, "BTC-PERP")


def test_a_superuser_is_bounded_only_by_a_mandate_of_theirs() -> None:
    root = User.objects.create_superuser("root")
    assert mandates.allows(root, Deed(symbol="BTC-PERP")) == ""
    Mandate.objects.create(name="root", person=root, symbols=["ETH-PERP"])
    assert mandates.allows(User.objects.get(pk=root.pk), Deed(symbol="BTC-PERP"))
    assert mandates.symbols_of(AnonymousUser()) is None


def test_the_desks_mode_is_part_of_every_deed() -> None:
    ada = a_person()
    Mandate.objects.create(name="live alone", person=ada, modes=["live"])
    assert mandates.allows(ada, Deed(symbol="BTC-PERP")).startswith("mode: paper is outside")


def test_rows_are_bounded_by_their_symbol() -> None:
    ada = a_person()
    desk.said([desk.a_plan(1), desk.a_plan(2, symbol="ETH-PERP"), desk.a_plan(3, symbol=None)])
    assert mandates.bounded(AlphaStrand.objects.all(), User.objects.get(pk=ada.pk)).count() == 3
    Mandate.objects.create(name="ada", person=ada, symbols=["ETH-PERP"])
    seen = mandates.bounded(AlphaStrand.objects.all(), User.objects.get(pk=ada.pk))
    assert set(seen.values_list("symbol", flat=True)) == {"ETH-PERP"}


def test_a_mandate_bounds_one_person_or_one_group() -> None:
    for both in ({}, {"person": a_person(), "group": Group.objects.create(name="night")}):
        with pytest.raises(IntegrityError, match="mandates_of_one"), transaction.atomic():
            Mandate.objects.create(name="odd", **both)


def test_an_administrator_gives_one_and_nobody_else() -> None:
    ada = a_person()
    told = {"name": "ada", "person": ada.pk, "symbols": "BTC-PERP, ETH-PERP", "most_notional": "2500"}
    for role, kept in (("operator", 0), ("administrator", 1)):
        giver = User.objects.create_user(role, is_staff=True)
        giver.groups.set([Group.objects.get(name=role)])
        client = Client()
        client.force_login(giver)
        status = client.post(reverse("admin:tradingops_mandates_mandate_add"), told).status_code
        assert (status, Mandate.objects.count()) == (302 if kept else 403, kept)
    assert mandates.symbols_of(ada) == {"BTC-PERP", "ETH-PERP"}
