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
        "Exit code 0, 2 for a scope that is not halted. example: manage.py resume desk --reason 'feed is back'"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        rulers.add_scope(parser)
        rulers.add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Say it, and what still stands halted; raises CommandError where the scope is not halted."""
        try:
            halting.resume(options["scope"], asked=rulers.asked(options))
        except halting.RefusedHalt as fault:
            raise CommandError(str(fault), returncode=USAGE) from None
        rulers.tell(self, options)
