"""The option ``--instruments``: a file in which people list what they trade."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import CommandError

from strands.market.instruments import listed
from strands.market.instruments.catalog import Instruments
from strands.market.instruments.instrument import BadInstrument

OPTION = "--instruments"
USAGE = 2
#: A list of every symbol of an exchange has a hundredth of it.
MOST_BYTES = 64 * 1024 * 1024


def add_to(parser: ArgumentParser) -> None:
    """Let a command take the option."""
    parser.add_argument(
        OPTION,
        metavar="FILE",
        type=Path,
        help="CSV, JSON, TOML or YAML with tick, lot, limits and so on by symbol; else exchange and bars tell",
    )


def read(path: Path | None) -> Instruments:
    """Return the instruments of a file, none for no file; raises CommandError, with exit code 2."""
    if path is None:
        return {}
    try:
        if path.stat().st_size > MOST_BYTES:
            raise CommandError(f"{OPTION} {path}: larger than {MOST_BYTES} bytes; name a list", returncode=USAGE)
        return listed.read(path.name, path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as fault:
        raise CommandError(f"{OPTION} {path}: cannot be read ({fault})", returncode=USAGE) from None
    except BadInstrument as fault:
        raise CommandError(f"{OPTION} {fault}", returncode=USAGE) from None
