"""Codes of an app at the sign-in, recovery codes, and a person's account."""

from __future__ import annotations

import logging
import re
import time
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from tradingops.audit.models import AuditRecord
from tradingops.sign_in import sessions, throttle

#: The audit writes at the commit.
pytestmark = pytest.mark.django_db(transaction=True)
RIGHT = "a right password"


@pytest.fixture
def ada() -> User:
    return User.objects.create_user("ada", password=RIGHT, is_staff=True)


def code_of(device: TOTPDevice, *, ahead: int = 0) -> str:
    made = TOTP(device.bin_key, device.step, device.t0, device.digits)
    made.time = time.time() + 30 * ahead
    return f"{made.token():06d}"


def sign_in(code: str = "", *, password: str = RIGHT, name: str = "ada") -> tuple[Client, Any]:
    client = Client()
    told = {"username": name, "password": password, "otp_token": code}
    return client, client.post(f"{reverse('admin:login')}?next=/admin/", told)


def do(client: Client, action: str, **told: str) -> Any:
    return client.post(reverse("admin:console_account_action", args=[action]), told)


def switched_on(client: Client) -> tuple[TOTPDevice, list[str]]:
    do(client, "begin")
    device = TOTPDevice.objects.get()
    codes = do(client, "confirm", code=code_of(device, ahead=-1)).context["codes"]
    return TOTPDevice.objects.get(), codes


def unslowed() -> None:
    """Forget the wrong codes of each device."""
    for each in (TOTPDevice, StaticDevice):
        each.objects.update(throttling_failure_timestamp=None, throttling_failure_count=0)


def test_secret_and_recovery_codes_are_shown_once_and_asked_of_nobody_else(ada: User) -> None:
    client, _ = sign_in()
    begun = do(client, "begin")
    told = begun.content.decode()
    assert 'src="data:image/svg+xml' in told
    assert begun.context["secret"] in told
    assert "no-store" in begun.headers["Cache-Control"]
    device = TOTPDevice.objects.get()
    assert "not right" in client.get(do(client, "confirm", code="000000").headers["Location"]).content.decode()
    unslowed()
    codes = do(client, "confirm", code=code_of(device)).context["codes"]
    assert len(set(codes)) == 10
    again = client.get(reverse("admin:console_account")).content.decode()
    assert "10 recovery codes left" in again
    for each in (begun.context["secret"], device.key, *codes, *(code.replace("-", "") for code in codes)):
        assert each not in again
        assert not StaticToken.objects.filter(token__contains=each).exists()


def test_a_sign_in_asks_for_a_code_that_counts_once_and_a_recovery_code_does_too(ada: User) -> None:
    client, _ = sign_in()
    device, codes = switched_on(client)
    now = code_of(device)
    for code, passes in (
        ("", False),
        ("000000", False),
        (now, True),
        (now, False),
        (codes[0], True),
        (codes[0], False),
    ):
        unslowed()
        _, answer = sign_in(code)
        assert (answer.status_code == 302) is passes, code
        if not passes:
            assert "Name, password or code is not right" in answer.content.decode()
    unslowed()
    assert sign_in(codes[1].upper().replace("-", " "))[1].status_code == 302


def test_no_answer_tells_a_right_password_from_a_wrong_one(ada: User) -> None:
    switched_on(sign_in()[0])
    told = [
        re.sub(r'value="[^"]*"', "", sign_in("123456", password=each)[1].content.decode()) for each in (RIGHT, "wrong")
    ]
    assert told[0] == told[1]


