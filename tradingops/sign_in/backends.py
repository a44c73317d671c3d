"""How a name, a password and a code are checked: by Django and django-otp, once the throttle lets them through."""

from __future__ import annotations

from typing import Any

from asgiref.sync import sync_to_async
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from tradingops.sign_in import second_factor, throttle

#: What a request is told: how many seconds its sign-in has to wait.
WAIT = "sign_in_wait"


class ThrottledBackend(ModelBackend):
    """Looks at no password that has to wait."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        otp_token: str = "",
        **options: Any,
    ) -> User | None:
        """Return whose name, password and code these are, None for nobody's; raises PermissionDenied where to wait."""
        if username is None or password is None:
            return None
        address = throttle.address_of(request)
        try:
            with throttle.one_at_a_time(address):
                wait = throttle.claim(username, address=address, is_known=_is_signed_in(request, username))
                if not wait:
                    user = super().authenticate(request, username=username, password=password, **options)
                    return user if user is not None and second_factor.passes(user, otp_token) else None
        except throttle.Busy:
            wait = throttle.BUSY_SECONDS
        if request is not None:
            setattr(request, WAIT, wait)
        raise PermissionDenied(f"sign-in: wait {wait} s")

    async def aauthenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **options: Any
    ) -> User | None:
        """Do the same where it is awaited."""
        return await sync_to_async(self.authenticate)(request, username=username, password=password, **options)


def _is_signed_in(request: HttpRequest | None, name: str) -> bool:
    """Return whether this device holds a valid session of that very name."""
    user = getattr(request, "user", None)
    return bool(user and user.is_authenticated and throttle.spoken(user.get_username()) == throttle.spoken(name))
