"""Whether the database has today's tables, and giving it them."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import django
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from tradingops import connections
from tradingops.countersigns import rule
from tradingops.database_roles import grants


def bring_up_to_date(say: Callable[[str], None]) -> None:
    """Run the migrations that the database lacks, and remember that it lacks none; the application has its rights."""
    with connections.as_owner():
        executor = MigrationExecutor(connection)
        lacks = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if lacks:
        say("Preparing the tables …")
        call_command("migrate", interactive=False, verbosity=0)
    elif not was_up_to_date():
        with connections.as_owner():
            rule.keep()
        grants.give_to_application()
    _note().write_text(_fingerprint())


def was_up_to_date() -> bool:
    """Say whether this database had today's migrations when last prepared: a guess that asks nobody."""
    try:
        return _note().read_text() == _fingerprint()
    except OSError:
        return False


def _note() -> Path:
    return Path(settings.DATA_FOLDER) / "prepared"


def _fingerprint() -> str:
    """Return a digest of Django's version, the database's addresses, rights, what takes two, and our migrations."""
    names = sorted(str(path) for path in Path(settings.BASE_DIR).glob("[!.]*/**/migrations/*.py"))
    where = [os.environ.get(name, "") for name in ("DATABASE_URL", "DATABASE_OWNER_URL")]
    two = [str(settings.SECOND_PERSON_ABOVE), str(settings.SECOND_PERSON_MINUTES)]
    said = [django.__version__, *where, grants.digest(), *two, *names]
    return hashlib.sha256("\n".join(said).encode()).hexdigest()
