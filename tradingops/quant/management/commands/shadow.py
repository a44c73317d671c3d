"""Drafts that decide beside the published policy on live strands."""

from __future__ import annotations

import getpass
import json
from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

import psycopg
from django.core.management.base import BaseCommand, CommandError

from tradingops import connections, environments
from tradingops.management import desk, drafting
from tradingops.whatif import alone, shadows
from tradingops.whatif.draft import BadDraft
from tradingops.whatif.trial import LISTENER

EXAMPLE = "example: manage.py shadow start POLICY.json    or    manage.py shadow list"
USAGE = 2


class Command(BaseCommand):
    help = (
        "Let a draft of a policy decide beside the published one, on live strands, and say nothing. start and stop "
        "one, list how they stand; try_drafts, which up runs, follows with all of them. Exit code 2 for a draft that "
        f"cannot be used and for a shadow that is none. {EXAMPLE}"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", choices=["start", "stop", "list"])
        parser.add_argument("of", nargs="?", metavar="POLICY|ID", help="the draft to start with, the shadow to stop")
        parser.add_argument("--json", action="store_true", help="what list tells as JSON on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        """Exit with 0, or with 2 for what cannot be done."""
        actions: Mapping[str, Callable[[psycopg.Connection[Any], Mapping[str, Any]], None]] = {
            "start": self._start,
            "stop": self._stop,
            "list": self._list,
        }
        with connections.wire() as connection:
            actions[options["action"]](connection, options)

    def _start(self, connection: psycopg.Connection[Any], options: Mapping[str, Any]) -> None:
        if not options["of"]:
            raise CommandError("start: name the file of a draft, POLICY.json", returncode=USAGE)
        draft = drafting.read(options["of"])
        try:
            alone.covers(draft)
        except BadDraft as bad:
            raise CommandError(str(bad), returncode=USAGE) from None
        identity = shadows.begin(connection, _module(), draft, by=getpass.getuser())
        self.stdout.write(f"shadow {identity} begins with the next decision that is followed")

    def _stop(self, connection: psycopg.Connection[Any], options: Mapping[str, Any]) -> None:
        named = options["of"] or ""
        if not named.isdigit() or not shadows.stop(connection, int(named)):
            raise CommandError(f"stop: {named!r} is no shadow; `shadow list` tells them", returncode=USAGE)

    def _list(self, connection: psycopg.Connection[Any], options: Mapping[str, Any]) -> None:
        found = shadows.standings(connection)
        if options["json"]:
            self.stdout.write(json.dumps([asdict(each) for each in found]))
            return
        for each in found:
            self.stdout.write(
                f"shadow {each.id}, {each.state}: {each.compared} compared + {each.missing} missing = "
                f"{each.compared + each.missing} live decisions; {each.looser} looser, {each.stricter} stricter, "
                f"{each.resized} of another size{f'; {each.error}' if each.error else ''}"
            )


def _module() -> Any:
    return environments.modules(desk.of_mode())[LISTENER]
