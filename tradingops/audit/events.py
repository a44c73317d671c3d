"""Sign-ins, sign-outs and failed ones as records of the audit, heard by Django's signals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.auth import get_user_model, signals
from django.db import connections, transaction

from tradingops.audit import acting, audited

RECORD = "SELECT tradingops_audit_event(%s, %s)"
UNKNOWN = "unknown name"


def connect() -> None:
    """Hear Django's signals from now on."""
    signals.user_logged_in.connect(_signed_in, dispatch_uid="tradingops.audit.signed_in")
    signals.user_logged_out.connect(_signed_out, dispatch_uid="tradingops.audit.signed_out")
    signals.user_login_failed.connect(_failed, dispatch_uid="tradingops.audit.failed")


def record(action: str, *, key: str, using: str = "default") -> None:
    """Record what changes no table, such as a sign-in; ``key`` says whose.

    The database knows the actions: another one is refused.
    """
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        acting.tell(connections[using])
        cursor.execute(RECORD, [action, key])


def _signed_in(*, user: Any, **_: Any) -> None:
    record(audited.SIGNED_IN, key=user.get_username())


def _signed_out(*, user: Any, **_: Any) -> None:
    if user is not None:
        record(audited.SIGNED_OUT, key=user.get_username())


def _failed(*, credentials: Mapping[str, Any], **_: Any) -> None:
    """Record whose sign-in failed; a name that is nobody's is not kept, as people type passwords into the wrong box."""
    people = get_user_model()
    named = credentials.get(people.USERNAME_FIELD) or ""
    known = people.objects.filter(**{people.USERNAME_FIELD: named}).exists()
    record(audited.SIGN_IN_FAILED, key=named if known else UNKNOWN)
