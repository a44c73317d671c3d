"""What the commands share by which a person halts and resumes: who asks and why, and how it stands after."""

from __future__ import annotations

import getpass
import json
from argparse import ArgumentParser
from collections.abc import Mapping
from typing import Any

from django.core.management.base import BaseCommand

from strands.given import DESK
from tradingops.people import acts, halting, say

UNSAID = "no reason given"


def add_scope(parser: ArgumentParser) -> None:
    """Add the scope that is halted or resumed."""
    scopes = f"{DESK} (so by default), venue:X, symbol:X or module:X"
    parser.add_argument("scope", nargs="?", default=DESK, metavar="SCOPE", help=scopes)


def add_arguments(parser: ArgumentParser) -> None:
    """Add the options that these commands share."""
    parser.add_argument("--reason", default=UNSAID, help="kept with the halt, and shown on every page")
    parser.add_argument("--json", action="store_true", help="what stands halted as JSON on standard output")


def asked(options: Mapping[str, Any]) -> acts.Asked:
    """Return who asks, and why."""
    return say.asked(by=getpass.getuser(), reason=options["reason"])


def tell(command: BaseCommand, options: Mapping[str, Any]) -> None:
    """Say what stands halted."""
    stands = halting.standing()
    if options["json"]:
        command.stdout.write(json.dumps({each.scope: each.state.value for each in stands}))
    command.stderr.write(f"halted: {halting.told(stands)}" if stands else "nothing is halted")
