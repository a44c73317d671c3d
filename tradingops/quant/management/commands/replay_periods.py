"""Whole periods that wait to be replayed under a draft."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from tradingops import connections
from tradingops.management import desk
from tradingops.whatif import work

EXAMPLE = "example: manage.py replay_periods    or    manage.py replay_periods --once"
POLL = 1.0


class Command(BaseCommand):
    help = (
        "Replay the periods that people asked for (whatif --period --queue), one after another, and leave each with "
        "its result. A period whose process was killed is begun again; run several for more at a time. Exit code 0. "
        f"{EXAMPLE}"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="leave when no period waits")

    def handle(self, *args: Any, **options: Any) -> None:
        """Work until stopped, or until nothing waits."""
        # The lock on a period belongs to a session, which a pooler would share out.
        with connections.listening() as holder, connections.wire() as reader:
            while True:
                taken = work.take(holder, reader, mode=desk.of_mode())
                if taken is not None:
                    self.stderr.write(f"period {taken} is worked off")
                elif options["once"]:
                    return
                else:
                    time.sleep(POLL)
