"""The form by which people sign in, which says how long to wait."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from unfold.forms import AuthenticationForm

from tradingops.sign_in.backends import WAIT


class SignInForm(AuthenticationForm):  # type: ignore[misc]
    """Name and password."""

    def get_invalid_login_error(self) -> ValidationError:
        """Return what was wrong, or how long to wait before the next try is looked at."""
        wait = getattr(self.request, WAIT, 0)
        return ValidationError(waiting(wait), code="wait") if wait else super().get_invalid_login_error()


def waiting(seconds: Any) -> str:
    """Return in words how long to wait."""
    return (
        f"Too many wrong tries by this name or from this address. This one was not looked at: wait {seconds} s, then "
        "try again."
    )
