"""Markets that make a desk act, small enough to tell twice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from strands import tables
from strands.market.bar import Bar
from strands.strand import Strand
from strands.wires import rows
from tradingops import connections, engine, environments
from tradingops.replay.refold import plain


def replayed(feeds: Sequence[Sequence[Bar]], *, settings: dict[str, Any] | None = None) -> dict[str, Strand]:
    """Return everything but bars that a desk in memory says over these bars."""
    desk = environments.replay(settings)
    desk.run([[list(bars)] for bars in feeds])
    return desk.wire.strands


def told(wire: Any, feeds: Sequence[Sequence[Bar]]) -> None:
    """Let a desk on a wire hear these bars, one round a moment."""
    modules = list(environments.modules().values())
    for _, strands in environments.market_data().moments([[list(bars)] for bars in feeds]):
        wire.publish(strands)
        engine.drain(modules, wire, engine.market_time)


def written() -> dict[str, Strand]:
    """Return everything but bars that the database holds."""
    with connections.wire() as connection:
        return {
            identity: rows.strand(table, text)
            for table in tables.TABLES.values()
            if table.module != "market"
            for identity, text in connection.execute(
                f"SELECT id, row_to_json(strand)::text FROM {table.name} AS strand"
            ).fetchall()
        }


def contents(strands: Mapping[str, Strand]) -> dict[str, Any]:
    """Return what strands say and what they answer, by id."""
    return {
        identity: (each.kind, sorted(each.tags), each.parent_id, each.lifecycle_id, plain(dict(each.payload)))
        for identity, each in strands.items()
    }


def said_by(strands: Iterable[Strand]) -> dict[str, int]:
    """Count what was said by module and kind."""
    counts: dict[str, int] = {}
    for strand in strands:
        name = f"{strand.module} {strand.kind}"
        counts[name] = counts.get(name, 0) + 1
    return counts
