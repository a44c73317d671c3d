"""Who a person is, however they are called: a user of the console by a key, an account of the system by its name."""

from __future__ import annotations

import os
import pwd
from typing import Any

from django.contrib.auth import get_user_model

USER, ACCOUNT = "user", "account"


def of_user(user: Any) -> str:
    """Return what a user stays, whatever they are renamed to."""
    return f"{USER}:{user.pk}"


def account() -> str:
    """Return the name of the account that runs this process: the system's word, and no variable's."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def of_account(name: str) -> str:
    """Return what an account of the system is called among persons."""
    return f"{ACCOUNT}:{name}"


def same(one: str, one_name: str, other: str, other_name: str) -> bool:
    """Return whether two are one person: one key, or one name of theirs, as given or as it is by now."""
    return one == other or bool(_names(one, one_name) & _names(other, other_name))


def _names(person: str, told: str) -> set[str]:
    sort, _, key = person.partition(":")
    by_now = key if sort == ACCOUNT else _username(key)
    return {each.casefold() for each in (told, by_now) if each}


def _username(key: str) -> str:
    people = get_user_model()
    return str(people.objects.filter(pk=key).values_list(people.USERNAME_FIELD, flat=True).first() or "")
