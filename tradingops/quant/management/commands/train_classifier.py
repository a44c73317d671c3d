"""Compute the sequence classifier's weights from recorded bars, and say how they do on bars they have not seen."""

from __future__ import annotations

import dataclasses
import json
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import chain, islice
from pathlib import Path
from typing import Any

import numpy as np
from django.core.management.base import BaseCommand, CommandError

from curators.dsi import training
from curators.dsi.policy import ClassifierPolicy
from strands.market import reader
from strands.market.bar import Bar
from strands.market.feeds import recorded, simulated

USAGE = 2
EXAMPLE = "example: manage.py train_classifier BTCUSDT_5m.csv.gz --out curators/dsi/experts/weights.py"
#: The simulated market that is learned from when no file is given.
SIMULATED = ("BTC-SIM", "ETH-SIM")
BEGINNING = datetime(2024, 1, 1, tzinfo=UTC)


class Command(BaseCommand):
    help = (
        "Train the sequence classifier on the first part of each recording (or on a simulated market, without any), "
        f"and print how it does on the rest of that part. The same bars give the same weights. {EXAMPLE}"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="*", metavar="FILE", type=Path)
        parser.add_argument("--out", metavar="MODULE", type=Path, help="write the weights here, as a Python module")
        parser.add_argument("--bars", type=int, default=20_000, help="simulated bars of each symbol, without files")
        parser.add_argument("--seed", type=int, default=1, help="of the simulated market, without files")

    def handle(self, *args: Any, **options: Any) -> None:
        """Exit with 2 for a file that cannot be read or bars that are too few to learn from."""
        policy = ClassifierPolicy()
        try:
            markets = dict(_recorded(options["files"]) if options["files"] else _simulated(**_asked(options)))
            numbers, report = _trained(markets, policy)
        except (reader.Unreadable, ValueError) as fault:
            raise CommandError(str(fault), returncode=USAGE) from None
        if options["out"]:
            options["out"].write_text(_module(numbers, report))
        self.stdout.write(json.dumps(report, indent=2))


def _asked(options: dict[str, Any]) -> dict[str, int]:
    return {"bars": options["bars"], "seed": options["seed"]}


def _trained(markets: dict[str, Any], policy: ClassifierPolicy) -> tuple[dict[str, Any], dict[str, Any]]:
    parts = {name: training.split(rows, policy=policy) for name, rows in markets.items()}
    learned = training.together([part for part, _ in parts.values()])
    numbers = training.fit(learned, policy=policy)
    held_out = training.together([part for _, part in parts.values()])
    return numbers, {
        "markets": sorted(markets),
        "used_share": policy.used_share,
        "train_share": policy.train_share,
        "fitted_to": _figures(numbers, learned, policy),
        "held_out": _figures(numbers, held_out, policy),
        "held_out_by_market": {name: _figures(numbers, part, policy) for name, (_, part) in sorted(parts.items())},
    }


def _figures(numbers: dict[str, Any], seen: training.Examples, policy: ClassifierPolicy) -> dict[str, Any]:
    return dataclasses.asdict(training.judge(numbers, seen, policy=policy))


def _recorded(files: Iterable[Path]) -> Iterator[tuple[str, Any]]:
    # A fit adds up in the order of its examples: sorted, the order on the command line does not matter.
    for path in sorted(files, key=lambda each: each.name):
        yield path.name, _rows(recorded.read(path).bars)


def _simulated(*, bars: int, seed: int) -> Iterator[tuple[str, Any]]:
    for symbol in SIMULATED:
        feed = simulated.Simulated([symbol], start=BEGINNING, seed=seed)
        yield symbol, _rows(islice(chain.from_iterable(feed), bars))


def _rows(bars: Iterable[Bar]) -> Any:
    fields = ("open", "high", "low", "close", "volume")
    return np.array([[bar.closed_at.timestamp(), *(float(getattr(bar, name)) for name in fields)] for bar in bars])


def _module(numbers: dict[str, Any], report: dict[str, Any]) -> str:
    """Return the weights as Python that the formatter leaves alone: one number a line."""
    told = {name: value for name, value in report.items() if name != "held_out_by_market"}
    return (
        '"""The sequence classifier\'s weights; written by `manage.py train_classifier`, not by hand."""\n\n'
        "from __future__ import annotations\n\nfrom typing import Any\n\n"
        "#: What they were fitted to, and how they did on what they were not.\n"
        f"TRAINED: dict[str, Any] = {_python(told, 0)}\n\n"
        f"LEARNED: dict[str, Any] = {_python(numbers, 0)}\n"
    )


def _python(value: Any, depth: int) -> str:
    inner, outer = "    " * (depth + 1), "    " * depth
    if isinstance(value, dict):
        lines = (f"{inner}{json.dumps(name)}: {_python(each, depth + 1)},\n" for name, each in value.items())
        return "{\n" + "".join(lines) + outer + "}"
    if isinstance(value, list):
        return "[\n" + "".join(f"{inner}{_python(each, depth + 1)},\n" for each in value) + outer + "]"
    return json.dumps(value)
