"""The console's server as a program for `tests.forks`: all is imported and no connection is open."""

from __future__ import annotations

import importlib
import sys

from django.template.loader import get_template
from django.urls import get_resolver

from tests.console.quick_console import application

__all__ = ["application", "main"]

APPLICATION = "tests.console.serving:application"
#: What daphne imports beside its reactor, whose event loop each server makes for itself.
LIBRARIES = (
    "autobahn.websocket.protocol",
    "twisted.internet.asyncioreactor",
    "twisted.internet.endpoints",
    "twisted.web.iweb",
)
TEMPLATES = ("admin/index.html", "admin/login.html")

for name in LIBRARIES:
    importlib.import_module(name)
for name in TEMPLATES:
    get_template(name)
get_resolver()._populate()


def main(fd: int) -> None:
    """Answer at a socket that is open already."""
    from daphne.cli import CommandLineInterface

    sys.argv[0] = "daphne"
    CommandLineInterface().run(["--fd", str(fd), "--verbosity", "0", APPLICATION])
