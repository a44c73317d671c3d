"""Recorded decisions under a draft of a policy."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from tradingops import connections, environments
from tradingops.management import desk
from tradingops.replay.postgres import TurnRecord
from tradingops.whatif import alone, printed
from tradingops.whatif import draft as drafts
from tradingops.whatif.draft import BadDraft, Draft

EXAMPLE = "example: manage.py whatif POLICY.json    or    manage.py whatif POLICY.json --last 5000 --json"
LAST, USAGE, INCOMPLETE = 1_000, 2, 1


class Command(BaseCommand):
    help = (
        "Decide the last plans again under a draft of a policy, each from the state it was decided in, and tell which "
        "decisions flip. Exit code 0 when every decision was decided again, 1 when some could not be and are counted "
        f"with their reason, 2 for a draft that cannot be used. {EXAMPLE}"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "policy",
            metavar="POLICY",
            help='a file of JSON or YAML: {"policy": "dm", "content": {"min_confidence": 0.65}}',
        )
        parser.add_argument("--last", type=_count, default=LAST, metavar="N", help="how many of the last decisions")
        parser.add_argument("--json", action="store_true", help="the report as JSON on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        """Exit with 0, 1 or 2 as the help says."""
        try:
            draft = drafts.read(Path(options["policy"]), own=environments.listening(desk.of_mode()))
            alone.covers(draft)
        except BadDraft as bad:
            raise CommandError(str(bad), returncode=USAGE) from None
        found = self._decided(draft, last=options["last"])
        if options["json"]:
            self.stdout.write(json.dumps(found.to_json(), default=str))
        (self.stderr if options["json"] else self.stdout).write(printed.text(found))
        if found.tally.decided < found.tally.taken:
            sys.exit(INCOMPLETE)

    def _decided(self, draft: Draft, *, last: int) -> alone.Alone:
        settings = desk.of_mode()
        module = environments.modules(settings)[draft.policy]
        with connections.wire() as connection, connection.transaction():
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            record = TurnRecord(connection, check=environments.check(settings))
            with tqdm(unit=" turns", file=sys.stderr, disable=not sys.stderr.isatty()) as progress:
                return alone.decide(connection, record, module, draft, last=last, progress=progress.update)


def _count(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise ArgumentTypeError(f"{text}: is no count of decisions; write 1 or more")
    return int(text)
