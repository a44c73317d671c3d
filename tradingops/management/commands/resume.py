"""`manage.py resume`: let a halted scope trade again."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tradingops.management import rulers
from tradingops.people import halting

USAGE = 2


class Command(BaseCommand):
    help = (
        "Let a halted scope trade again. It closes nothing and forgives no loss; other scopes stay as they are. "
        "Refused where a limit that halted it is still reached. "
        "Exit code 0, 2 for a scope that is refused or not halted. "
        "example: manage.py resume desk --reason 'feed is back'"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        rulers.add_scope(parser)
        parser.add_argument(
            "--measure-from-here",
            action="store_true",
            help="let the day's loss and the drawdown be measured from what the book is worth now; recorded",
        )
        rulers.add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Say it, and what still stands halted; raises CommandError where the scope is not halted."""
        try:
            halting.resume(
                options["scope"], asked=rulers.asked(options), measure_from_here=options["measure_from_here"]
            )
        except halting.RefusedHalt as fault:
            raise CommandError(str(fault), returncode=USAGE) from None
        rulers.tell(self, options)
