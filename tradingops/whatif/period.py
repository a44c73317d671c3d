"""The whole period replayed: what the market told, played through a desk in memory under a draft, path and all.

What is played is what the database recorded: the market's strands in the order they were told, and what people put in
force meanwhile. The period is played twice, as it was and under the draft, so that nothing but the draft differs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

import psycopg

from strands import tables
from strands.rulings.ruling import COLUMNS as RULINGS
from strands.strand import Strand
from strands.wires import rows
from tradingops import engine, environments
from tradingops.modules.market.bar_strand import MODULE as MARKET
from tradingops.replay import comparison, comparison_json, report
from tradingops.whatif import said
from tradingops.whatif.draft import BadDraft, Draft

#: Rows of the market read together.
PAGE = 2_000
SPAN = "(%(since)s::timestamptz IS NULL OR at >= %(since)s) AND (%(until)s::timestamptz IS NULL OR at < %(until)s)"
TOLD = f"""
    SELECT said, id, row_to_json(strand)::text FROM {{table}} AS strand
     WHERE said > %(after)s AND {SPAN} ORDER BY said LIMIT %(page)s
"""
#: What people said by themselves; a halt that risk put in force comes of the replay's own risk.
PEOPLE = f"""
    SELECT said, kind, row_to_json(strand)::text FROM op_strands AS strand WHERE hop = 0 AND {SPAN} ORDER BY said
"""
COUNTED = f"SELECT count(*) FROM {{table}} WHERE {SPAN}"
DECIDED = f"SELECT id, row_to_json(strand)::text FROM dm_strands AS strand WHERE kind = 'decision' AND {SPAN}"
Progress = Callable[[float], object]


@dataclass(frozen=True, kw_only=True)
class Term:
    """From when up to when, of market time; None for no bound."""

    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Whole:
    """A period played as it was (``first``) and under the draft (``second``), and how far the first is the record.

    ``recorded`` decisions stand in the database; the replay says ``alike`` of them again. ``unplayed`` counts what
    people said that no replay plays.
    """

    draft: Draft
    strands: int
    recorded: int
    alike: int
    unplayed: int
    compared: comparison.Comparison

    def to_json(self) -> dict[str, Any]:
        """Return both runs under the name that tells them from decisions taken one by one."""
        return {
            "policy": self.draft.policy,
            "content": dict(self.draft.content),
            "whole_period_replayed": {
                "market_strands": self.strands,
                "decisions_recorded": self.recorded,
                "decisions_replayed_alike": self.alike,
                "acts_of_people_not_played": self.unplayed,
                **comparison_json.to_json(self.compared),
            },
        }


def settings_of(draft: Draft, *, mode: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of a desk that goes by a draft for all of a period; raises BadDraft for one that cannot."""
    if draft.symbol is not None:
        raise BadDraft(f"symbol: {draft.symbol!r}: a replay goes by one policy for all symbols; write null")
    chosen = {**mode, **{f"{draft.policy}.{name}": value for name, value in draft.content.items()}}
    try:
        environments.policies(chosen)
    except ValueError as broken:
        raise BadDraft(str(broken)) from None
    return chosen


def replayed(
    connection: psycopg.Connection[Any],
    draft: Draft,
    *,
    mode: Mapping[str, Any],
    term: Term,
    progress: Progress = lambda share: None,
) -> Whole:
    """Return a period played twice; ``progress`` is told the share of all that is to be played."""
    changed = settings_of(draft, mode=mode)
    total = _count(connection, term)
    acts = connection.execute(PEOPLE, _asked(term)).fetchall()
    ruled = [(place, rows.strand(tables.TABLES["op"], text)) for place, kind, text in acts if kind in RULINGS]
    theirs = [each for each in ruled if f"{draft.policy}:policy_changed" not in each[1].tags]
    was = _played(_counting(_market(connection, term), total, _half(progress, 0)), ruled, dict(mode))
    now = _played(_counting(_market(connection, term), total, _half(progress, 1)), theirs, changed)
    there = dict(connection.execute(DECIDED, _asked(term)).fetchall())
    compared = comparison.compare(*(comparison.run(said_by.values(), made=made) for said_by, made in (was, now)))
    return Whole(
        draft=draft,
        strands=total,
        recorded=len(there),
        alike=sum(_alike(was[0].get(identity), text) for identity, text in there.items()),
        unplayed=len(acts) - len(ruled),
        compared=compared,
    )


Played = tuple[Mapping[str, Strand], report.Report]


def _played(
    told: Iterable[tuple[int, Strand]], rulings: list[tuple[int, Strand]], settings: Mapping[str, Any]
) -> Played:
    """Return the strands of a desk that heard a market and its people, and the report of them."""
    desk, waiting = environments.replay(settings), list(rulings)
    with environments.uncollected():
        for _, moment in groupby(told, key=lambda each: each[1].at):
            strands = list(moment)
            while waiting and waiting[0][0] < strands[0][0]:
                desk.wire.publish([waiting.pop(0)[1]])
            desk.wire.publish([strand for _, strand in strands])
            desk.wire.drain(desk.desk, engine.market_time)
    cash = environments.policies(settings)["dm"].initial_cash
    return desk.wire.strands, report.build(desk.wire.strands.values(), initial_cash=cash)


def _market(connection: psycopg.Connection[Any], term: Term) -> Iterator[tuple[int, Strand]]:
    """Yield what the market told, page by page, with its place in the order of all that was said."""
    table, after = tables.TABLES[MARKET], -1
    statement = TOLD.format(table=table.name)
    while page := connection.execute(statement, {**_asked(term), "after": after, "page": PAGE}).fetchall():
        for place, _, text in page:
            yield place, rows.strand(table, text)
        after = page[-1][0]


def _half(progress: Progress, place: int) -> Progress:
    """Return what tells the progress of one of two runs as that of both."""
    return lambda share: progress((place + share) / 2)


def _counting(told: Iterable[tuple[int, Strand]], total: int, progress: Progress) -> Iterator[tuple[int, Strand]]:
    for number, each in enumerate(told, 1):
        yield each
        if number % PAGE == 0 or number == total:
            progress(number / total)


def _count(connection: psycopg.Connection[Any], term: Term) -> int:
    [(count,)] = connection.execute(COUNTED.format(table=tables.TABLES[MARKET].name), _asked(term)).fetchall()
    return int(count)


def _asked(term: Term) -> dict[str, Any]:
    return {"since": term.since, "until": term.until}


def _alike(replayed: Strand | None, text: str) -> bool:
    """Return whether a replay says a recorded decision again: the same verdict, size, and findings of every gate."""
    return replayed is not None and said.read(replayed) == said.read(rows.strand(tables.TABLES["dm"], text))
