"""`manage.py roles`: the database's owner and the application's role, apart."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from functools import partial
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import ProgrammingError, connection

from strands import tags
from tradingops import connections
from tradingops.database_roles import grants, rights

FOUND, USAGE = 1, 2
EXAMPLE = "Example: manage.py roles --check"


class Command(BaseCommand):
    help = (
        "Give the application's role its rights, and make it where it lacks: it says more and cannot unsay. `migrate` "
        "and `up` do so by themselves; the owner is DATABASE_OWNER_URL's, or the private PostgreSQL's. With --worker, "
        "a role for the workers of one module, which speaks in its own table alone. Exit codes: 0 as it should be, "
        f"1 a role may do more than it should, 2 owner and application are one role. {EXAMPLE}"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--worker", choices=sorted(tags.LISTENERS), help="the role of one module's workers")
        parser.add_argument("--role", help="the worker's role by another name than tradingops_MODULE")
        parser.add_argument(
            "--check", action="store_true", help="change nothing; tell what a role may beyond its rights"
        )
        parser.add_argument("--sql", action="store_true", help="change nothing; write the SQL that gives the rights")
        parser.add_argument("--json", action="store_true", help="for --check: JSON on standard output")

    def handle(self, **options: Any) -> None:
        login, may = _meant(options["worker"], options["role"])
        with connections.as_owner():
            if options["check"]:
                self._check(login, may, as_json=options["json"])
            elif options["sql"]:
                with connection.cursor() as cursor:
                    for each in grants.statements(cursor, login, may):
                        self.stdout.write(f"{each.as_string(cursor.connection)};")
            else:
                self._give(login, may)

    def _give(self, login: grants.Login, may: grants.Rights) -> None:
        try:
            grants.give(login, may)
        except ProgrammingError as fault:
            raise CommandError(
                f"DATABASE_OWNER_URL: {str(fault).strip()}. Name a role that owns the tables and may make roles, or "
                f"let one that may do it run what --sql writes, after CREATE ROLE {login.name} LOGIN."
            ) from None
        self.stderr.write(f"{login.name} has its rights.")

    def _check(self, login: grants.Login, may: grants.Rights, *, as_json: bool) -> None:
        try:
            found = grants.findings(login, may)
        except grants.NotApart as fault:
            raise CommandError(str(fault), returncode=FOUND) from None
        if as_json:
            self.stdout.write(json.dumps({"role": login.name, "findings": found}))
        for each in found:
            self.stderr.write(each)
        if found:
            sys.exit(FOUND)
        self.stderr.write(f"{login.name} may do what it should, and no more.")


def _meant(worker: str | None, role: str | None) -> tuple[grants.Login, grants.Rights]:
    if worker is not None:
        return grants.Login(name=role or f"tradingops_{worker}"), partial(rights.worker, listener=worker)
    try:
        return grants.application(), rights.application
    except grants.NotApart as fault:
        raise CommandError(str(fault), returncode=USAGE) from None
