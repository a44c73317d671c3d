"""Who is at work: each process says so every few seconds, and so learns which lanes are its share."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping, Sequence
from typing import Any

import psycopg

from strands.triggers import LANES
from strands.wires import transactions
from tradingops.engine import Module

#: A worker that has not said anything for so long, in seconds, is taken for dead, and its lanes for free.
DEAD_AFTER = 10

BEAT = """
    INSERT INTO workers (id, listener, host, pid, version, turns, faults, started_at, beat_at)
    SELECT %(worker)s || ':' || listener, listener, %(host)s, %(pid)s, version, turns, %(faults)s, now(), now()
      FROM unnest(%(listeners)s::text[], %(versions)s::text[], %(turns)s::bigint[]) AS run (listener, version, turns)
    ON CONFLICT (id) DO UPDATE SET turns = excluded.turns, faults = excluded.faults, beat_at = now(),
           last_turn_at = CASE WHEN excluded.turns > workers.turns THEN now() ELSE workers.last_turn_at END
"""
ALIVE = """
    SELECT listener, array_agg(id ORDER BY id) FROM workers
     WHERE listener = ANY(%(listeners)s) AND beat_at > now() - %(dead)s * interval '1 second' GROUP BY listener
"""
LEAVE = "DELETE FROM workers WHERE id = ANY(%(ids)s)"
BURY = "DELETE FROM workers WHERE beat_at < now() - interval '1 day'"


def here() -> str:
    """Return a name for this process, as no other process has."""
    return f"{socket.gethostname()}:{os.getpid()}"


class Heart:
    """One process's heartbeat for the listeners it runs."""

    def __init__(self, worker: str, modules: Sequence[Module]) -> None:
        self.worker = worker
        self.listeners, self.versions = [each.name for each in modules], [each.version for each in modules]

    def beat(
        self, connection: psycopg.Connection[Any], *, turns: Mapping[str, int], faults: int
    ) -> dict[str, list[int]]:
        """Say that this process lives; return, for each listener, the lanes that fall to it among the living.

        The share only spares workers each other's lanes; order is kept by the lock on each lane, whoever takes it.
        """
        told = {
            "worker": self.worker,
            "host": socket.gethostname(),
            "pid": os.getpid(),
            "turns": [turns.get(listener, 0) for listener in self.listeners],
            "faults": faults,
            "listeners": self.listeners,
            "versions": self.versions,
            "dead": DEAD_AFTER,
        }
        with transactions.whole(connection):
            connection.execute(BEAT, told)
            connection.execute(BURY)
            alive = dict(connection.execute(ALIVE, told).fetchall())
        return {listener: self._share(listener, alive.get(listener, [])) for listener in self.listeners}

    def _share(self, listener: str, alive: list[str]) -> list[int]:
        me = f"{self.worker}:{listener}"
        if me not in alive:
            return list(range(LANES))
        return list(range(alive.index(me), LANES, len(alive))) or list(range(LANES))

    def leave(self, connection: psycopg.Connection[Any]) -> None:
        connection.execute(LEAVE, {"ids": [f"{self.worker}:{listener}" for listener in self.listeners]})
