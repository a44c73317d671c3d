"""`manage.py requeue`: hand strands over again whose turns failed for good or came too late."""

from __future__ import annotations

import getpass
import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import QuerySet

from strands import models, tags
from tradingops.people import recovery, say

EXAMPLE = "example: manage.py requeue --listener dm --reason 'stop check mended'"


class Command(BaseCommand):
    help = (
        "Requeue strands that were set aside: each is delivered again with no attempts counted. One that waits "
        "already, or was handled since, is left alone; the records of the failed turns stay. "
        f"Exit code 0, also when nothing was to do; 1 for a strand that never failed. {EXAMPLE}"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--listener", choices=sorted(tags.LISTENERS), help="only strands for this listener")
        parser.add_argument(
            "--id", action="append", default=[], metavar="STRAND", help="only this strand, failed or expired"
        )
        parser.add_argument("--reason", default="requeued from the command line", help="kept with the note of it")
        parser.add_argument("--json", action="store_true", help="the result as JSON on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        """Requeue what is meant and say how many; raises CommandError for a strand that never failed."""
        asked = say.asked(by=getpass.getuser(), reason=options["reason"])
        done = recovery.requeue(recovery.keys(_meant(options["listener"], options["id"])), asked=asked)
        counts = {listener: len(strands) for listener, strands in done.strands.items()}
        if options["json"]:
            self.stdout.write(json.dumps({"requeued": done.count, "listeners": counts}))
        told = ", ".join(f"{count} for {listener}" for listener, count in counts.items())
        self.stderr.write(f"{done.count} requeued{': ' if told else ''}{told}")


def _meant(listener: str | None, strands: list[str]) -> QuerySet[Any]:
    if not strands:
        failed = recovery.open_failures().order_by("-message_id")
        return failed.filter(listener=listener) if listener else failed
    failed = models.Message.objects.filter(strand_id__in=strands, status__in=("failed", "expired"))
    failed = failed.filter(listener=listener) if listener else failed
    if unknown := sorted(set(strands) - set(failed.values_list("strand_id", flat=True))):
        raise CommandError(f"--id: {', '.join(unknown)} neither failed nor expired; the messages page lists what did.")
    return failed
