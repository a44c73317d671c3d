"""Who acts: told to the database with every write that is audited, for the length of its transaction."""

from __future__ import annotations

import getpass
import json
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.http import HttpRequest

from tradingops.audit import audited
from tradingops.sign_in import client

#: The setting of a transaction that the audit's triggers read.
SETTING = "tradingops.actor"
TELL = f"SELECT set_config('{SETTING}', %s, true)"

Actor = dict[str, Any]
_acting: ContextVar[Callable[[], Actor] | None] = ContextVar("acting", default=None)
_READS = re.compile(r"[\s(]*(SELECT|SAVEPOINT|RELEASE|ROLLBACK|SET|DECLARE|FETCH|CLOSE|EXPLAIN|SHOW)\b", re.IGNORECASE)
_AUDITED = re.compile("|".join((audited.ACTS_TABLE, *(each.table for each in audited.AUDITED))))


@contextmanager
def acting(who: Callable[[], Actor]) -> Iterator[None]:
    """Let everything that is written in the block be somebody's: ``who`` is asked at each write."""
    before = _acting.set(who)
    try:
        yield
    finally:
        _acting.reset(before)


@cache
def command_line() -> Actor:
    """Return the actor of whatever no request leads to: the system's account, and the command it runs."""
    program = Path(sys.argv[0]).name if sys.argv else ""
    try:
        account = getpass.getuser()
    except (KeyError, OSError):
        account = ""
    path = " ".join((program, *sys.argv[1:2])).strip()
    return {"actor": f"command line: {account}", "address": "local", "path": path}


def current() -> Actor:
    """Return who acts now."""
    who = _acting.get()
    return command_line() if who is None else who()


def tell_of_writes(*, connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Have a new connection tell who acts with each write to an audited table."""
    if _telling not in connection.execute_wrappers:
        connection.execute_wrappers.append(_telling)


def _telling(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
    if not isinstance(sql, str) or _READS.match(sql) or not _AUDITED.search(sql):
        return execute(sql, params, many, context)
    connection = context["connection"]
    if connection.in_atomic_block:
        tell(connection)
        return execute(sql, params, many, context)
    with transaction.atomic(using=connection.alias):
        tell(connection)
        return execute(sql, params, many, context)


def tell(connection: BaseDatabaseWrapper) -> None:
    """Tell the database who acts, until the end of this transaction."""
    with connection.cursor() as cursor:
        cursor.execute(TELL, [json.dumps(current())])


def of_request(request: HttpRequest) -> Callable[[], Actor]:
    """Return what tells who acts by a request, as it stands at the moment of each write."""
    asking = False

    def who() -> Actor:
        nonlocal asking
        # To find the person may itself write, as where a session that is no longer good is thrown away.
        user = None if asking else getattr(request, "user", None)
        asking = True
        try:
            known = user if user is not None and user.is_authenticated else None
            return {
                "actor": known.get_username() if known is not None else "",
                "actor_id": known.pk if known is not None else None,
                "address": client.address(request.META, proxies=settings.PROXIES),
                "path": f"{request.method} {request.path}"[:500],
            }
        finally:
            asking = False

    return who
