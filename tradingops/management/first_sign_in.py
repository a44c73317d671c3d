"""The first operator: made once with a random password, which waits in a file until it is changed."""

from __future__ import annotations

import hashlib
import os
import secrets
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser
from django.db import transaction

NAME = "operator"
PASSWORD_BYTES = 12


@dataclass(frozen=True)
class SignIn:
    """How to sign in: ``password`` is there only in the moment it was made."""

    name: str
    path: Path | None = None
    password: str | None = None


def prepare(folder: Path) -> SignIn | None:
    """Make the first operator when there is no user yet; return how to sign in, None when only the users know.

    The file `first-sign-in.txt` in ``folder``, readable by its owner alone, goes away once the password is changed.
    """
    path = folder / "first-sign-in.txt"
    with transaction.atomic():
        if not get_user_model().objects.exists():
            return _make(path)
    if not path.exists():
        return None
    if _still_holds(path):
        return SignIn(NAME, path)
    path.unlink()
    return None


def stays(stream: Any) -> bool:
    """Return whether what is written to a stream is kept, by a file or by a journal at a socket."""
    try:
        mode = os.fstat(stream.fileno()).st_mode
    except (AttributeError, OSError):
        return False
    return stat.S_ISREG(mode) or stat.S_ISSOCK(mode)


def _make(path: Path) -> SignIn:
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    user = get_user_model().objects.create_superuser(username=NAME, password=password)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.unlink(missing_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(f"name: {NAME}\npassword: {password}\nof: {_fingerprint(user)}\n")
    return SignIn(NAME, path, password)


def _still_holds(path: Path) -> bool:
    """Say whether the operator's password is the one in the file, without hashing it anew."""
    user = get_user_model().objects.filter(username=NAME).first()
    return user is not None and f"of: {_fingerprint(user)}" in path.read_text().splitlines()


def _fingerprint(user: AbstractUser) -> str:
    return hashlib.sha256(user.password.encode()).hexdigest()
