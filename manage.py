#!/usr/bin/env python3
"""The desk's one command line. On a bare machine, too: `python3 manage.py up`, `python3 manage.py test`."""

import os
import sys

OLDEST_PYTHON = (3, 11)


def main() -> None:
    """Enter the project's environment, start the private database where one is needed, and run a command."""
    if sys.version_info < OLDEST_PYTHON:
        found, oldest = sys.version.split()[0], ".".join(map(str, OLDEST_PYTHON))
        sys.exit(f"tradingops needs Python {oldest} or newer; this is {found} ({sys.executable}).")
    from tradingops import bootstrap, localpg

    try:
        bootstrap.enter(sys.argv)
        localpg.ensure_for(sys.argv)
    except (bootstrap.NotBuilt, *localpg.FAULTS) as fault:
        sys.exit(str(fault))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tradingops.settings")
    run_command()


def run_command() -> None:
    """Run a command of Django's or of ours; what a person can mend is said in a sentence and not as a traceback."""
    from django.conf import settings
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line
    from django.db import OperationalError

    try:
        settings.INSTALLED_APPS  # noqa: B018  (reads the settings, whose faults name the variable)
        execute_from_command_line(sys.argv)
    except (ImproperlyConfigured, OperationalError) as fault:
        if "--traceback" in sys.argv:
            raise
        sys.exit(str(fault).strip())


if __name__ == "__main__":
    main()
