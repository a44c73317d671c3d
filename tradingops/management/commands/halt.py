"""`manage.py halt`: stop a scope, or let it only reduce."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from strands.given import HaltState
from tradingops.management import rulers
from tradingops.people import halting

USAGE = 2
EXAMPLE = "example: manage.py halt symbol:BTC-PERP --reduce-only --reason 'feed is wrong'"


class Command(BaseCommand):
    help = (
        "Halt a scope: nothing is ordered for it but what protects a position; with --reduce-only also what reduces "
        "one. It is in force when the command returns, held by the database. Needs the database alone, no process of "
        f"the desk and no sign-in. Exit code 0, 2 for a scope that is none. {EXAMPLE}"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        rulers.add_scope(parser)
        parser.add_argument("--reduce-only", action="store_true", help="let orders pass that reduce a position")
        parser.add_argument("--until", type=_moment, metavar="MOMENT", help="of market time: 2026-11-20T18:00:00Z")
        rulers.add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Say the halt, and what stands halted now; raises CommandError for what would be in force nowhere."""
        state = HaltState.REDUCE_ONLY if options["reduce_only"] else HaltState.HALTED
        try:
            halting.halt(options["scope"], state, asked=rulers.asked(options), until=options["until"])
        except halting.RefusedHalt as fault:
            raise CommandError(str(fault), returncode=USAGE) from None
        rulers.tell(self, options)


def _moment(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(text)
    return at
