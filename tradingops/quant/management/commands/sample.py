"""Write a month of generated bars, for whoever has no file of their own."""

from __future__ import annotations

import gzip
from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import chain, takewhile
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from strands.market.bar import Bar, Timeframe
from strands.market.feeds import simulated
from tradingops.management import files

SYMBOL, MONTH = "BTC-SIM", "2024-01"
EXAMPLE = "example: manage.py sample --symbol ETH-SIM --month 2024-02"
USAGE = 2
HEADING = "timestamp,open,high,low,close,volume"


class Command(BaseCommand):
    help = f"Write a month of generated bars to a file, the same on every machine; no market ever traded so. {EXAMPLE}"
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--symbol", default=SYMBOL, help=f"what the bars are of ({SYMBOL})")
        parser.add_argument("--timeframe", default=Timeframe.M1.value, help=f"one of {', '.join(Timeframe)} (1m)")
        parser.add_argument("--month", default=MONTH, metavar="YYYY-MM", help=f"which month, in UTC ({MONTH})")
        parser.add_argument("--seed", type=int, default=1, metavar="N", help="which simulated market (1)")
        parser.add_argument("--folder", type=Path, default=Path(), metavar="FOLDER", help="where to write (here)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Exit with 0, or with 2 for a month that is none or a folder that cannot be written to."""
        timeframe = files.timeframe(options["timeframe"]) or Timeframe.M1
        symbol, start = options["symbol"].upper(), _month(options["month"])
        bars = list(_bars(symbol, timeframe, start, options["seed"]))
        path = options["folder"] / f"{symbol.replace('/', '-')}_{timeframe}_{options['month']}.csv.gz"
        try:
            path.write_bytes(gzip.compress("\n".join([HEADING, *map(_row, bars), ""]).encode(), mtime=0))
        except OSError as fault:
            raise CommandError(f"--folder: {path} cannot be written ({fault.strerror})", returncode=USAGE) from None
        self.stdout.write(f"{path}: {len(bars):,} generated bars of {symbol} {timeframe}")


def _month(text: str) -> datetime:
    try:
        return datetime.strptime(text, "%Y-%m").replace(tzinfo=UTC)
    except ValueError:
        raise CommandError(f"--month: {text!r} is no month such as {MONTH}", returncode=USAGE) from None


def _bars(symbol: str, timeframe: Timeframe, start: datetime, seed: int) -> Iterator[Bar]:
    end = (start + timedelta(days=31)).replace(day=1)
    told = chain.from_iterable(simulated.Simulated([symbol], start=start, seed=seed, timeframe=timeframe))
    return takewhile(lambda bar: bar.opened_at < end, told)


def _row(bar: Bar) -> str:
    return ",".join((f"{bar.opened_at:%Y-%m-%dT%H:%M:%SZ}", *bar[3:8]))
