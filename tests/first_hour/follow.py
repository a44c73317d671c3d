"""Follows recipes in a copy of the tree: the commands after a change, then everything that asks for what is missing.

    python tests/first_hour/follow.py
    {"tree": "/tmp/copy", "steps": [["…", "-m", "tests.reference", "--write"]], "tests": ["tests/…"]}

Half of the time would go into importing what others wrote, so it is imported once and each line is followed in a fork.
What was said lies in the copy as ``said``; how it ended is answered: 1 where something was asked for, else 0.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from django.core.management import CommandError

SAID = "said"
#: How a copy ends in which more went wrong than a change may break.
FAULT = 2
#: What a change that is not whole raises as it is imported, or in a turn.
WRONG = (ImportError, NameError, AttributeError, ValueError, CommandError)
#: What Django, the desk and the tests bring along.
BESIDE = ("django.forms", "django.views.generic", "rich.console", "segno", "structlog")
#: What is the same in every copy; a plugin of pytest is not, as pytest rewrites it.
OF_OTHERS = ("numpy", "pydantic", "psycopg", "pytest", "django.core.management", "django.db.models", *BESIDE)


def main() -> None:
    for name in OF_OTHERS:
        importlib.import_module(name)
    for line in sys.stdin:
        print(_forked(**json.loads(line)), flush=True)


def _forked(*, tree: str, **given: Any) -> int:
    child = os.fork()
    if not child:
        status = FAULT
        try:
            status = _followed(Path(tree), **given)
        finally:
            if status == FAULT:
                traceback.print_exc()
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _followed(tree: Path, *, steps: Sequence[Sequence[str]], tests: Sequence[str]) -> int:
    """Follow the commands in this process, which is the copy's own; return 1 where a check asked for something."""
    said = os.open(tree / SAID, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(said, 1)
    os.dup2(said, 2)
    os.chdir(tree)
    sys.path[0] = str(tree)
    os.environ |= {"DJANGO_SETTINGS_MODULE": "tests.settings", "TRADINGOPS_DATA": str(tree / ".data")}
    for words in steps:
        _ended(lambda words=words: run(words))
    checks: list[Callable[[], Any]] = [_reference, _migrations, lambda: _tests(tests), _recorded]
    return int(any(_ended(check) for check in checks))


def _ended(act: Callable[[], Any]) -> bool:
    """Do something; return whether it ended badly, its last words said."""
    try:
        act()
    except SystemExit as end:
        if isinstance(end.code, str):
            print(end.code)
        return bool(end.code)
    except WRONG as fault:
        print(f"{type(fault).__name__}: {fault}")
        return True
    return False


def run(words: Sequence[str]) -> None:
    """Run a command of a page in this process."""
    import django

    django.setup()
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


def _reference() -> None:
    run([".venv/bin/python", "-m", "tests.reference"])


def _migrations() -> None:
    run(["python3", "manage.py", "makemigrations", "--check", "--dry-run"])


def _recorded() -> None:
    run([".venv/bin/python", "-m", "tests.recorded_months"])


def _tests(named: Sequence[str]) -> None:
    import pytest

    sys.exit(pytest.main(["-q", "-p", "no:randomly", "-p", "no:cacheprovider", "-n", "0", "--tb=short", *named]))


if __name__ == "__main__":
    main()
