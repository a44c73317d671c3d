"""What was asked of drafts, worked off: what-ifs, whole periods, and shadows beside the desk."""

from __future__ import annotations

import os
import signal
import threading
import time
from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any

import psycopg
from django.core.management.base import BaseCommand

from tradingops import connections, environments
from tradingops.management import desk
from tradingops.replay.postgres import TurnRecord
from tradingops.whatif import shadows, work
from tradingops.whatif.trial import LISTENER

EXAMPLE = "example: manage.py try_drafts    or    manage.py try_drafts --once"
POLL = 1.0
#: How far behind the desk's own processes this one stands when the machine is busy.
NICE = 10


class Command(BaseCommand):
    help = (
        "Work off what people asked of drafts: what-ifs and periods one after another, each left with its result, and "
        "shadows beside the desk as it decides. `up` runs one; more may run, on any host. A job whose process was "
        f"killed is begun again. Exit code 0. {EXAMPLE}"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="leave when no job waits and nothing new is recorded")

    def handle(self, *args: Any, **options: Any) -> None:
        """Work until stopped, or until nothing waits."""
        if options["once"]:
            self._follow(lambda: False, once=True)
            self._work_off(lambda: False, once=True)
            return
        os.nice(NICE)
        stopped = threading.Event()
        for each in (signal.SIGTERM, signal.SIGINT):
            signal.signal(each, lambda *_: stopped.set())
        workers = [threading.Thread(target=self._again_and_again, args=(each, stopped), daemon=True)
                   for each in (self._follow, self._work_off)]  # fmt: skip
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()

    def _again_and_again(self, task: Callable[..., None], stopped: threading.Event) -> None:
        """Do a task until stopped; where the database is gone, try again once it may be there."""
        while not stopped.is_set():
            try:
                task(stopped.is_set)
            except work.Left:
                return
            except psycopg.OperationalError as fault:
                self.stderr.write(f"the database does not answer ({str(fault).strip()}); trying again")
                stopped.wait(POLL)

    def _work_off(self, leaving: Callable[[], bool], *, once: bool = False) -> None:
        # The lock on a job belongs to a session, which a pooler would share out.
        with connections.listening() as holder, connections.wire() as reader:
            while not leaving():
                taken = work.take(holder, reader, mode=desk.of_mode(), leaving=leaving)
                if taken is not None:
                    self.stderr.write(f"job {taken} is worked off")
                elif once:
                    return
                else:
                    time.sleep(POLL)

    def _follow(self, leaving: Callable[[], bool], *, once: bool = False) -> None:
        module = environments.modules(desk.of_mode())[LISTENER]
        with connections.wire() as connection:
            while not leaving():
                shadows.take_up(connection, module)
                taken = sum(self._followed(connection, module, each) for each in shadows.following(connection))
                if once and not taken:
                    return
                if not taken:
                    time.sleep(POLL)

    def _followed(self, connection: psycopg.Connection[Any], module: Any, identity: int) -> int:
        record = TurnRecord(connection, check=environments.check(desk.of_mode()))
        try:
            return shadows.follow(connection, record, module, identity)
        except psycopg.OperationalError:
            raise
        except Exception as fault:  # noqa: BLE001  (whatever one shadow raises is its own end, and no other's)
            shadows.set_aside(connection, identity, f"{type(fault).__name__}: {fault}")
            self.stderr.write(f"shadow {identity} is set aside: {fault}")
            return 0
