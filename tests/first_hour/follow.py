"""Run in a copy of the tree: the commands that follow a change by hand, then everything that asks for what is missing.

    python -m tests.first_hour.follow '{"steps": [["…", "-m", "tests.reference", "--write"]], "tests": ["tests/…"]}'

All in one process, as most of the time goes into starting. Ends with 1 where something was asked for, and prints it.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"


def main() -> None:
    given = json.loads(sys.argv[1])
    import django

    django.setup()
    for words in given["steps"]:
        with suppress(SystemExit):
            run(words)
    checks: list[Callable[[], None]] = [_migrations, _reference, _recorded, lambda: _tests(given["tests"])]
    sys.exit(int(any([_fails(check) for check in checks])))


def run(words: Sequence[str]) -> None:
    """Run a command of a page in this process."""
    program, *rest = words[1:]
    if program == "manage.py":
        from django.core.management import execute_from_command_line

        execute_from_command_line([program, *rest])
        return
    module, *arguments = rest
    from tests import recorded_months, reference

    if module == "tests.reference":
        reference.main(arguments)
    elif module == "tests.recorded_months":
        recorded_months.main([*arguments, "--", recorded_months.BRIEFLY])
    else:
        raise ValueError(f"{module}: no program that a recipe may name")


def _fails(check: Callable[[], None]) -> bool:
    try:
        check()
    except SystemExit as end:
        return bool(end.code)
    return False


def _migrations() -> None:
    run(["python3", "manage.py", "makemigrations", "--check", "--dry-run"])


def _reference() -> None:
    run([".venv/bin/python", "-m", "tests.reference"])


def _recorded() -> None:
    run([".venv/bin/python", "-m", "tests.recorded_months"])


def _tests(named: Sequence[str]) -> None:
    import pytest

    sys.exit(pytest.main(["-q", "-p", "no:randomly", "-p", "no:cacheprovider", "-n", "0", "--tb=short", *named]))


if __name__ == "__main__":
    main()
