"""`manage.py prune`: retention of the audit, by its owner."""

from __future__ import annotations

import json
from argparse import ArgumentParser, ArgumentTypeError
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import ProgrammingError, connection

from tradingops import connections

REFUSED = 2
COUNT = """
    SELECT count(*), min(number), max(number) FROM audit_records
     WHERE number <= (SELECT number FROM audit_records WHERE at < %s ORDER BY number DESC LIMIT 1)
"""


def _day(given: str) -> datetime:
    try:
        return datetime.strptime(given, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise ArgumentTypeError(f"{given!r} is no day; write it as 2026-01-31") from None


class Command(BaseCommand):
    help = (
        "Cut the oldest records off the audit, as the database's owner. That it was done is a record itself, by which "
        "verify_audit tells it from records that are missing. Exit codes: 0 done, 2 refused. "
        "Example: manage.py prune audit --before 2025-01-01 --dry-run"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", choices=["audit"], help="what is cut: the audit alone has a retention by command")
        parser.add_argument("--before", type=_day, required=True, metavar="DAY", help="what is older (UTC) is cut")
        parser.add_argument("--dry-run", action="store_true", help="say what would be cut, and leave it")
        parser.add_argument("--json", action="store_true", help="the result as JSON on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        """Cut, or say what would be; raises CommandError for a day to come, and for whoever is not the owner."""
        before: datetime = options["before"]
        if before > datetime.now(UTC):
            raise CommandError(f"--before: {before:%Y-%m-%d} is to come; give a day that is over", returncode=REFUSED)
        try:
            with connections.as_owner(), connection.cursor() as cursor:
                cursor.execute(COUNT, [before])
                count, first, last = cursor.fetchone()
                if count and not options["dry_run"]:
                    cursor.execute("SELECT tradingops_cut_audit(%s)", [before])
        except ProgrammingError as fault:
            raise CommandError(
                f"the audit is cut by the database's owner: {str(fault).partition(chr(10))[0]}. Name the owner in "
                "DATABASE_OWNER_URL",
                returncode=REFUSED,
            ) from None
        told = {"what": "audit", "records": count, "first": first, "last": last, "cut": not options["dry_run"]}
        if options["json"]:
            self.stdout.write(json.dumps(told))
        done = "would be cut" if options["dry_run"] else "were cut"
        which = f" ({first} to {last})" if count else ""
        self.stderr.write(f"{count} records from before {before:%Y-%m-%d} UTC {done}{which}.")
