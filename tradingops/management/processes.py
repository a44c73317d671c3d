"""The processes of a desk: the console, the feed, the modules, and the trials of drafts."""

from __future__ import annotations

import socket
import sys
from pathlib import Path
from typing import Any

from django.conf import settings

from tradingops.management import desk as desk_modules
from tradingops.management import files, pairs
from tradingops.management.supervisor import Child

DEFAULT_FEED = ["sim"]
DEFAULT_SYMBOLS = ["BTC-PERP", "ETH-PERP", "SOL-PERP"]
#: Market seconds in a second, for simulated markets: quick enough to see the desk decide, slow enough to follow.
DEFAULT_SPEED = "60"

#: A lesson is a call of seconds: one a batch, so that its strand is not held for the others'.
_WRITE = ("run_module", desk_modules.WRITER, "--batch", "1")

MANAGE = Path(settings.BASE_DIR) / "manage.py"


def console(listening: socket.socket) -> Child:
    """Return the console, which inherits the listening socket: callers wait in it while the console starts again."""
    door_number = listening.detach()
    serve = ["-m", "daphne", "--fd", str(door_number), "--verbosity", "0", "--no-server-name"]
    command = [sys.executable, *serve, "tradingops.asgi:application"]
    return Child("The console", command, pass_fds=(door_number,), folder=MANAGE.parent)


def desk(options: dict[str, Any]) -> list[Child]:
    """Return the processes that bring bars, run modules, and try drafts.

    Recorded and simulated markets drive the modules in lockstep inside the feed; an exchange does not wait for them.
    """
    once, feed = options["once"], options["feed"] or DEFAULT_FEED
    lockstep = not any(source.startswith("ccxt:") for source in feed)
    ways = [*(["--drain"] if lockstep else []), *(["--once"] if once else [])]
    command = _manage("feed", *feed, *_feed_options(options), *ways)
    modules = Child("The modules", _manage("run_module", "--all", *(["--once"] if once else [])), once=once)
    trials = [] if once else [Child("The trials of drafts", _manage("try_drafts"))]
    writer = [] if once or not desk_modules.has_writer() else [Child("The lesson writer", _manage(*_WRITE))]
    if lockstep or once:
        return [Child("The feed", command, once=once, after=lambda: modules), *writer, *trials]
    return [Child("The feed", command), modules, *writer, *trials]


def _feed_options(options: dict[str, Any]) -> list[str]:
    simulated = not options["feed"] or options["feed"] == DEFAULT_FEED
    symbols = options["symbol"] or (DEFAULT_SYMBOLS if simulated else [])
    speed = options["speed"] or (DEFAULT_SPEED if simulated else None)
    listed = options.get("instruments")
    given = [
        ("--timeframe", options["timeframe"]),
        ("--speed", speed),
        ("--instruments", listed and str(listed.resolve())),
    ]
    reviewed = ["--review"] if options.get("review") else []
    said = [*reviewed, *(word for name, value in given if value is not None for word in (name, value))]
    said += [word for pair in options.get("policy") or () for word in (pairs.SET, pair)]
    return [*(["--symbol", *symbols] if symbols else []), *said, *files.words(options)]


def _manage(*words: str) -> list[str]:
    return [sys.executable, str(MANAGE), *words]
