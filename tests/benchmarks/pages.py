"""What a page takes: milliseconds of the server, of them the console's own work, and queries."""

from __future__ import annotations

import statistics
import time
from collections.abc import Mapping, Sequence
from typing import Any


def client() -> Any:
    """Return a browser of a superuser, as far as the server can tell."""
    from django.contrib.auth import get_user_model
    from django.test import Client

    signed_in = Client(headers={"host": "127.0.0.1"})
    signed_in.force_login(get_user_model().objects.create_superuser("bench", password=None))
    return signed_in


def measured(signed_in: Any, address: str, rounds: int) -> tuple[dict[str, Any], Any]:
    """Return what a page took, and its last answer; the first asking, which fills caches, is told apart.

    Where the machine is shared the least is the closest to what the page needs.
    """
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    took, worked, asked = [], [], []
    for _ in range(rounds + 1):
        with CaptureQueriesContext(connection) as queries:
            begun, busy = time.perf_counter(), time.process_time()
            answer = signed_in.get(address)
            took.append((time.perf_counter() - begun) * 1000)
            worked.append((time.process_time() - busy) * 1000)
        asked.append(sum(float(each["time"]) for each in queries) * 1000)
    warm = took[1:]
    told = {
        "median_ms": round(statistics.median(warm), 1),
        "least_ms": round(min(warm), 1),
        "most_ms": round(max(warm), 1),
        "cold_ms": round(took[0], 1),
        "console_cpu_ms": round(min(worked[1:]), 1),
        "database_ms": round(min(asked[1:]), 1),
        "queries": len(queries),
        "status": answer.status_code,
    }
    return told, answer


def times_floor(pages: Mapping[str, Mapping[str, Any]], floors: Mapping[str, float]) -> dict[str, float]:
    """Return of each page that has a floor by its name how often its queries together take what that takes."""
    return {name: round(pages[name]["database_ms"] / floor, 1) for name, floor in floors.items() if name in pages}


def floors(connection: Any, statements: Mapping[str, str], rounds: int) -> dict[str, float]:
    """Return what a bare SELECT of the rows of a page takes [ms], the least of some rounds, by name."""
    return {name: _least(connection, statement, rounds) for name, statement in statements.items()}


def _least(connection: Any, statement: str, rounds: int) -> float:
    took: Sequence[float] = []
    for _ in range(rounds + 1):
        begun = time.perf_counter()
        connection.execute(statement).fetchall()
        took = [*took, (time.perf_counter() - begun) * 1000]
    return round(min(took), 2)
