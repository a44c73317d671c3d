"""`manage.py drill`: rehearse the worst day on a desk of its own."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tradingops.drill import rehearsals, scratch


class Command(BaseCommand):
    help = (
        "Rehearse a halt, the loss of a listener, a restart of the database, a silent venue and a flatten on a desk of "
        "its own, on paper, with a PostgreSQL of its own that is thrown away; the book of this desk is not touched. "
        "Exit code 0 when all pass, 1 when one fails. example: manage.py drill --json"
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="a line of JSON a rehearsal on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        """Tell each result as it is there; raises CommandError when one failed."""
        failed = []
        try:
            with scratch.desk() as desk:
                for each in rehearsals.all_of_them(desk):
                    failed += [] if each.passed else [each.name]
                    self._tell(each, as_json=options["json"])
        except scratch.DrillFailed as fault:
            raise CommandError(f"No desk to rehearse on: {fault}") from None
        if failed:
            raise CommandError(f"Failed: {', '.join(failed)}.")

    def _tell(self, result: rehearsals.Result, *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(asdict(result)))
            return
        word = "pass" if result.passed else "FAIL"
        self.stdout.write(f"{word}  {result.name:<17} {result.seconds:6.1f} s  {result.told}")
