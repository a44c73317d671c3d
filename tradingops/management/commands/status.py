"""`manage.py status`: the desk at a glance."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import ProgrammingError

from tradingops.management import standing


class Command(BaseCommand):
    help = (
        "Show the desk at a glance: database, workers, what waits and failed, last bar, money. Example: status --json"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="JSON on standard output")

    def handle(self, **options: Any) -> None:
        """Exit with 0, or with 1 when the database has no tables yet."""
        try:
            found = standing.of_the_desk()
        except ProgrammingError as fault:
            raise CommandError(
                f"The tables are not there yet; run manage.py migrate ({str(fault).splitlines()[0]})."
            ) from None
        self.stdout.write(json.dumps(found) if options["json"] else "\n".join(_lines(found)))


def _lines(found: dict[str, Any]) -> Iterator[str]:
    database, portfolio = found["database"], found["portfolio"]
    yield f"Mode      {found['mode']}"
    where = "private" if database["private"] else database["host"]
    yield f"Database  PostgreSQL {database['postgresql'].split()[0]}, {where}, {database['bytes'] / 1e6:.0f} MB"
    yield f"Last bar  {found['last_bar'] or 'none yet'}"
    if portfolio is None:
        yield "Money     nothing said yet"
    else:
        yield f"Money     {portfolio['value']} of which cash {portfolio['cash']}, at {portfolio['at']}"
        yield f"Positions {portfolio['open_positions']} open"
    alive = [worker for worker in found["workers"] if worker["alive"]]
    yield f"Workers   {', '.join(map(_worker, alive)) or 'none'}"
    for name, figures in found["listeners"].items():
        yield f"{name:<9} {figures['waiting']} waiting ({figures['oldest_seconds']} s), {figures['failed']} set aside"


def _worker(worker: dict[str, Any]) -> str:
    return (
        f"{worker['listener']} (process {worker['pid']}, {worker['turns']} turns, {worker['beat_seconds_ago']} s ago)"
    )
