"""One benchmark here and in another checkout, in turn: the ratio of their medians.

    python -m tests.benchmarks.against --other CHECKOUT [--rounds N] BENCH [ARGUMENT…]

BENCH is ``bench_replay``, ``bench_wire``, ``bench_lists``, ``bench_modules`` or another that prints one JSON line; what
follows goes to it. Each round runs it once in either checkout, with that checkout's own environment and private
database, the first place changing hands, so that what the machine does besides falls on both alike. Every figure that
the benchmark prints is compared: those in milliseconds are better when smaller, those a second when larger.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent.parent.parent
#: Of the environment what belongs to one checkout and not to the other.
OF_A_CHECKOUT = ("DJANGO_SETTINGS_MODULE", "DATABASE_URL", "TRADINGOPS_DATA", "PYTHONPATH", "VIRTUAL_ENV")


def measured(checkout: Path, bench: str, arguments: Sequence[str]) -> dict[str, float]:
    """Run a benchmark's single round in a checkout, and return every figure it prints, by its dotted name."""
    environment = {name: value for name, value in os.environ.items() if name not in OF_A_CHECKOUT}
    python = checkout / ".venv" / "bin" / "python"
    command = [str(python), "-m", f"tests.benchmarks.{bench}", *arguments, "--rounds", "1"]
    ended = subprocess.run(command, cwd=checkout, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return dict(figures(json.loads(ended.stdout.strip().splitlines()[-1])))


def figures(told: Any, name: str = "") -> Iterator[tuple[str, float]]:
    """Yield every number in a benchmark's line, by its dotted name."""
    if isinstance(told, Mapping):
        for key, value in told.items():
            yield from figures(value, f"{name}.{key}" if name else str(key))
    elif isinstance(told, int | float) and not isinstance(told, bool):
        yield name, float(told)


def compared(other: Sequence[Mapping[str, float]], here: Sequence[Mapping[str, float]]) -> dict[str, Any]:
    """Return medians and their ratio, here / other, of every figure that both print and that is not a constant.

    ``rounds`` holds the least and the largest ratio of one round: what lies between them is within the noise.
    """
    names = [name for name in here[0] if all(name in each for each in (*other, *here))]
    return {
        name: _side_by_side([each[name] for each in other], [each[name] for each in here])
        for name in names
        if len({each[name] for each in (*other, *here)}) > 1
    }


def _side_by_side(other: Sequence[float], here: Sequence[float]) -> dict[str, Any]:
    before, after = statistics.median(other), statistics.median(here)
    each = [round(now / was, 3) for was, now in zip(other, here, strict=True) if was]
    return {
        "other": before,
        "here": after,
        "here / other": round(after / before, 3) if before else None,
        "rounds": [min(each, default=None), max(each, default=None)],
    }


def main(argv: Sequence[str] | None = None) -> dict[str, Any]:
    """Print one JSON line, and return what it says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--other", type=Path, required=True, metavar="CHECKOUT", help="what this one is held against")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("bench")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="what the benchmark is given")
    asked = parser.parse_args(argv)
    places = {"other": asked.other.resolve(), "here": HERE}
    seen: dict[str, list[dict[str, float]]] = {name: [] for name in places}
    for nth in range(asked.rounds):
        for name in list(places) if nth % 2 == 0 else list(reversed(places)):
            seen[name].append(measured(places[name], asked.bench, asked.arguments))
        print(f"round {nth + 1} of {asked.rounds}", file=sys.stderr)
    told = {"bench": asked.bench, "rounds": asked.rounds, "figures": compared(seen["other"], seen["here"])}
    for name, each in told["figures"].items():
        print(
            f"{name}: {each['other']:g} there, {each['here']:g} here, ratio {each['here / other']} {each['rounds']}",
            file=sys.stderr,
        )
    print(json.dumps(told))
    return told


if __name__ == "__main__":
    main()
