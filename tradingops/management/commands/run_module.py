"""Run listeners: take turns while anything waits, else sleep until woken."""

from __future__ import annotations

import signal
from argparse import ArgumentParser
from contextlib import nullcontext
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from tradingops import connections, environments
from tradingops.listening import Pace, Worker, choose_clock, settled
from tradingops.management import desk, errands

USAGE = 2
#: A worker that looks more rarely than once an hour is none.
LONGEST_POLL = 3_600.0
EXAMPLE = "example: manage.py run_module dm trader    or    manage.py run_module --all --once"


class Command(BaseCommand):
    help = f"Run one module, several or all, in as many processes as you like. {EXAMPLE}"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("names", nargs="*", metavar="NAME", help=f"one or more of {', '.join(environments.ROUND)}")
        parser.add_argument(
            "--all", action="store_true", help="every module; a lesson writer that asks an endpoint only with --once"
        )
        parser.add_argument("--once", action="store_true", help="leave when nothing waits")
        parser.add_argument("--batch", type=int, default=100, metavar="N", help="most strands a transaction (100)")
        parser.add_argument("--poll", type=float, default=1.0, metavar="SECONDS", help="look at least so often (1)")
        parser.add_argument(
            "--clock",
            choices=["market", "wall"],
            default="wall" if settings.MODE == "live" else "market",
            help="the time modules are given: of the strand's first cause, or of the wall (market on paper, wall live)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        worker = Worker(
            modules=self._chosen(options["names"], everyone=options["all"], once=options["once"]),
            wire=environments.wire(connections.wire),
            now=choose_clock(options["clock"]),
            batch=_at_least_one(options["batch"]),
            pace=Pace(poll=_above_zero(options["poll"])),
        )
        for each in (signal.SIGTERM, signal.SIGINT):
            signal.signal(each, worker.stop)
        self.stderr.write(f"listening: {', '.join(module.name for module in worker.modules)}")
        with settled(), nullcontext() if options["once"] else errands.running():
            worker.run(once=options["once"])
        self.stderr.write(f"{worker.turns.total()} turns taken")

    def _chosen(self, names: list[str], *, everyone: bool, once: bool) -> list[Any]:
        modules = desk.modules()
        if everyone:
            return list(modules.values()) if once else desk.in_lockstep()
        if not names:
            raise CommandError(f"name a module or give --all; modules are {', '.join(modules)}", returncode=USAGE)
        if unknown := [name for name in names if name not in modules]:
            raise CommandError(
                f"{', '.join(unknown)}: no such module; modules are {', '.join(modules)}", returncode=USAGE
            )
        return [modules[name] for name in modules if name in names]


def _at_least_one(batch: int) -> int:
    if batch < 1:
        raise CommandError(
            f"--batch: {batch} is below 1; give how many strands a transaction may take", returncode=USAGE
        )
    return batch


def _above_zero(seconds: float) -> float:
    if not 0 < seconds <= LONGEST_POLL:
        raise CommandError(
            f"--poll: {seconds} is no wait; give seconds above 0, at most {LONGEST_POLL:.0f}", returncode=USAGE
        )
    return seconds
