"""`manage.py flatten`: close everything in a scope, and say what became of each leg."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portfolio import ledger
from strands import figures
from strands.given import DESK, HaltState
from tradingops.management import rulers
from tradingops.people import acts, countersigning, flattening, halting, persons, say
from tradingops.people.flattening import Outcome, Result
from tradingops.policies import closing

USAGE = 2
#: Nothing was closed, as it waits for a second person.
WAITS = 3


class Command(BaseCommand):
    help = (
        "Close everything in a scope at market: entries are taken back, positions left, until the venues hold nothing "
        "and work no order of it. It halts nothing unless asked to. Exit code 0 when every leg is flat, 1 when one is "
        "not (yet), 2 for a scope that is none, an answer refused or no --yes, 3 when it waits for a second person. "
        "example: manage.py flatten symbol:BTC-PERP --dry-run"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        scopes = f"{DESK} (so by default), symbol:X or venue:X"
        parser.add_argument("scope", nargs="?", default=DESK, metavar="SCOPE", help=scopes)
        parser.add_argument("--dry-run", action="store_true", help="show what would be closed, and what that may cost")
        parser.add_argument("--yes", action="store_true", help="do it; without this word it only shows")
        parser.add_argument("--halt", action="store_true", help="let the scope only reduce from now on")
        answers = parser.add_mutually_exclusive_group()
        told = "confirm, as another person than who asked, what waits for a second one, and close it"
        answers.add_argument("--countersign", metavar="REQUEST", help=told)
        answers.add_argument("--decline", metavar="REQUEST", help="let what waits for a second person be over")
        parser.add_argument("--wait", type=float, default=30.0, metavar="SECONDS", help="wait so long for fills (30)")
        parser.add_argument("--reason", default=rulers.UNSAID, help="kept with what is said")
        parser.add_argument("--json", action="store_true", help="the legs as JSON on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        """Show or close; raises CommandError for a leg that is not flat, and for one that waits."""
        try:
            self._handle(options)
        except (flattening.NotFlattened, countersigning.Refused) as fault:
            raise CommandError(str(fault), returncode=USAGE) from None

    def _handle(self, options: dict[str, Any]) -> None:
        asked = say.asked(by=persons.account(), reason=options["reason"])
        if identity := options["countersign"] or options["decline"]:
            self._answer(countersigning.find(identity), asked, options)
            return
        legs = flattening.legs(options["scope"])
        if options["dry_run"] or not options["yes"]:
            self._show(legs, options)
            return
        if options["halt"]:
            halting.halt(options["scope"], HaltState.REDUCE_ONLY, asked=asked)
        if two := countersigning.rule_for(legs):
            identity = countersigning.ask(legs, action="flatten", scope=options["scope"], asked=asked)
            if options["json"]:
                self.stdout.write(json.dumps({"waits": identity}))
            raise CommandError(
                f"Nothing was closed: above {two.above:f} it takes a second person. Within {two.minutes} minutes "
                f"another account says: manage.py flatten --countersign {identity} --yes",
                returncode=WAITS,
            )
        flattening.close(legs, asked=asked)
        self._tell(flattening.wait(legs, since=asked, seconds=options["wait"]), options)

    def _answer(self, request: countersigning.Request, asked: acts.Asked, options: dict[str, Any]) -> None:
        """Confirm or decline what waits; without the word yes, show what confirming would close."""
        if options["decline"]:
            countersigning.decline(request, asked=asked)
            self.stderr.write(f"Declined what {request.by} asked for: nothing was closed.")
            return
        legs = countersigning.seen_by(request)
        self.stderr.write(f"{request.by} asked on {request.since:%Y-%m-%d %H:%M:%S} UTC: {request.reason}")
        if options["dry_run"] or not options["yes"]:
            self._show(legs, options)
            return
        countersigning.confirm(request, asked=asked, seen=countersigning.digest(legs))
        self._tell(flattening.wait(legs, since=asked, seconds=options["wait"]), options)

    def _show(self, legs: Sequence[flattening.Leg], options: dict[str, Any]) -> None:
        for each in legs:
            self.stderr.write(
                f"{each.symbol}: close {_held(each)} worth {figures.money(each.value)}, about "
                f"{figures.money(closing.cost(each))} of costs; {each.orders} orders and {each.waiting} waiting plans "
                "taken back"
            )
        if options["json"]:
            self.stdout.write(json.dumps({each.symbol: _as_json(each) for each in legs}))
        if not legs:
            self.stderr.write(f"{options['scope']}: nothing is held, works or waits")
        elif not options["dry_run"]:
            raise CommandError("Nothing was closed: say --yes to close this.", returncode=USAGE)

    def _tell(self, outcomes: Sequence[Outcome], options: dict[str, Any]) -> None:
        for each in outcomes:
            self.stderr.write(f"{each.leg.symbol}: {each.result}{f' ({each.reason})' if each.reason else ''}")
        if options["json"]:
            self.stdout.write(json.dumps({each.leg.symbol: each.result.value for each in outcomes}))
        left = [each.leg.symbol for each in outcomes if each.result is not Result.FLAT]
        if left:
            raise CommandError(f"Not flat: {', '.join(left)}. Ask again with flatten --dry-run.")


def _held(leg: flattening.Leg) -> str:
    """Return how much is held, of a symbol that lies apart venue by venue."""
    if not leg.apart:
        return ledger.text(leg.quantity)
    return " and ".join(f"{ledger.text(held)} at {name}" for name, held in sorted(leg.apart.items()))


def _as_json(leg: flattening.Leg) -> dict[str, Any]:
    at_venues = {name: ledger.text(held) for name, held in sorted(leg.at_venues.items())}
    return {"quantity": ledger.text(leg.quantity), "at_venues": at_venues, "orders": leg.orders}
