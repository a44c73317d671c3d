"""Change the money's path, one slip at a time, and see whether a test of its own notices.

python -m tests.mutants [MODULE…] [--seconds 600] [--only TEXT] [--list]

Each change is tried in a process of its own; no file is touched. Exits with 1 when a change lived that
docs/explanation/mutants.md does not explain, with 2 when the tests fail before any change.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.mutants import changes, trials
from tests.mutants.changes import Mutant

PAGE = trials.ROOT / "docs" / "explanation" / "mutants.md"
UNIT, MODULES = "tests/unit", "tests/unit/tradingops/modules"
_CLAIMS = ("tests/integration/test_row_locks.py", "tests/integration/test_lanes.py", "tests/conformance/test_wire.py")
_CLAIMS += (
    "tests/integration/test_turns.py",
    "tests/integration/test_expiry.py",
    "tests/integration/test_dead_letter.py",
)


@dataclass(frozen=True)
class Target:
    """A file of the money's path, and the tests that belong to it."""

    path: str
    tests: tuple[str, ...]


TARGETS = {
    "ledger": Target("portfolio/ledger.py", (f"{UNIT}/portfolio/test_ledger.py",)),
    "sizing": Target("portfolio/sizing.py", (f"{UNIT}/portfolio/test_sizing.py",)),
    "gates": Target(
        "tradingops/modules/decision/gates.py",
        (f"{MODULES}/test_decision_gates.py", f"{UNIT}/portfolio/plans/test_approved.py"),
    ),
    "paper": Target(
        "portfolio/execution/venues/paper.py",
        (f"{UNIT}/portfolio/execution/test_paper.py", "tests/conformance/test_venue.py"),
    ),
    "claim": Target("strands/wires/statements.py", _CLAIMS),
    "claims": Target("strands/wires/claims.py", (f"{UNIT}/strands/test_claims.py", *_CLAIMS)),
}
#: A trial that takes so many times as long as the tests without a change hangs.
PATIENCE = 4


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "modules", nargs="*", metavar="MODULE", help=f"of {', '.join(TARGETS)}; all where none is named"
    )
    parser.add_argument("--seconds", type=float, default=600.0, help="stop after so long, each module its share (600)")
    parser.add_argument("--only", default="", metavar="TEXT", help="changes in functions or lines that hold this text")
    parser.add_argument("--list", action="store_true", help="show the changes and try none")
    asked = parser.parse_args()
    if unknown := set(asked.modules) - TARGETS.keys():
        parser.error(f"{', '.join(sorted(unknown))}: no such module; name of {', '.join(TARGETS)}")
    os.environ["CI"] = "1"  # hypothesis draws the same examples for every change
    os.chdir(trials.ROOT)
    trials.warm_up()
    chosen = asked.modules or list(TARGETS)
    alive = [each for name in chosen for each in _module(name, asked, seconds=asked.seconds / len(chosen))]
    sys.exit(int(bool(alive)))


def _module(name: str, asked: argparse.Namespace, *, seconds: float) -> list[Mutant]:
    """Try the changes of one file as far as the time goes; return those that lived and that nobody explains."""
    target = TARGETS[name]
    path = trials.ROOT / target.path
    mutants = [each for each in changes.of(path.read_text()) if asked.only in f"{each.place} {each.before}"]
    if asked.list:
        for each in mutants:
            print(_line(name, each))
        return []
    outcome, once = trials.run(path, None, target.tests, most_seconds=300.0)
    if outcome != "survived":
        print(f"{name}: {' '.join(target.tests)} fail before any change", file=sys.stderr)
        sys.exit(2)
    return _tried(name, path, mutants, target.tests, once=once, seconds=seconds)


def _tried(
    name: str, path: Path, mutants: Sequence[Mutant], tests: Sequence[str], *, once: float, seconds: float
) -> list[Mutant]:
    until, counts, alive = time.monotonic() + seconds, Counter[str](), []
    explained = PAGE.read_text() if PAGE.exists() else ""
    for each in random.Random(1).sample(mutants, len(mutants)):
        if time.monotonic() > until:
            break
        outcome, _ = trials.run(path, each.tree, tests, most_seconds=once * PATIENCE + 5)
        if outcome == "survived" and _row(name, each) in explained:
            outcome = "explained"
        counts[outcome] += 1
        if outcome == "survived":
            alive.append(each)
            print(_line(name, each), flush=True)
    told = ", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items()))
    print(f"{name}: {counts.total()} of {len(mutants)} changes tried: {told or 'none'}", flush=True)
    return alive


def _line(name: str, each: Mutant) -> str:
    return f"{name}:{each.line} {_row(name, each)}"


def _row(name: str, each: Mutant) -> str:
    """Return how the page names a change: without its line, which moves."""
    return (
        f"| {name} | `{each.place}` | `{each.before.replace('|', chr(166))}` | `{each.after.replace('|', chr(166))}` |"
    )


if __name__ == "__main__":
    main()
