"""Whether a change of code changed anything that a desk says: every strand of a replay, id by id and value by value.

    python -m tests.benchmarks.same_replay write KEPT FILE…      before the change
    python -m tests.benchmarks.same_replay compare KEPT FILE…    after it: one JSON line, exit code 1 for a difference

Each FILE is a replay of its own; with ``--together`` all of them are one desk's. KEPT holds one line a strand (its id
and a digest of all its values), and one a state at the end.
"""

from __future__ import annotations

import argparse
import dataclasses
import gzip
import json
import sys
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

#: How many differences are named.
NAMED = 5


def digests(files: Sequence[Path]) -> Iterator[tuple[str, str]]:
    """Yield the id and digest of every strand that one desk says over these files, then those of its states."""
    from tests.benchmarks import desks

    desk = desks.replayed([desks.bars_of(file) for file in files], keep_bars=True)
    name = "+".join(file.name for file in files)
    for strand in desk.wire.strands.values():
        yield f"{name} {strand.module} {strand.kind} {strand.id}", digest_of(strand)
    for module, states in desk.wire.states.items():
        for partition, state in states.items():
            yield f"{name} state {module}:{partition}", _digest(state)


def digest_of(strand: Any) -> str:
    """Return a digest of all that a strand says: every field, its payload among them."""
    return _digest([getattr(strand, field.name) for field in dataclasses.fields(strand)])


def _digest(value: Any) -> str:
    return sha256(json.dumps(value, default=str, allow_nan=False).encode()).hexdigest()[:24]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("action", choices=("write", "compare"))
    parser.add_argument("kept", type=Path)
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--together", action="store_true", help="one desk over all files")
    asked = parser.parse_args()
    runs = [asked.files] if asked.together else [[file] for file in asked.files]
    now = dict(pair for files in runs for pair in digests(files))
    if asked.action == "write":
        with gzip.open(asked.kept, "wt") as kept:
            kept.writelines(f"{key}\t{digest}\n" for key, digest in now.items())
        print(json.dumps({"written": len(now)}))
        return
    with gzip.open(asked.kept, "rt") as kept:
        before = dict(line.rstrip("\n").split("\t") for line in kept)
    differ = [key for key in before.keys() | now.keys() if before.get(key) != now.get(key)]
    same_order = list(before) == list(now)
    told = {"compared": len(now), "different": len(differ), "same_order": same_order, "first": sorted(differ)[:NAMED]}
    print(json.dumps(told))
    sys.exit(1 if differ or not same_order else 0)


if __name__ == "__main__":
    main()
