"""`manage.py review`: the plans that wait for people, and a word on one of them."""

from __future__ import annotations

import getpass
import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portfolio.reviews.models import Review
from tradingops.management import pairs
from tradingops.people import reviewers, say, verdicts

USAGE = 2
WORDS = ("approve", "modify", "reject")
MOST_SHOWN = 50
EXAMPLE = "example: manage.py review approve ITEM --hash HASH --reason 'as planned'"


class Command(BaseCommand):
    help = (
        "List the plans that wait for people, or say a word on one: approve, modify (approve with --set changes) or "
        "reject. The word is bound to the hash of what you saw, as `review list` shows it; the decision maker judges "
        "the plan anew and tells what became of it. `tell` says who may decide, as a running desk does by itself. Exit "
        f"code 0, 2 for a word that is none. {EXAMPLE}"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", choices=("list", "tell", *WORDS), help="what to do")
        parser.add_argument("item", nargs="?", default="", metavar="ITEM", help="which plan, by its item's id")
        parser.add_argument("--hash", default="", metavar="HASH", help="of what you saw, as `review list` shows it")
        parser.add_argument(
            "--set", nargs="+", default=[], dest="changes", metavar="FIELD=VALUE", help="position_size, stop_loss, …"
        )
        parser.add_argument("--reason", default="", help="kept with the verdict; a rejection needs one")
        parser.add_argument("--json", action="store_true", help="the answer as JSON on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do what was asked; raises CommandError for a word that cannot be said."""
        if options["action"] == "list":
            return self._list(options)
        if options["action"] == "tell":
            told = reviewers.Telling()() + reviewers.tell_deadlines()
            return self._answer(options, {"told": told}, f"told of {told} plans who may decide on them")
        try:
            said = self._say(options)
        except verdicts.RefusedVerdict as fault:
            raise CommandError(str(fault), returncode=USAGE) from None
        words = f"said: {options['action']} {said.item}; what became of it stands on its page"
        return self._answer(options, {"strand": said.strand, "item": said.item}, words)

    def _say(self, options: dict[str, Any]) -> verdicts.Said:
        item = Review.objects.filter(pk=options["item"]).first()
        if item is None:
            raise verdicts.RefusedVerdict(f"item: {options['item']!r} is none; `manage.py review list` names them")
        if options["action"] == "reject" and not options["reason"]:
            raise verdicts.RefusedVerdict("reason: '' tells nothing; say why it is rejected with --reason")
        changes = pairs.settings(options["changes"], option="review --set")
        asked = say.asked(by=getpass.getuser(), reason=options["reason"])
        return verdicts.decide_at_the_command_line(
            item, options["action"], asked=asked, shown=options["hash"], changes=changes
        )

    def _list(self, options: dict[str, Any]) -> None:
        waiting = list(verdicts.waiting()[: MOST_SHOWN + 1])
        shown = [_row(each) for each in waiting[:MOST_SHOWN]]
        lines = [f"{each['item']}  {each['plan']}  until {each['deadline']}  hash {each['hash']}" for each in shown]
        more = [f"and more than {MOST_SHOWN} in all"] if len(waiting) > MOST_SHOWN else []
        self._answer(options, {"waiting": shown, "more": bool(more)}, "\n".join([*lines, *more]) or "nothing waits")

    def _answer(self, options: dict[str, Any], answer: dict[str, Any], words: str) -> None:
        if options["json"]:
            self.stdout.write(json.dumps(answer))
        self.stderr.write(words)


def _row(item: Review) -> dict[str, Any]:
    return {
        "item": item.id,
        "plan": f"{item.direction} {item.symbol}, {item.quantity} at {item.entry_price}",
        "needs": item.needs,
        "have": item.have,
        "may_decide": item.may_decide,
        "deadline": item.deadline.isoformat(),
        "silence": item.silence,
        "hash": item.hash,
    }
