"""Read recorded bars into the market tables."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from tqdm import tqdm

from strands.market import projections, reader
from strands.market.bar import Bar, Timeframe
from strands.market.feeds import recorded
from strands.market.instruments import fitting
from strands.market.reading.understanding import Understanding
from strands.market.rollup import Rollup
from tradingops.management import files, listing

EXAMPLE = "example: manage.py import_bars BTC-PERP_1m_2022-01.csv.gz ETH_USDT-1h.feather"
REFUSED, USAGE = 1, 2
#: Rows in a statement.
ROWS = 2000
SHOWN = 10
#: Rows that --dry-run shows.
FIRST = 5


class Command(BaseCommand):
    help = (
        "Read delimited text (plain, gzip or zip), Parquet or Feather into market_data_1m, _5m, _15m, _1h, _4h, _1d. "
        "Bars of a shorter timeframe also fill the tables of the longer ones. Importing twice changes nothing. "
        f"{EXAMPLE}"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", metavar="FILE", type=Path)
        parser.add_argument("--symbol", help="for a file whose name does not tell")
        parser.add_argument("--timeframe", help=f"one of {', '.join(Timeframe)}; else the file's name or its rows tell")
        parser.add_argument("--strict", action="store_true", help="refuse a file whole when a row of it is bad")
        parser.add_argument("--dry-run", action="store_true", help="show how a file was understood, and keep nothing")
        files.add_arguments(parser)
        listing.add_to(parser)
        parser.add_argument("--json", action="store_true", help="the report as JSON on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        """Exit with 0 when all files were read, 1 when ``--strict`` refused one, 2 for one that cannot be read."""
        timeframe, told = files.timeframe(options["timeframe"]), files.told_by(options)
        listed = listing.read(options["instruments"])
        reports = []
        for path in options["files"]:
            try:
                recording, how = recorded.understood(
                    path, symbol=options["symbol"], timeframe=timeframe, strict=options["strict"], told=told
                )
            except reader.Refused as fault:
                raise CommandError(str(fault), returncode=REFUSED) from None
            except reader.Unreadable as fault:
                raise CommandError(str(fault), returncode=USAGE) from None
            self._tell_rows(recording)
            off = fitting.off(listed.get(recording.symbol), recording.bars)
            for line in off:
                self.stderr.write(f"  {line}")
            told_of = self._show(recording, how) if options["dry_run"] else self._import(recording)
            reports.append({**told_of, "notes": [*told_of["notes"], *off]})
        if options["json"]:
            self.stdout.write(json.dumps(reports))

    def _show(self, recording: reader.Recording, how: Understanding) -> dict[str, Any]:
        """Tell how a file was understood, and its first bars as they would be kept."""
        for line in how.lines():
            self.stderr.write(f"  {line}")
        first = [[bar.opened_at.isoformat(), *bar[3:8]] for bar in recording.bars[:FIRST]]
        for cells in [("opens", "open", "high", "low", "close", "volume"), *first]:
            self.stderr.write(f"    {cells[0]:<25}  {'  '.join(f'{cell:>16}' for cell in cells[1:])}")
        self.stderr.write("  nothing was kept (--dry-run)")
        understood = {"columns": dict(how.columns), "times": how.times, "numbers": how.numbers, "first": first}
        return {**_report(recording, {}), "understood": understood}

    def _import(self, recording: reader.Recording) -> dict[str, Any]:
        """Keep a recording in one transaction and tell what became of it."""
        kept = {}
        with transaction.atomic(), connection.cursor() as cursor:
            for timeframe, bars, rolled in _tables(recording):
                kept[timeframe] = self._keep(cursor, recording, timeframe, bars, rolled=rolled)
        report = _report(recording, kept)
        self._tell_tables(recording, report)
        return report

    def _keep(
        self, cursor: Any, recording: reader.Recording, timeframe: Timeframe, bars: Sequence[Bar], *, rolled: bool
    ) -> tuple[str, projections.Kept]:
        counts = [0, 0, 0]
        label = f"{recording.symbol} {timeframe}"
        with tqdm(total=len(bars), desc=label, unit="bar", file=sys.stderr, disable=None) as progress:
            for start in range(0, len(bars), ROWS):
                few = bars[start : start + ROWS]
                kept = projections.keep(cursor, timeframe, few, rolled=rolled)
                counts = [before + now for before, now in zip(counts, kept, strict=True)]
                progress.update(len(few))
        return ("rolled up" if rolled else "read"), projections.Kept(*counts)

    def _tell_rows(self, recording: reader.Recording) -> None:
        say = self.stderr.write
        first, last = recording.bars[0].opened_at, recording.bars[-1].opened_at
        say(f"{recording.name}: {len(recording.bars)} bars of {recording.symbol} {recording.timeframe}, "
            f"{first.isoformat()} to {last.isoformat()}")  # fmt: skip
        for line in recording.summary():
            say(f"  {line}")
        _list(say, "bad rows skipped", recording.bad)
        _list(say, "gaps", recording.gaps)

    def _tell_tables(self, recording: reader.Recording, report: dict[str, Any]) -> None:
        for table in report["tables"]:
            self.stderr.write(
                f"  {table['table']} ({table['source']}): {table['inserted']} inserted, "
                f"{table['unchanged']} unchanged, {table['replaced']} differed and were replaced"
            )
        if not any(table["inserted"] or table["replaced"] for table in report["tables"]):
            self.stderr.write("  nothing was kept that was not there before")


def _list(say: Any, what: str, found: Sequence[Any]) -> None:
    if found:
        say(f"  {len(found)} {what}:")
        for each in found[:SHOWN]:
            say(f"    {each}")
        if len(found) > SHOWN:
            say(f"    … and {len(found) - SHOWN} more")


def _tables(recording: reader.Recording) -> Iterator[tuple[Timeframe, Sequence[Bar], bool]]:
    """Yield each table's timeframe with the bars that go there: those read, and the buckets that they fill.

    A bucket is kept only when none of its bars is missing; the others might be filled by another file. Bars of a
    session's grid fill none.
    """
    base = recording.timeframe
    longer = recording.grid.is_utc
    for timeframe in projections.TABLES:
        if timeframe is base:
            yield timeframe, recording.bars, False
        elif longer and timeframe.holds(base):
            whole = timeframe.seconds // base.seconds
            rolled = [each.bar for each in Rollup(timeframe).extend(recording.bars) if each.bar.parts == whole]
            if rolled:
                yield timeframe, rolled, True


def _report(recording: reader.Recording, kept: dict[Timeframe, tuple[str, projections.Kept]]) -> dict[str, Any]:
    return {
        "file": recording.name,
        "symbol": recording.symbol,
        "timeframe": recording.timeframe.value,
        "bars": len(recording.bars),
        "grid": recording.grid.said(recording.timeframe),
        "differing": recording.differing,
        "notes": recording.summary(),
        "bad": [
            {"line": row.line, "rule": row.rule.value, "field": row.field, "value": row.value} for row in recording.bad
        ],
        "gaps": [
            {"from": gap.start.isoformat(), "to": gap.end.isoformat(), "missing": gap.bars} for gap in recording.gaps
        ],
        "tables": [
            {"table": projections.TABLES[timeframe], "source": source, **counts._asdict()}
            for timeframe, (source, counts) in kept.items()
        ],
    }
