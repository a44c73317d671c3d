"""The second factor of a sign-in: the codes of an app (TOTP), and recovery codes for whoever has lost it.

A code counts once. Recovery codes are kept as hashes; the app's secret is kept as it is, as it is reckoned with.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from typing import Any

import segno
from django.conf import settings
from django.db import transaction
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

NAME = "sign-in"
#: How many recovery codes there are, and of how many letters of base 32 each is made.
RECOVERY_CODES, LETTERS = 10, 16
DIGITS = 6


def device_of(user: Any, *, confirmed: bool = True) -> TOTPDevice | None:
    """Return what makes a person's codes, None where they have not switched it on."""
    return TOTPDevice.objects.filter(user_id=user.pk, confirmed=confirmed).order_by("-pk").first()


def begin(user: Any) -> TOTPDevice:
    """Make a secret that counts for nothing until a code made of it was given; it replaces one begun before."""
    with transaction.atomic():
        TOTPDevice.objects.filter(user_id=user.pk, confirmed=False).delete()
        return TOTPDevice.objects.create(user_id=user.pk, name=NAME, confirmed=False)


def confirm(user: Any, code: str) -> list[str] | None:
    """Switch the second factor on by its first code; return the recovery codes, None for a code that is not right."""
    with transaction.atomic():
        begun = TOTPDevice.objects.select_for_update().filter(user_id=user.pk, confirmed=False).order_by("-pk").first()
        if begun is None or not begun.verify_token(_plain(code)):
            return None
        TOTPDevice.objects.filter(user_id=user.pk).exclude(pk=begun.pk).delete()
        begun.confirmed = True
        begun.save()
        return _recovery_codes(user)


def passes(user: Any, code: str) -> bool:
    """Return whether a person's code is right, and use it up; anything is where they have switched nothing on."""
    given = _plain(code)
    is_of_app = len(given) == DIGITS and given.isdecimal()
    with transaction.atomic():
        device = TOTPDevice.objects.select_for_update().filter(user_id=user.pk, confirmed=True).first()
        if device is None:
            return True
        if is_of_app:
            return bool(device.verify_token(given))
        kept = StaticDevice.objects.select_for_update().filter(user_id=user.pk, confirmed=True).first()
        return kept is not None and bool(kept.verify_token(_hashed(given)))


def reset(user: Any) -> bool:
    """Take a person's second factor and recovery codes away; return whether there were any."""
    with transaction.atomic():
        StaticDevice.objects.filter(user_id=user.pk).delete()
        return bool(TOTPDevice.objects.filter(user_id=user.pk).delete()[0])


def codes_left(user: Any) -> int:
    """Return how many recovery codes a person has not used."""
    return int(StaticToken.objects.filter(device__user_id=user.pk).count())


def is_lacking(user: Any, *, permissions: frozenset[str]) -> bool:
    """Return whether somebody who may change something has to switch it on first, as the desk's setting wants."""
    if settings.SECOND_FACTOR != "required" or not user.is_authenticated:
        return False
    return any(map(user.has_perm, permissions)) and device_of(user) is None


def secret_of(device: TOTPDevice) -> str:
    """Return a secret as an app takes it by hand: base 32, in groups of four letters."""
    text = base64.b32encode(device.bin_key).decode()
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


def drawn(device: TOTPDevice) -> str:
    """Return the QR code of a secret as the address of a picture that holds itself: nobody else is asked for it."""
    return str(segno.make(device.config_url, error="m").svg_data_uri(scale=5, border=3, dark="#000", light="#fff"))


def _recovery_codes(user: Any) -> list[str]:
    StaticDevice.objects.filter(user_id=user.pk).delete()
    device = StaticDevice.objects.create(user_id=user.pk, name=NAME)
    codes = [base64.b32encode(secrets.token_bytes(LETTERS * 5 // 8)).decode().lower() for _ in range(RECOVERY_CODES)]
    StaticToken.objects.bulk_create([StaticToken(device=device, token=_hashed(each)) for each in codes])
    return ["-".join(each[at : at + 4] for at in range(0, LETTERS, 4)) for each in codes]


def _plain(code: str) -> str:
    return "".join(code.split()).replace("-", "").lower()


def _hashed(code: str) -> str:
    """Return what is kept of a recovery code: of eighty bits of chance, so no slow hash is needed."""
    return hashlib.sha256(code.encode()).hexdigest()[:16]
