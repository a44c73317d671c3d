#!/usr/bin/env python3
"""The desk's one command line. On a bare machine, too: `python3 manage.py up`, `python3 manage.py test`."""

import errno
import io
import os
import sys

OLDEST_PYTHON = (3, 11)
#: Exit code of a command that Ctrl-C ended, as shells have it.
INTERRUPTED = 130
#: What a person can do about a machine that does not let a command write.
WAYS_OUT = {
    errno.ENOSPC: "the disk is full: make room, or name another folder with TRADINGOPS_DATA",
    errno.EDQUOT: "the quota is used up: make room, or name another folder with TRADINGOPS_DATA",
    errno.EACCES: "no right to do that: run it as who owns the folder, or name another with TRADINGOPS_DATA",
    errno.EPERM: "not permitted: run it as who owns the folder, or name another with TRADINGOPS_DATA",
    errno.EROFS: "the file system is read-only: name another folder with TRADINGOPS_DATA",
}


def main() -> None:
    """Enter the project's environment, start the private database where one is needed, and run a command."""
    if sys.version_info < OLDEST_PYTHON:
        found, oldest = sys.version.split()[0], ".".join(map(str, OLDEST_PYTHON))
        sys.exit(f"tradingops needs Python {oldest} or newer; this is {found} ({sys.executable}).")
    for stream in (sys.stdout, sys.stderr):
        # A terminal that knows no UTF-8 is told in the letters that it has.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        enter()
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted; run the command again and it goes on from there.\n")
        sys.exit(INTERRUPTED)
    except OSError as fault:
        if "--traceback" in sys.argv or fault.errno not in WAYS_OUT:
            raise
        sys.exit(f"{fault.filename or 'write'}: {WAYS_OUT[fault.errno]}.")


def enter() -> None:
    """Enter the environment, see to a database, and run the command."""
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
