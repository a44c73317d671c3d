"""`manage.py` as a program for `tests.forks`: all that a command imports is there, the environment as it was given."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import django

import manage
from tradingops import environments

django.setup()

__all__ = ["environments", "main"]


def main(arguments: Sequence[str]) -> None:
    """Run a command as the command line does, to its exit code."""
    sys.argv = ["manage.py", *arguments]
    manage.main()
