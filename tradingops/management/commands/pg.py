"""`manage.py pg start | stop | status`: the private PostgreSQL."""

from __future__ import annotations

import json
import os
import re
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tradingops import localpg

USAGE = 2
#: The desk's, and the tests'.
CLUSTER = re.compile(r"pg(test\d*)?")


class Command(BaseCommand):
    help = "Start, stop or show the private PostgreSQL. Example: manage.py pg status --json"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", choices=["start", "stop", "status"])
        parser.add_argument("--cluster", default="pg", help="pg is the desk's, pgtest the tests'")
        parser.add_argument("--json", action="store_true", help="for status: JSON on standard output")

    def handle(self, *, action: str, cluster: str, **options: Any) -> None:
        """Exit with 0; `status` exits with 1 when the server does not answer."""
        if not CLUSTER.fullmatch(cluster):
            raise CommandError(
                f"--cluster: {cluster!r} is neither pg nor pgtest, nor pgtest with a number", returncode=USAGE
            )
        private = localpg.private(cluster)
        try:
            if action == "start":
                self.stdout.write("Started." if private.ensure() else "It runs already.")
            elif action == "stop":
                self.stdout.write("Stopped." if private.stop() else "It does not run.")
            else:
                self._status(private, as_json=options["json"])
        except localpg.FAULTS as fault:
            raise CommandError(str(fault)) from None

    def _status(self, private: localpg.Cluster, *, as_json: bool) -> None:
        found = {
            "answers": private.answers(),
            "used": not os.environ.get("DATABASE_URL"),
            "home": str(private.home),
            "url": private.url,
            "binaries": str(private.binaries),
        }
        if as_json:
            self.stdout.write(json.dumps(found))
        else:
            state = "answers" if found["answers"] else "does not run"
            unused = "" if found["used"] else "\n(DATABASE_URL is set: the desk uses that database instead.)"
            self.stdout.write(f"The private PostgreSQL {state}.\n{found['url']}\n{found['home']}{unused}")
        if not found["answers"]:
            sys.exit(1)
