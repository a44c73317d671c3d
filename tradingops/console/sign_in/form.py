"""The form by which people sign in, which says how long to wait."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import authenticate
from django.core.exceptions import ValidationError
from unfold.forms import AuthenticationForm
from unfold.widgets import BASE_INPUT_CLASSES

from tradingops.sign_in.backends import WAIT


class SignInForm(AuthenticationForm):  # type: ignore[misc]
    """Name and password, and the code of whoever switched a second factor on.

    All three are asked for at once and looked at together, so that no answer tells a right password from a wrong code.
    """

    otp_token = forms.CharField(
        required=False,
        max_length=40,
        label="Code",
        help_text="From your app, or a recovery code; empty where you did not switch it on.",
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "class": " ".join(BASE_INPUT_CLASSES)}),
    )

    def clean(self) -> dict[str, Any]:
        """Check all three; raises ValidationError where they are nobody's, or have to wait."""
        told: dict[str, Any] = self.cleaned_data
        if told.get("username") and told.get("password"):
            asked = {name: told.get(name) or "" for name in ("username", "password", "otp_token")}
            self.user_cache = authenticate(self.request, **asked)
            if self.user_cache is None:
                raise self.get_invalid_login_error()
            self.confirm_login_allowed(self.user_cache)
        return told

    def get_invalid_login_error(self) -> ValidationError:
        """Return what was wrong, or how long to wait before the next try is looked at."""
        wait = getattr(self.request, WAIT, 0)
        return ValidationError(waiting(wait) if wait else WRONG, code="wait" if wait else "invalid_login")


#: One sentence for whatever was wrong.
WRONG = (
    "Name, password or code is not right, or this is not a staff account. Name and password may be case-sensitive; a "
    "code is needed where you switched it on, and counts once."
)


def waiting(seconds: Any) -> str:
    """Return in words how long to wait."""
    return (
        f"Too many wrong tries by this name or from this address. This one was not looked at: wait {seconds} s, then "
        "try again."
    )
