"""The one connection by which a console process listens: it wakes, reads what was said, and feeds the hub."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import uuid4

import psycopg
import structlog
from django.conf import settings
from psycopg.rows import class_row
from psycopg.types.json import set_json_loads

from strands import json_values
from strands.triggers import STREAM_CHANNEL
from tradingops import connections
from tradingops.console.feed import frames, statements
from tradingops.console.feed.frames import Frame, Row
from tradingops.console.feed.gaps import Snapshot, Tally
from tradingops.console.feed.hub import Health, Hub
from tradingops.console.feed.policy import StreamPolicy
from tradingops.console.feed.screens import Cursor, Filter
from tradingops.mandates.triggers import RIGHTS_CHANNEL

log = structlog.get_logger("tradingops.console.stream")

Connection = psycopg.AsyncConnection[Any]
NAME = "tradingops stream"

#: How the stream of this process runs.
POLICY = StreamPolicy()


class Stream:
    """Reads strands into a hub for as long as the process lives; belongs to one event loop."""

    def __init__(self, *, policy: StreamPolicy) -> None:
        self.policy = policy
        self.tally = Tally(policy)
        self.hub = Hub(policy=policy)
        self.primed = asyncio.Event()
        #: Who is told whom a change of rights concerns; None where one may have been missed.
        self.watchers: set[Callable[[str | None], None]] = set()
        self._was_woken = False
        self._asking = asyncio.Lock()
        self._asker: Connection | None = None
        self._tasks = [asyncio.create_task(self._listen_for_ever()), asyncio.create_task(self._beat_for_ever())]
        for task in self._tasks:
            task.add_done_callback(self._say_that_it_fell)

    # -- what screens ask for

    async def history(self, wants: Filter) -> list[Frame]:
        """Return the newest frames that a filter wants, oldest first, from the ring or else from the database."""
        recent = self.hub.recent(wants)
        if len(recent) >= self.policy.history or not wants.tables:
            return recent
        span = {"after": max(0, self.hub.settled - self.policy.history_span), "up_to": _LAST_NUMBER}
        rows = await self._ask(statements.newest(wants.tables), {**span, "limit": self.policy.history}, wants)
        return [frames.of(row) for row in reversed(rows)]

    async def replay(self, wants: Filter, cursor: Cursor) -> list[Frame] | None:
        """Return all that another hub's screen may have missed, oldest first; None where that is too much.

        What the screen has already seen may be among it.
        """
        if not wants.tables:
            return []
        span = {"after": cursor.settled, "up_to": _LAST_NUMBER, "limit": self.policy.replay + 1}
        rows = await self._ask(statements.since(wants.tables), span, wants)
        return None if len(rows) > self.policy.replay else [frames.of(row) for row in rows]

    async def _ask(self, sql: str, span: Mapping[str, int], wants: Filter) -> list[Row]:
        """Return rows, on a connection that all screens share, one at a time; once more if it had been lost."""
        asked = {**span, "symbols": wants.named, "kinds": sorted(wants.kinds) or None}
        async with self._asking:
            try:
                return await _rows(await self._open_asker(), sql, asked)
            except psycopg.OperationalError:
                return await _rows(await self._open_asker(), sql, asked)

    async def _open_asker(self) -> Connection:
        if self._asker is None or self._asker.closed:
            self._asker = await connect(self.policy)
        return self._asker

    def _say_that_it_fell(self, task: asyncio.Task[None]) -> None:
        """Let no fault of ours pass for a quiet market."""
        if not task.cancelled() and (fault := task.exception()):
            log.critical("the stream fell; restart this console", exc_info=fault)
            self.hub.become(Health.LOST)

    # -- reading on

    async def _beat_for_ever(self) -> None:
        while True:
            await asyncio.sleep(self.policy.beat_seconds)
            self.hub.beat()

    async def _listen_for_ever(self) -> None:
        """Listen, and again after every loss of the database, a little later each time."""
        wait = self.policy.first_wait_seconds
        while True:
            try:
                async with await connect(self.policy) as connection:
                    # Listen before looking, so that nothing said in between is missed.
                    await connection.execute(f"LISTEN {STREAM_CHANNEL}")
                    await connection.execute(f"LISTEN {RIGHTS_CHANNEL}")
                    self._tell_watchers(None)
                    await self._begin(connection)
                    wait = self.policy.first_wait_seconds
                    await self._follow(connection)
            except (psycopg.Error, OSError) as fault:
                log.warning("the stream lost its database", error=str(fault).strip(), again_in=wait)
            self.hub.become(Health.LOST)
            await asyncio.sleep(wait)
            wait = min(wait * 2, self.policy.most_wait_seconds)

    async def _begin(self, connection: Connection) -> None:
        """Begin with the recent past, or go on where the last connection ended."""
        drawn = await _drawn(connection)
        if self.tally.last is None or self.tally.last > drawn:
            start = max(0, drawn - self.policy.primed)
            await self._begin_at(connection, start)
        await self._read_all(connection)
        self.primed.set()

    async def _begin_at(self, connection: Connection, start: int) -> None:
        """Start a stream that misses nothing after a number, with some of what was said before it."""
        asked = {"after": 0, "up_to": start, "symbols": None, "kinds": None, "limit": self.policy.primed}
        before = await _rows(connection, statements.newest(Filter().tables), asked)
        self.tally = Tally(self.policy, last=start)
        self.hub.begin(epoch=uuid4().hex, past=[frames.of(row) for row in reversed(before)])

    async def _follow(self, connection: Connection) -> None:
        """Read whenever something was said, no oftener than the policy has it, and now and then unasked."""
        last = 0.0
        while True:
            if not self._was_woken:
                await self._hear(connection, timeout=self.policy.poll_seconds, stop_after=1)
            await asyncio.sleep(max(0.0, last + self.policy.batch_seconds - time.monotonic()))
            last = time.monotonic()
            await self._hear(connection)
            self._was_woken = False
            await self._read_all(connection)

    async def _hear(self, connection: Connection, *, timeout: float = 0, stop_after: int | None = None) -> None:
        """Take notifications: something was said, or somebody may do other things than before."""
        async for each in connection.notifies(timeout=timeout, stop_after=stop_after):
            if each.channel == RIGHTS_CHANNEL:
                self._tell_watchers(each.payload)
            else:
                self._was_woken = True

    def _tell_watchers(self, whom: str | None) -> None:
        for watcher in tuple(self.watchers):
            watcher(whom)

    async def _read_all(self, connection: Connection) -> None:
        while await self._read(connection):
            self.hub.become(Health.BEHIND)
        self.hub.become(Health.LIVE)

    async def _read(self, connection: Connection) -> bool:
        """Read what is new and what was missing in one snapshot; return whether there is more."""
        lows, highs = self.tally.spans()
        async with connection.pipeline():
            await connection.execute(statements.BEGIN)
            seen = await connection.execute(statements.SNAPSHOT)
            late = await _cursor(connection).execute(statements.MISSING, {"lows": lows, "highs": highs})
            asked = {"after": self.tally.last, "limit": self.policy.page}
            new = await _cursor(connection).execute(statements.NEXT, asked)
            await connection.execute(statements.COMMIT)
        oldest, following = (await seen.fetchall())[0]
        read = await new.fetchall()
        # What was revoked before this snapshot has been told by its end: it is heeded before what was said after it.
        await self._hear(connection)
        self._take([*await late.fetchall(), *read], Snapshot(oldest, following))
        return len(read) == self.policy.page

    def _take(self, rows: Sequence[Row], snapshot: Snapshot) -> None:
        now = time.monotonic()
        fresh = self.tally.fresh(rows, snapshot=snapshot, now=now)
        self.tally.settle(snapshot=snapshot, now=now)
        self.hub.publish([frames.of(row) for row in fresh], settled=self.tally.settled)


_streams: dict[asyncio.AbstractEventLoop, Stream] = {}


def running() -> Stream:
    """Return the stream of this process, started by whoever asks first."""
    loop = asyncio.get_running_loop()
    if loop not in _streams:
        _streams[loop] = Stream(policy=POLICY)
    return _streams[loop]


async def connect(policy: StreamPolicy) -> Connection:
    """Open a connection that may listen: by DATABASE_LISTEN_URL where a pooler stands before the database."""
    wanted = connections.as_options(connections.HOT_PATH)
    options: dict[str, Any] = {"autocommit": True, "application_name": NAME, "options": wanted}
    silent = round(policy.silent_seconds)
    options |= {"keepalives_idle": silent, "keepalives_interval": 1, "tcp_user_timeout": silent * 1_000}
    if settings.DATABASE_LISTEN_URL:
        connection = await psycopg.AsyncConnection.connect(settings.DATABASE_LISTEN_URL, **options)
    else:
        connection = await psycopg.AsyncConnection.connect(**connections.parameters(), **options)
    connection.prepare_threshold = 0
    set_json_loads(json_values.loads, connection)
    return connection


#: PostgreSQL's largest bigint: no number is drawn beyond it.
_LAST_NUMBER = 2**63 - 1


def _cursor(connection: Connection) -> psycopg.AsyncCursor[Row]:
    return connection.cursor(row_factory=class_row(Row))


async def _rows(connection: Connection, sql: str, asked: Mapping[str, Any]) -> list[Row]:
    return await (await _cursor(connection).execute(sql, asked)).fetchall()


async def _drawn(connection: Connection) -> int:
    """Return the highest number that any strand was ever given."""
    row = await (await connection.execute(statements.DRAWN)).fetchone()
    return int(row[0]) if row else 0