def test_wrong_codes_are_slowed_like_wrong_passwords(ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    moment = timezone.now()
    monkeypatch.setattr(throttle.timezone, "now", lambda: moment)
    device, _ = switched_on(sign_in()[0])
    assert [sign_in("000000")[1].status_code for _ in range(6)] == [200, 200, 200, 429, 429, 429]
    assert sign_in(code_of(device))[1].status_code == 429


def test_switching_on_ends_the_sign_ins_elsewhere_and_switching_off_takes_a_code(ada: User) -> None:
    here, elsewhere = sign_in()[0], sign_in()[0]
    _, codes = switched_on(here)
    assert elsewhere.get(reverse("admin:index")).status_code == 302
    do(here, "off", code="000000")
    assert TOTPDevice.objects.filter(confirmed=True).exists()
    do(here, "off", code=codes[0])
    assert not TOTPDevice.objects.exists()
    assert not StaticToken.objects.exists()
    assert sign_in()[1].status_code == 302


def test_no_secret_is_in_the_audit_or_in_a_log(ada: User, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    device, codes = switched_on(sign_in()[0])
    sign_in(codes[0])
    recorded = AuditRecord.objects.filter(about__startswith="otp_")
    assert {each.about for each in recorded} == {
        "otp_totp_totpdevice", "otp_static_staticdevice", "otp_static_statictoken"
    }  # fmt: skip
    told = " ".join(f"{each.key} {each.before} {each.after}" for each in AuditRecord.objects.all()) + caplog.text
    kept = [*StaticToken.objects.values_list("token", flat=True)]
    assert [each for each in (device.key, *codes, *kept) if each in told] == []


def test_an_administrator_resets_and_signs_out_somebody_and_nobody_else_does(ada: User) -> None:
    client, _ = sign_in()
    switched_on(client)
    boss = User.objects.create_user("boss", password=RIGHT, is_staff=True)
    boss.groups.set([Group.objects.get(name="administrator")])
    chief, _ = sign_in(name="boss")
    page = reverse("admin:console_account_of", args=[ada.pk])
    deeds = {each: reverse("admin:console_account_of_action", args=[ada.pk, each]) for each in ("reset", "sign-out")}
    assert {client.get(page).status_code, *(client.post(each).status_code for each in deeds.values())} == {403}
    assert TOTPDevice.objects.exists()
    assert page in chief.get(reverse("admin:auth_user_change", args=[ada.pk])).content.decode()
    assert "Reset the second factor" in chief.get(page).content.decode()
    for each in deeds.values():
        assert chief.post(each).status_code == 302
    assert client.get(reverse("admin:index")).status_code == 302
    assert chief.get(reverse("admin:index")).status_code == 200
    assert sign_in()[1].status_code == 302
    assert AuditRecord.objects.filter(about="otp_totp_totpdevice", action="delete", actor="boss").exists()
    assert AuditRecord.objects.filter(action="sign_out", key="ada", actor="boss").exists()


def test_signing_out_everywhere_ends_ones_own_sign_ins_and_nobody_elses(ada: User) -> None:
    User.objects.create_user("grace", password=RIGHT, is_staff=True)
    mine, other, graces = sign_in()[0], sign_in()[0], sign_in(name="grace")[0]
    assert len(sessions.of(ada)) == 2
    assert do(mine, "sign-out").status_code == 302
    assert [each.get(reverse("admin:console_account")).status_code for each in (mine, other, graces)] == [302, 302, 200]
    assert Session.objects.count() == 1


def test_where_the_desk_requires_it_nothing_is_done_before_it_is_switched_on(ada: User, settings: Any) -> None:
    settings.SECOND_FACTOR = "required"
    viewer, _ = sign_in()
    ada.groups.set([Group.objects.get(name="viewer")])
    assert viewer.get(reverse("admin:index")).status_code == 200
    ada.groups.set([Group.objects.get(name="operator")])
    home = viewer.get(reverse("admin:index"))
    assert home.headers["Location"] == reverse("admin:console_account")
    assert viewer.post(reverse("admin:console_halts_action", args=["stop"])).status_code == 403
    assert "asks whoever may change something" in viewer.get(home.headers["Location"]).content.decode()
    switched_on(viewer)
    assert viewer.get(reverse("admin:index")).status_code == 200


def test_no_page_shows_the_tables_of_secrets() -> None:
    client = Client()
    client.force_login(User.objects.create_superuser("root"))
    for address in ("otp_totp/totpdevice/", "otp_static/staticdevice/"):
        assert client.get(f"/admin/{address}").status_code == 404


def test_what_cannot_be_done_about_an_account_is_not_found(ada: User) -> None:
    client, _ = sign_in()
    assert do(client, "forget").status_code == 404
    assert client.get(reverse("admin:console_account_action", args=["begin"])).status_code == 405
    forged = Client(enforce_csrf_checks=True)
    forged.force_login(ada)
    assert do(forged, "begin").status_code == 403
    assert not TOTPDevice.objects.exists()
