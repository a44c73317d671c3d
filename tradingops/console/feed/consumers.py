"""The live feed's socket: who may listen, and the letters to and from one screen."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import psycopg
import structlog
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.contrib import auth
from django.db import DatabaseError

from tradingops.console.feed import stream
from tradingops.console.feed.hub import Answer, Screen
from tradingops.console.feed.screens import Cursor, Filter, Misunderstood, cursor_of, filter_of

log = structlog.get_logger("tradingops.console.consumers")

#: Who may see the live feed, and the stories behind it.
PERMISSION = "strands.view_decisionstrand"

#: Close codes; a page tells them apart.
SIGNED_OUT, TOO_SLOW, TOO_MUCH, TRY_LATER = 4401, 4408, 4429, 1013


class StreamConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]
    """One open page. Messages are JSON: ``subscribe`` {filter, cursor} and ``ack`` {count} come in."""

    screen: Screen | None = None

    async def connect(self) -> None:
        """Take a signed-in member of staff who may see strands; close any other with a code that a browser can read."""
        await self.accept()
        if code := await self._unwelcome(may_listen, self.scope["user"]):
            await self.close(code=code)
            return
        self.stream = stream.running()
        self.letters = 0
        self.waiting = asyncio.Event()
        self.screen = Screen(wake=self.waiting.set)
        self.tasks = [asyncio.create_task(self._write(self.screen)), asyncio.create_task(self._watch(self.screen))]
        await self.stream.primed.wait()
        self.stream.hub.greet(self.screen)

    async def disconnect(self, code: int) -> None:
        if self.screen is not None:
            self.stream.hub.leave(self.screen)
            for task in self.tasks:
                task.cancel()

    # -- from the screen

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if self.screen is None:
            return
        self.letters += 1
        policy = self.stream.policy
        if self.letters > policy.most_letters or len(text_data or bytes_data or "") > policy.most_letter_bytes:
            await self.close(code=TOO_MUCH)
            return
        try:
            await self._obey(_asked(text_data), self.screen)
        except Misunderstood as fault:
            self.stream.hub.send(self.screen, "misunderstood", why=str(fault))
        except psycopg.OperationalError as fault:
            log.warning("a screen's past could not be read", error=str(fault).strip())
            self.stream.hub.send(self.screen, "resync")

    async def _obey(self, asked: dict[str, Any], screen: Screen) -> None:
        if asked.get("type") == "ack" and type(asked.get("count")) is int:
            # An acknowledgement is owed every so many frames, so it is no letter too many.
            self.letters -= 1
            self.stream.hub.acknowledge(screen, asked["count"])
        elif asked.get("type") == "subscribe":
            wants = filter_of(asked.get("filter", {}), policy=self.stream.policy)
            await self._subscribe(screen, wants, cursor_of(asked.get("cursor")))
        else:
            raise Misunderstood("type: give subscribe, with filter and cursor, or ack, with a count of frames")

    async def _subscribe(self, screen: Screen, wants: Filter, cursor: Cursor | None) -> None:
        """Let the screen hear from now on, and give it what it missed, or the newest page of history."""
        hub = self.stream.hub
        hub.subscribe(screen, wants)
        answer = hub.resume(screen, cursor) if cursor else Answer.TOO_OLD
        if answer is Answer.RESUMED:
            return
        missed = await self.stream.replay(wants, cursor) if cursor and answer is Answer.ELSEWHERE else None
        if missed is not None:
            hub.send(screen, "resumed", missed)
        else:
            hub.send(screen, "history", await self.stream.history(wants), resync=cursor is not None)

    # -- to the screen

    async def _write(self, screen: Screen) -> None:
        """Send what waits; let go of a screen that does not keep up, which then comes back with its cursor."""
        send = self.base_send
        while not screen.too_slow:
            await self.waiting.wait()
            self.waiting.clear()
            letters, screen.outbox = screen.outbox, []
            for letter in letters:
                await send({"type": "websocket.send", "text": letter})
        await self.close(code=TOO_SLOW)

    async def _watch(self, screen: Screen) -> None:
        """Close the socket of a person who signed out, was signed out, or may no longer see strands.

        Where the server waits for a screen that takes nothing, sending never ends: that is seen here too.
        """
        while True:
            await asyncio.sleep(self.stream.policy.check_seconds)
            self.letters = 0
            if screen.too_slow:
                await self.close(code=TOO_SLOW)
            elif await self._unwelcome(is_signed_in, self.scope["session"].session_key) == SIGNED_OUT:
                await self.close(code=SIGNED_OUT)
            else:
                continue
            return

    async def _unwelcome(self, known: Callable[[Any], bool], whom: Any) -> int | None:
        """Return the code to close with, None for somebody who may listen."""
        try:
            return None if await database_sync_to_async(known)(whom) else SIGNED_OUT
        except DatabaseError as fault:
            log.warning("a login could not be looked up", error=str(fault).strip())
            return TRY_LATER


def may_listen(user: Any) -> bool:
    """Return whether somebody is an active member of staff who may see strands."""
    return bool(user.is_active and user.is_staff and user.has_perm(PERMISSION))


def is_signed_in(session_key: str | None) -> bool:
    """Return whether a login session still holds, and is one of somebody who may listen."""
    session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    return may_listen(auth.get_user(SimpleNamespace(session=session)))  # type: ignore[arg-type]


def _asked(text: str | None) -> dict[str, Any]:
    """Return a message's object; raises Misunderstood for anything else."""
    try:
        asked = json.loads(text or "")
    except (ValueError, RecursionError):
        asked = None
    if not isinstance(asked, dict):
        raise Misunderstood("a message is one JSON object with a type")
    return asked
