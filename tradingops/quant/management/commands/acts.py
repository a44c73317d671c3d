"""What people said to the desk, written as a file that a replay can be told."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tradingops import connections
from tradingops.replay.acts import act, postgres

EXAMPLE = "example: manage.py acts said.jsonl"
USAGE = 2


class Command(BaseCommand):
    help = (
        "Write what people said to this desk (halts, changes of policy, interventions, verdicts), each with the moment "
        f"of the market after which it took effect, for a replay. {EXAMPLE}"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", help="where to write, a line of JSON an act; - is standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        """Exit with 0, or with 2 for a file that cannot be written."""
        with connections.wire() as connection, connection.transaction():
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            placed = postgres.recorded(connection)
        text = "".join(f"{act.to_line(each.act)}\n" for each in placed)
        if options["file"] == "-":
            self.stdout.write(text, ending="")
        else:
            try:
                Path(options["file"]).write_text(text, encoding="utf-8")
            except OSError as fault:
                raise CommandError(f"FILE: {fault}; name one that can be written", returncode=USAGE) from None
        self.stderr.write(f"{len(placed)} acts of people")
        for each in placed:
            if each.open:
                self.stderr.write(
                    f"  {each.act.strand.kind} {each.act.strand.id}: modules took it at different moments; "
                    f"a replay tells all of them after {each.act.after}"
                )
