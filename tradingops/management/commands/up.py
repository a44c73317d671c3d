"""`manage.py up`: the whole desk, from nothing to a page in the browser."""

from __future__ import annotations

import http.client
import os
import signal
import sys
import threading
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connection

from strands.market.bar import Timeframe
from strands.market.feeds import sources
from tradingops import localpg
from tradingops.management import door, files, first_sign_in, listing, pacing, pairs, processes, reviewing, schema
from tradingops.management.supervisor import Child, Supervisor

USAGE, ALREADY_UP = 2, 3
GOODBYES = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
ANSWER_SECONDS = 60
#: The feed waits so long for the console to answer: on a small machine each would slow the other's start.
HEAD_START_SECONDS = 4
LEAVING_SECONDS = 2.0
POLL_SECONDS = 0.05


class Command(BaseCommand):
    help = (
        "Start the desk: private PostgreSQL, migrations, first sign-in, console, feed, modules. Ctrl-C stops it all. "
        "Example: manage.py up --feed bars.csv --symbol BTC-PERP --timeframe 1m --speed max --once. "
        "Exit codes: 0 stopped or finished, 1 failed, 2 asked something it cannot do, 3 the desk is up already."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--feed", nargs="+", metavar="SOURCE", help="sim (default), files, or ccxt:EXCHANGE")
        parser.add_argument("--symbol", nargs="+", action="extend", default=[], help="which symbols the feed brings")
        parser.add_argument("--timeframe", help="the bars' length: 1m 5m 15m 1h 4h 1d")
        parser.add_argument("--speed", help="times as fast as the market, or max")
        listing.add_to(parser)
        pairs.add_to(parser)
        parser.add_argument("--bind", metavar="HOST:PORT", help="where the console listens (127.0.0.1:8000)")
        parser.add_argument("--once", action="store_true", help="stop when the feed is exhausted and the wire is quiet")
        parser.add_argument(
            "--review", action="store_true", help="have larger plans wait for a person in the inbox, by policy"
        )
        files.add_arguments(parser)
        parser.add_argument("--no-console", action="store_true", help="run feed and modules only")

    def handle(self, **options: Any) -> None:
        for number in GOODBYES:
            signal.signal(number, signal.default_int_handler)
        _refuse_what_no_feed_takes(options)
        # What cannot be read is told here, and not by a process that starts over and over.
        listing.read(options["instruments"])
        pairs.at_the_entrance(options["policy"])
        try:
            claim = door.Claim(settings.DATA_FOLDER)
            claim.take()
        except door.AlreadyUp as fault:
            raise CommandError(str(fault), returncode=ALREADY_UP) from None
        except OSError as fault:
            raise CommandError(f"TRADINGOPS_DATA: {settings.DATA_FOLDER} cannot be written to ({fault}).") from None
        supervisor = Supervisor(say=self.say, watch=self.keep_database)
        for number in GOODBYES:
            signal.signal(number, partial(_interrupt, supervisor))
        self.private = None if os.environ.get("DATABASE_URL") else localpg.private()
        try:
            with self.database(), _ended(supervisor):
                self.run(supervisor, claim, options)
        except KeyboardInterrupt:
            supervisor.ask_to_stop()
        if supervisor.failed:
            sys.exit(1)
        if supervisor.stopping:
            self.say("Stopped.")

    def say(self, words: str) -> None:
        self.stdout.write(words)
        self.stdout.flush()

    @contextmanager
    def database(self) -> Iterator[None]:
        """Have the private PostgreSQL running; stop it at the end if it was started here and nobody else uses it."""
        if self.private is None:
            yield
            return
        try:
            started = self.private.ensure()
        except localpg.FAULTS as fault:
            raise CommandError(str(fault)) from None
        if started:
            self.say(f"PostgreSQL started in {self.private.home}.")
        try:
            yield
        finally:
            if started and not _others_are_connected():
                connection.close()
                self.private.stop()

    def keep_database(self) -> None:
        """Start the private PostgreSQL again when somebody killed it."""
        if self.private is not None and not self.private.listens():
            self.say("PostgreSQL is gone; it starts again.")
            try:
                self.private.ensure()
            except localpg.FAULTS as fault:
                self.say(str(fault))

    def run(self, supervisor: Supervisor, claim: door.Claim, options: dict[str, Any]) -> None:
        """Start everything in the order that has the console answer soonest, and stay with it."""
        address, console = (None, None) if options["no_console"] else self.open_door(options["bind"])
        if console is not None and schema.was_up_to_date():
            supervisor.start(console)
        self.prepare()
        if console is not None and address is not None:
            if console not in supervisor.children:
                supervisor.start(console)
            claim.tell(address.url)
            answered = threading.Event()
            threading.Thread(target=self.greet, args=(address, answered), daemon=True).start()
            answered.wait(HEAD_START_SECONDS)
        if options["review"]:
            self.have_plans_reviewed()
        for child in processes.desk(options):
            supervisor.start(child)
        supervisor.run(until=lambda: options["once"] and all(child is console for child in supervisor.children))
        if options["once"] and not supervisor.failed:
            self.say("The feed is exhausted and the wire is quiet.")

    def have_plans_reviewed(self) -> None:
        """Have larger plans wait for a person, where nobody has said something of that yet."""
        try:
            if reviewing.turn_on():
                self.say("Larger plans now wait for a person: Inbox, in the console.")
        except CommandError as waits:
            self.say(str(waits))

    def prepare(self) -> None:
        """Bring the tables up to date and make the first sign-in."""
        try:
            schema.bring_up_to_date(self.say)
        except OperationalError as fault:
            raise CommandError(f"DATABASE_URL: the database does not answer ({str(fault).strip()}).") from None
        except ImproperlyConfigured as fault:
            raise CommandError(str(fault)) from None
        self.sign_in = first_sign_in.prepare(settings.DATA_FOLDER)
        connection.close()

    def open_door(self, bind: str | None) -> tuple[door.Address, Child]:
        """Listen for browsers, and return the console that will serve them."""
        try:
            address, listening = door.open_door(bind)
        except (OSError, ValueError) as fault:
            raise CommandError(f"The console cannot listen at {bind or door.DEFAULT_HOST}: {fault}.") from None
        if bind is None and address.port != door.DEFAULT_PORT:
            self.say(f"Port {door.DEFAULT_PORT} is taken; the console listens at {address.port} instead.")
        return address, processes.console(listening)

    def greet(self, address: door.Address, answered: threading.Event) -> None:
        """Say where the console is and how to sign in, as soon as it answers."""
        try:
            caller = http.client.HTTPConnection(address.url.split("/")[2], timeout=ANSWER_SECONDS)
            caller.request("GET", "/admin/login/")
            caller.getresponse()
        except OSError as fault:
            self.say(f"The console has not answered yet ({fault}).")
            return
        answered.set()
        self.say(f"\nThe desk is open ({settings.MODE}): {address.url}{self.how_to_sign_in()}\nCtrl-C stops it.\n")
        if address.host in door.EVERYWHERE and not os.environ.get("TRADINGOPS_ALLOWED_HOSTS"):
            self.say("Other machines are refused until TRADINGOPS_ALLOWED_HOSTS names the host they call.")

    def how_to_sign_in(self) -> str:
        if self.sign_in is None:
            return ""
        if self.sign_in.password and not first_sign_in.stays(self.stdout):
            return f"\nSign in as {self.sign_in.name} with {self.sign_in.password} (kept in {self.sign_in.path})."
        return f"\nSign in as {self.sign_in.name}; the password is in {self.sign_in.path} until you change it."


def _refuse_what_no_feed_takes(options: dict[str, Any]) -> None:
    """Refuse at once what the feed would refuse again and again, when everything else is up."""
    try:
        sources.refuse_odd_names(options["symbol"])
        if options["timeframe"] is not None:
            Timeframe.parse(options["timeframe"])
        if options["speed"] is not None:
            pacing.speed_of(options["speed"])
    except ValueError as fault:
        raise CommandError(f"--feed, --symbol, --timeframe, --speed: {fault}", returncode=USAGE) from None


def _interrupt(supervisor: Supervisor, *_: object) -> None:
    """Interrupt what is going on; should that fall where Python drops exceptions, the supervisor still knows."""
    supervisor.ask_to_stop()
    raise KeyboardInterrupt


@contextmanager
def _ended(supervisor: Supervisor) -> Iterator[None]:
    """End all children at the end, whatever happened; a second Ctrl-C does not interrupt that."""
    try:
        yield
    finally:
        for number in GOODBYES:
            signal.signal(number, signal.SIG_IGN)
        supervisor.stop()


def _others_are_connected() -> bool:
    """Say whether somebody else uses the database; what was stopped a moment ago is given one to leave."""
    asked = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
    until = time.monotonic() + LEAVING_SECONDS
    try:
        with connection.cursor() as cursor:
            while True:
                cursor.execute(asked)
                others = bool(cursor.fetchone()[0])
                if not others or time.monotonic() > until:
                    return others
                time.sleep(POLL_SECONDS)
    except OperationalError:
        return False
