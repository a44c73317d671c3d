"""`manage.py verify_audit`: whether the audit is as it was written."""

from __future__ import annotations

import json
import re
import sys
from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from tradingops.audit import chain, postgres

FOUND = 1
NOTED = re.compile(r"(\d+):([0-9a-f]{64})")
EXAMPLE = "Example: manage.py verify_audit --json"


def _noted(given: str) -> chain.Head:
    match = NOTED.fullmatch(given)
    if match is None:
        raise ArgumentTypeError(f"{given!r} is not NUMBER:HASH, as this command tells the head of the chain")
    return chain.Head(number=int(match[1]), hash=match[2])


class Command(BaseCommand):
    help = (
        "Hash every record of the audit anew and name each that was changed, is missing, stands in another's place or "
        "starts a second chain; what its owner cut off, with a record of it, is told and is no fault. Prints the head: "
        "kept elsewhere and given back with --noted, it shows a chain that was written anew from end to end. Exit "
        f"codes: 0 whole, 1 something is wrong. {EXAMPLE}"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--noted", action="append", type=_noted, default=[], metavar="NUMBER:HASH", help="a head kept elsewhere"
        )
        parser.add_argument("--json", action="store_true", help="the result as JSON on standard output")

    def handle(self, **options: Any) -> None:
        with transaction.atomic():
            _in_one_moment()
            head = postgres.head()
            found = chain.findings(postgres.records(), head=head, noted=options["noted"])
        wrong = [each for each in found if each.what is not chain.Wrong.CUT]
        told = None if head is None else f"{head.number}:{head.hash}"
        if options["json"]:
            listed = [{"what": each.what, "first": each.first, "last": each.last, "told": each.told} for each in found]
            self.stdout.write(json.dumps({"whole": not wrong, "head": told, "findings": listed}))
        for each in found:
            self.stderr.write(str(each))
        self.stderr.write(f"{'The audit is whole' if not wrong else f'{len(wrong)} findings'}; its head is {told}.")
        if wrong:
            sys.exit(FOUND)


def _in_one_moment() -> None:
    """Read records and head as they stood at one moment, whoever writes meanwhile."""
    from django.db import connection

    if len(connection.savepoint_ids) == 0:
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
