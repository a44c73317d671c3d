"""The acts that a database holds, each with the moment of the market after which its turns say that it took effect."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import psycopg

from strands import tables
from strands.rulings.ruling import COLUMNS as RULINGS
from strands.strand import Strand
from strands.wires import rows
from tradingops.replay.acts.act import KINDS, Act, is_automatic

SAID = "SELECT said, row_to_json(strand)::text FROM op_strands AS strand WHERE kind = ANY(%(kinds)s) ORDER BY said"
#: Between which moments of the market turns were given one ruling as the last they knew, by its place in the order.
KNOWN = """
    SELECT coalesce(ruling.said, 0), min(bar.at), max(bar.at)
      FROM module_messages AS turn
      JOIN md_strands AS bar ON bar.id = turn.strand_id
      LEFT JOIN op_strands AS ruling ON ruling.id = turn.given
     WHERE turn.strand_table = 'md_strands' AND turn.status = 'delivered'
     GROUP BY 1
"""
#: The last moment of the market that who heard an act took before it, and the first after it.
HEARD = """
    SELECT max(bar.at) FILTER (WHERE turn.sequence < heard.sequence),
           min(bar.at) FILTER (WHERE turn.sequence > heard.sequence)
      FROM module_messages AS heard
      JOIN module_messages AS turn ON turn.listener = heard.listener AND turn.partition = heard.partition
      JOIN md_strands AS bar ON bar.id = turn.strand_id
     WHERE heard.strand_id = %(id)s AND heard.strand_table = 'op_strands' AND heard.status = 'delivered'
       AND turn.strand_table = 'md_strands' AND turn.status = 'delivered'
     GROUP BY heard.message_id
"""
NEWEST = "SELECT max(at) FROM md_strands WHERE kind = 'bar'"


class Placed(NamedTuple):
    """An act at its place; ``open`` where turns of one moment or of several disagree on it."""

    act: Act
    open: bool


class Edges(NamedTuple):
    """The last moment that was taken without an act, and the first with it; None where there is none."""

    without: datetime | None
    with_it: datetime | None

    def joined(self, other: Edges) -> Edges:
        """Return what two records together say."""
        lasts = [each for each in (self.without, other.without) if each]
        firsts = [each for each in (self.with_it, other.with_it) if each]
        return Edges(max(lasts, default=None), min(firsts, default=None))


NOWHERE = Edges(None, None)


def recorded(connection: psycopg.Connection[Any]) -> list[Placed]:
    """Return the acts of people in the order in which they took effect; automatic halts are none."""
    known = connection.execute(KNOWN).fetchall()
    newest = (connection.execute(NEWEST).fetchone() or (None,))[0]
    placed = [
        (said, _placed(strand, _edges(connection, strand, said, known), newest))
        for said, strand in _said(connection)
        if not is_automatic(strand)
    ]
    return [each for _, each in sorted(placed, key=lambda pair: (_order(pair[1].act.after), pair[0]))]


def _said(connection: psycopg.Connection[Any]) -> Iterator[tuple[int, Strand]]:
    for said, text in connection.execute(SAID, {"kinds": list(KINDS)}).fetchall():
        yield said, rows.strand(tables.TABLES["op"], text)


def _edges(connection: psycopg.Connection[Any], strand: Strand, said: int, known: Sequence[Any]) -> Edges:
    edges = NOWHERE
    for without, with_it in connection.execute(HEARD, {"id": strand.id}).fetchall():
        edges = edges.joined(Edges(without, with_it))
    if strand.kind in RULINGS:
        for ruling, first, last in known:
            edges = edges.joined(Edges(None, first) if ruling >= said else Edges(last, None))
    return edges


def _placed(strand: Strand, edges: Edges, newest: datetime | None) -> Placed:
    """Return an act after the newest bar of when it was said, unless turns say that it took effect before or after."""
    without, with_it = edges
    said = strand.at if newest is None else min(strand.at, newest)
    after = without if with_it and said >= with_it else max(filter(None, (without, said)))
    return Placed(Act(after, strand), bool(without and with_it and without >= with_it))


def _order(after: datetime | None) -> tuple[bool, float]:
    return after is not None, after.timestamp() if after else 0.0
