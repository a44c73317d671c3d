"""What every command that reads files of bars asks for, and how it says what a file is."""

from __future__ import annotations

from argparse import ArgumentParser, BooleanOptionalAction
from collections.abc import Mapping
from typing import Any

from django.core.management.base import CommandError

from strands.market.bar import Timeframe
from strands.market.reading import told

USAGE = 2
#: The options that take a value.
VALUES = ("columns", "time_format", "decimal", "timezone", "grid")


def add_arguments(parser: ArgumentParser) -> None:
    """Add the options that decide what a file leaves open."""
    add = parser.add_argument_group("how to read files, where they leave it open").add_argument
    add("--columns", metavar="FIELD=NAME,…", help="which column is which, as in time=Date+Time,close=Last,volume=Vol; "
        "or all by place, as in time,open,high,low,close,volume with - for others")  # fmt: skip
    add("--time-format", metavar="FORMAT", help="as in %%d/%%m/%%Y %%H:%%M; or s, ms, us, ns, excel for numbers")
    add("--dayfirst", action=BooleanOptionalAction, help="whether 01/02/2024 is the first of February")
    add("--decimal", metavar="MARK", help="the mark before decimals: . or , (or point, comma)")
    add("--timezone", metavar="ZONE", help="of times that name none (UTC), as in America/New_York")
    add("--grid", metavar="WHEN", help="when bars begin: utc, or a time of day such as 09:30, in --timezone")


def told_by(options: Mapping[str, Any]) -> told.Told:
    """Return what the options say of files; exits with 2 for one that says nothing."""
    try:
        return told.parse(dayfirst=options["dayfirst"], **{name: options[name] for name in VALUES})
    except told.BadOption as fault:
        raise CommandError(str(fault), returncode=USAGE) from None


def words(options: Mapping[str, Any]) -> list[str]:
    """Return the options as the words of a command line; those that were not given, or are not known, are none."""
    given = [(f"--{name.replace('_', '-')}", options.get(name)) for name in VALUES]
    said = [word for name, value in given if value is not None for word in (name, value)]
    dayfirst = {True: ["--dayfirst"], False: ["--no-dayfirst"], None: []}[options.get("dayfirst")]
    return [*said, *dayfirst]


def timeframe(text: str | None) -> Timeframe | None:
    """Return the timeframe that an option names; exits with 2 for one that is not known."""
    try:
        return Timeframe.parse(text) if text else None
    except ValueError as fault:
        raise CommandError(f"--{fault}", returncode=USAGE) from None
