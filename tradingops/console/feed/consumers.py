"""The live feed's socket: who may listen, and the letters to and from one screen."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any

import psycopg
import structlog
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.db import DatabaseError

from tradingops.console.feed import standing, stream
from tradingops.console.feed.hub import Answer, Screen
from tradingops.console.feed.screens import Cursor, Filter, Misunderstood, cursor_of, filter_of
from tradingops.console.feed.standing import Standing

log = structlog.get_logger("tradingops.console.consumers")

#: Close codes; a page tells them apart.
SIGNED_OUT, TOO_SLOW, TOO_MUCH, TRY_LATER = 4401, 4408, 4429, 4503


class StreamConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]
    """One open page. Messages are JSON: ``subscribe`` {filter, cursor} and ``ack`` {count} come in.

    ``doubted`` stands while something changed that may concern this person: nothing goes in or out before a look.
    """

    screen: Screen | None = None

    async def connect(self) -> None:
        """Take a signed-in member of staff who may see strands; close any other with a code that a browser can read."""
        if not standing.is_from_here(self.scope):
            await self.close()
            return
        await self.accept()
        self.stream = stream.running()
        self.letters, self.doubted = 0, True
        self.waiting, self.looking = asyncio.Event(), asyncio.Lock()
        await self.stream.primed.wait()
        self.stream.watchers.add(self._doubt)
        found, code = await self._stands()
        if found is None:
            await self._leave(code)
            return
        self.standing, self.doubted = found, False
        self.screen = Screen(wake=self.waiting.set)
        self.tasks = [asyncio.create_task(self._write(self.screen)), asyncio.create_task(self._watch(self.screen))]
        self.stream.hub.greet(self.screen)

    async def disconnect(self, code: int) -> None:
        if hasattr(self, "stream"):
            self.stream.watchers.discard(self._doubt)
        if self.screen is not None:
            self.stream.hub.leave(self.screen)
            for task in self.tasks:
                task.cancel()

    # -- from the screen

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if self.screen is None:
            return
        if not await self._is_sure():
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
            cursor, self.doubted = cursor_of(asked.get("cursor")), True
            if await self._is_sure():
                await self._subscribe(screen, replace(wants, within=self.standing.symbols), cursor)
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
            if not await self._is_sure():
                return
            for letter in letters:
                if self.doubted and not await self._is_sure():
                    return
                await send({"type": "websocket.send", "text": letter})
        await self._leave(TOO_SLOW)

    async def _watch(self, screen: Screen) -> None:
        """Look at the sign-in now and then, and when its time is over.

        Where the server waits for a screen that takes nothing, sending never ends: that is seen here too.
        """
        while True:
            await asyncio.sleep(min(self.stream.policy.check_seconds, self.standing.seconds_left))
            self.letters, self.doubted = 0, True
            if screen.too_slow:
                await self._leave(TOO_SLOW)
            elif await self._is_sure():
                continue
            return

    # -- whether this person may still listen

    def _doubt(self, whom: str | None) -> None:
        """Hear that something changed for somebody; None where changes may have been missed."""
        if whom is None or self.doubted or whom in self.standing.heeds:
            self.doubted = True
            self.waiting.set()

    async def _is_sure(self) -> bool:
        """Return whether this person may listen as before; close the socket where not, to come back as they may."""
        async with self.looking:
            while self.doubted or self.standing.has_ended:
                self.doubted = False
                found, code = await self._stands()
                if found is None or found.symbols != self.standing.symbols:
                    self.doubted = True
                    await self._leave(code if found is None else TRY_LATER)
                    return False
                self.standing = found
        return True

    async def _stands(self) -> tuple[Standing | None, int]:
        """Return how this person stands, None with the code to close with for somebody who may not listen."""
        try:
            return await database_sync_to_async(standing.of)(self.scope["session"].session_key), SIGNED_OUT
        except DatabaseError as fault:
            log.warning("a login could not be looked up", error=str(fault).strip())
            return None, TRY_LATER

    async def _leave(self, code: int) -> None:
        """Hear nothing more, and close."""
        self.stream.watchers.discard(self._doubt)
        if self.screen is not None:
            self.stream.hub.leave(self.screen)
        await self.close(code=code)


def _asked(text: str | None) -> dict[str, Any]:
    """Return a message's object; raises Misunderstood for anything else."""
    try:
        asked = json.loads(text or "")
    except (ValueError, RecursionError):
        asked = None
    if not isinstance(asked, dict):
        raise Misunderstood("a message is one JSON object with a type")
    return asked
