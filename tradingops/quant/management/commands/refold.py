"""Recorded turns through today's code: the answers must be the recorded ones."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from tradingops import connections, environments
from tradingops.management import desk
from tradingops.replay.postgres import TurnRecord
from tradingops.replay.refold import Difference, Fold, Recorded, Unfoldable

EXAMPLE = "example: manage.py refold    or    manage.py refold --module dm --since 2026-11-20 --json"
SHOWN, USAGE = 20, 2


class Command(BaseCommand):
    help = f"Handle every recorded turn again and compare; exit status 1 when anything differs. {EXAMPLE}"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--module", metavar="NAME", help="only this listener")
        parser.add_argument("--since", metavar="T", help="report only turns given a time from T on (ISO)")
        parser.add_argument("--json", action="store_true", help="the report as JSON on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        since = _moment(options["since"])
        modules = environments.modules(desk.of_mode())
        if options["module"] and options["module"] not in modules:
            raise CommandError(
                f"--module: {options['module']} is no module; modules are {', '.join(modules)}", returncode=USAGE
            )
        with connections.wire() as connection, connection.transaction():
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            report = self._refold(
                TurnRecord(connection, check=environments.check(desk.of_mode())), modules, options["module"], since
            )
        self._tell(report, as_json=options["json"])
        if report["differences"]:
            sys.exit(1)

    def _refold(
        self, record: TurnRecord, modules: dict[str, Any], listener: str | None, since: datetime | None
    ) -> dict[str, Any]:
        turns = answers = earlier = 0
        differences: list[Difference] = []
        partitions = [each for each in record.partitions(listener) if each[0] in modules]
        with tqdm(unit=" turns", file=sys.stderr, disable=not sys.stderr.isatty()) as progress:
            for name, partition in partitions:
                fold = Fold(modules[name], partition)
                after, count = record.earlier(name, partition, fold.module.version)
                earlier += count
                if count:
                    differences += fold.take_over(record.taken_over(name, partition, fold.module.version))
                for turn in record.turns(name, partition, after=after):
                    found = list(fold.take(turn))
                    differences += found if _is_since(since, turn) else []
                    progress.update()
                differences += fold.end(record.state(name, partition))
                turns, answers = turns + fold.turns, answers + fold.answers
        differences += _missing(record, [listener] if listener else list(modules), since)
        return {
            "partitions": len(partitions),
            "turns": turns,
            "answers": answers,
            "earlier": earlier,
            "differences": [{**asdict(each), "told": str(each)} for each in differences],
        }

    def _tell(self, report: dict[str, Any], *, as_json: bool) -> None:
        found = report["differences"]
        said = f"{report['turns']} turns and {report['answers']} answers of {report['partitions']} partitions: "
        said += f"{len(found)} differences"
        if report["earlier"]:
            said += (
                f"; {report['earlier']} turns were taken by other versions of their modules, which alone refold them"
            )
        if as_json:
            self.stdout.write(json.dumps(report, default=str))
            self.stderr.write(said)
            return
        for each in found[:SHOWN]:
            self.stdout.write(each["told"])
        if len(found) > SHOWN:
            self.stdout.write(f"… and {len(found) - SHOWN} more; --json tells them all")
        self.stdout.write(said)


def _is_since(since: datetime | None, turn: Recorded | Unfoldable) -> bool:
    now = turn.given.now if isinstance(turn, Recorded) else turn.now
    return since is None or now is None or now >= since


def _missing(record: TurnRecord, listeners: list[str], since: datetime | None) -> Iterator[Difference]:
    """Yield what was said to a listener and has no turn, and what was said in a module's name by no turn of it."""
    for name, symbol, identity, at in record.unheard(listeners):
        if since is None or at >= since:
            yield Difference(name, symbol, 0, identity, "turn", None, "due: it names this listener, and none was taken")
    for name, symbol, identity, at in record.unsaid(listeners):
        if since is None or at >= since:
            yield Difference(name, symbol, 0, identity, "turn that said it", None, "missing: no turn answered with it")


def _moment(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        given = datetime.fromisoformat(text)
    except ValueError:
        raise CommandError(
            f"--since: {text} is no ISO date or time, such as 2026-11-20 or 2026-11-20T12:00:00Z",
            returncode=USAGE,
        ) from None
    return given if given.tzinfo else given.replace(tzinfo=UTC)
