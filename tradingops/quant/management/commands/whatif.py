"""Recorded decisions under a draft of a policy."""

from __future__ import annotations

import getpass
import json
import sys
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from tradingops import connections, environments
from tradingops.management import desk, drafting
from tradingops.replay.postgres import TurnRecord
from tradingops.whatif import period, printed, work
from tradingops.whatif.alone import Alone
from tradingops.whatif.draft import BadDraft, Draft
from tradingops.whatif.turns import Turns

EXAMPLE = "example: manage.py whatif POLICY.json    or    manage.py whatif POLICY.json --last 5000 --json"
LAST, USAGE, INCOMPLETE = 1_000, 2, 1


class Command(BaseCommand):
    help = (
        "Decide the last plans again under a draft of a policy, each from the state it was decided in, and tell which "
        "decisions flip; of a policy that decides no plan take its module's last turns again. Exit code 0 when all of "
        "them were taken again, 1 when some could not be and are counted with their reason, 2 for a draft that cannot "
        f"be used. {EXAMPLE}"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "policy",
            metavar="POLICY",
            help='a file of JSON or YAML: {"policy": "dm", "content": {"min_confidence": 0.65}}',
        )
        parser.add_argument("--last", type=_count, default=LAST, metavar="N", help="how many of the last decisions")
        parser.add_argument(
            "--period",
            action="store_true",
            help="replay the whole recorded period under the draft instead, path and all; for any module's policy",
        )
        parser.add_argument("--since", type=_moment, metavar="T", help="with --period: from this market time on (ISO)")
        parser.add_argument("--until", type=_moment, metavar="T", help="with --period: up to this market time (ISO)")
        parser.add_argument("--queue", action="store_true", help="with --period: leave it to try_drafts")
        parser.add_argument("--json", action="store_true", help="the report as JSON on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        """Exit with 0, 1 or 2 as the help says."""
        draft = drafting.read(options["policy"])
        try:
            if options["period"]:
                self._period(draft, options)
                return
            found = self._decided(draft, last=options["last"])
        except BadDraft as bad:
            raise CommandError(str(bad), returncode=USAGE) from None
        if options["json"]:
            self.stdout.write(json.dumps(found.to_json(), default=str))
        words = printed.text(found) if isinstance(found, Alone) else printed.of_turns(found)
        (self.stderr if options["json"] else self.stdout).write(words)
        if not found.is_complete:
            sys.exit(INCOMPLETE)

    def _period(self, draft: Draft, options: Mapping[str, Any]) -> None:
        """Replay a period, or leave it to a worker."""
        term = period.Term(since=options["since"], until=options["until"])
        if options["queue"]:
            period.settings_of(draft, mode=desk.of_mode())
            told = {"policy": draft.policy, "symbol": draft.symbol, "content": dict(draft.content)}
            model = apps.get_model("tradingops_whatif", "Job")
            row = model.objects.create(draft=told, since=term.since, until=term.until, asked_by=getpass.getuser())
            self.stdout.write(json.dumps({"job": row.pk}) if options["json"] else f"job {row.pk} waits")
            return
        with connections.wire() as connection, connection.transaction():
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            whole = period.replayed(connection, draft, mode=desk.of_mode(), term=term)
        if options["json"]:
            self.stdout.write(json.dumps(whole.to_json(), default=str))
        (self.stderr if options["json"] else self.stdout).write(printed.of_period(whole))

    def _decided(self, draft: Draft, *, last: int) -> Alone | Turns:
        settings = desk.of_mode()
        module = environments.modules(settings)[draft.policy]
        with connections.wire() as connection, connection.transaction():
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            record = TurnRecord(connection, check=environments.check(settings))
            with tqdm(unit=" turns", file=sys.stderr, disable=not sys.stderr.isatty()) as progress:
                return work.last_of(connection, record, module, draft, last=last, progress=progress.update)


def _moment(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text}: is no ISO date or time, such as 2026-11-20T12:00:00Z") from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _count(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise ArgumentTypeError(f"{text}: is no count of decisions; write 1 or more")
    return int(text)
