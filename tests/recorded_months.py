"""Whether the desk still answers as it was recorded to: hashes of what every module says over months of bars.

    python -m tests.recorded_months            compare: exit code 1 where an answer is not the recorded one
    python -m tests.recorded_months --write    after a change that was meant, and the module's ``version`` raised
    python -m tests.recorded_months --raise dm --write    raise that version first, in the module's file

A run that is named is played alone: ``python -m tests.recorded_months "simulated, briefly"``.

``tests/data/recorded_months.json`` holds for each run the money in plain figures, a hash of all ids in order, and for
each module its version, how many strands of each kind it said and a hash of them. States are not hashed: their shape
is the module's own affair. ``order`` holds four letters a strand, so that the first answer that differs can be named:
everything said before it is the same, so whoever said it has changed, and whoever answers it has only heard otherwise.
Runs over bars are made where TRADINGOPS_BARS names their folder; the simulated ones everywhere.
"""

from __future__ import annotations

import argparse
import inspect
import json
import os
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import zip_longest
from pathlib import Path
from typing import Any

from tests.benchmarks import desks, same_replay

ROOT = Path(__file__).resolve().parent.parent
KEPT = ROOT / "tests" / "data" / "recorded_months.json"
WRITE = "python -m tests.recorded_months --write"
#: Letters a strand in ``order`` (its module's first, then its digest's), and strands a line of the file.
LETTERS, A_LINE = 4, 28

#: The files of recorded bars that one desk plays together, by the run's name.
MONTHS: Mapping[str, tuple[str, ...]] = {
    "BTC-PERP, January 2022": ("BTC-PERP_1m_2022-01.csv.gz",),
    "ADA, June 2025": ("ADAUSDT_1m_2025-06.csv.gz",),
    "BTC, ETH and SOL together, April to July 2025": (
        "BTCUSDT_5m_2025-04_07.csv.gz",
        "ETHUSDT_5m_2025-04_07.csv.gz",
        "SOLUSDT_5m_2025-04_07.csv.gz",
    ),
}
#: The least in which every module that trades answers: a plan that is decided, ordered, filled and closed.
BRIEFLY = "simulated, briefly"
SIMULATED = (BRIEFLY, "simulated", "simulated, eager to learn")
#: The simulated runs with a desk's usual settings: how many moments each plays.
MOMENTS = {BRIEFLY: 400, "simulated": 3_000}
#: The line that says a module's version, and the rooms that are not called as their module is.
VERSION = re.compile(r'^(VERSION|    version) = "(\d+)"$', re.MULTILINE)
ROOMS = {"dm": "decision"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What a desk said over one run, as it is kept (``record``), the modules that said it, and its strands in order."""

    record: dict[str, Any]
    modules: Mapping[str, Any]
    strands: Sequence[Any]


def played(run: str, folder: Path | None) -> Answers | None:
    """Return what today's code says over a run; None where the folder does not hold its bars."""
    if run in SIMULATED:
        return _answers(_simulated(run))
    files = [folder / name for name in MONTHS[run]] if folder else []
    if not files or not all(file.exists() for file in files):
        return None
    return _answers(desks.replayed([desks.bars_of(file) for file in files], keep_bars=True))


def _simulated(run: str) -> Any:
    desks.ready()
    from tests.acceptance import markets

    if run in MOMENTS:
        bars = markets.simulated("BTC", "ETH", "SOL", moments=MOMENTS[run], seed=markets.LIVELY)
        return desks.replayed([bars], keep_bars=True)
    from tests.acceptance import learning

    return desks.replayed([learning.BARS], keep_bars=True, settings=learning.EAGER)


def _answers(desk: Any) -> Answers:
    modules = {module.name: module for module in (desk.market, *desk.desk)}
    strands = list(desk.wire.strands.values())
    digests = [same_replay.digest_of(strand) for strand in strands]
    said = {name: _said_by(name, module, strands, digests) for name, module in modules.items()}
    order = [
        strand.module[0] + digest[: LETTERS - 1]
        for strand, digest in zip(strands, digests, strict=True)
        if strand.module != desk.market.name
    ]
    record = {
        "money": _money(strands),
        "ids": _hash(strand.id for strand in strands),
        "modules": {name: each for name, each in said.items() if each["kinds"]},
        "order": ["".join(order[start : start + A_LINE]) for start in range(0, len(order), A_LINE)],
    }
    return Answers(record=record, modules=modules, strands=strands)


def _said_by(name: str, module: Any, strands: Sequence[Any], digests: Sequence[str]) -> dict[str, Any]:
    own = [(strand, digest) for strand, digest in zip(strands, digests, strict=True) if strand.module == name]
    kinds = Counter(strand.kind for strand, _ in own)
    return {"version": module.version, "kinds": dict(sorted(kinds.items())), "hash": _hash(each for _, each in own)}


def _money(strands: Sequence[Any]) -> dict[str, Any]:
    from tradingops import environments
    from tradingops.replay import report

    made = report.build(strands, initial_cash=environments.policies()["dm"].initial_cash)
    money = {"value": made.money.value, "realized": made.money.realized, "fees": made.money.fees}
    return {**{name: str(amount) for name, amount in money.items()}, "trades": made.odds.trades}


def _hash(lines: Iterator[str]) -> str:
    return sha256("\n".join(lines).encode()).hexdigest()


def unlike(run: str, kept: Mapping[str, Any], now: Answers) -> Iterator[str]:
    """Yield a sentence for everything in which a run is not as it was recorded, and what there is to do about it."""
    was, modules = kept["modules"], now.record["modules"]
    raised = [name for name in was if name in now.modules and was[name]["version"] != now.modules[name].version]
    for name in raised:
        yield (
            f"{run}: the hashes are of {name} {was[name]['version']!r}, which is {now.modules[name].version!r} by now. "
            f"Write them anew: {WRITE}"
        )
    blamed = list(_blamed(kept, now))
    if names := unraised(kept, now):
        yield f"{run}: {_first(kept, now)} {_remedy(names, now)}"
    elif was != modules and not blamed:
        yield f"{run}: its modules say other strands or in another order than recorded: {_counted(was, modules)}"
    if kept["money"] != now.record["money"]:
        yield f"{run}: it came to {kept['money']}, and comes to {now.record['money']} now"


def _blamed(kept: Mapping[str, Any], now: Answers) -> Iterator[str]:
    """Yield the modules of which one answers otherwise: the market, which hears nobody, else who said the first."""
    market = kept["modules"].get("market")
    if market and market["hash"] != now.record["modules"].get("market", {}).get("hash"):
        yield "market"
        return
    _, was, is_now = _difference(kept, now)
    initials = {each[0] for each in (was, is_now) if each}
    yield from (name for name in now.modules if name[0] in initials and name != "market")


def _difference(kept: Mapping[str, Any], now: Answers) -> tuple[int, str, str]:
    """Return the place of the first answer that differs, and what stands there before and after; "" for nothing."""
    pairs = zip_longest(_each(kept), _each(now.record), fillvalue="")
    return next(((place, was, is_now) for place, (was, is_now) in enumerate(pairs) if was != is_now), (0, "", ""))


def _each(record: Mapping[str, Any]) -> Iterator[str]:
    letters = "".join(record["order"])
    return (letters[start : start + LETTERS] for start in range(0, len(letters), LETTERS))


def _first(kept: Mapping[str, Any], now: Answers) -> str:
    place, _, is_now = _difference(kept, now)
    answers = [strand for strand in now.strands if strand.module != "market"]
    if not is_now:
        return f"it ends after {place} answers, and said more when it was recorded."
    found = answers[place]
    return (
        f"the first that differs is answer {place}: {found.module} {found.kind} {found.id} of {found.at.isoformat()}."
    )


def _remedy(names: Sequence[str], now: Answers) -> str:
    places = [
        f"{type(module).__name__}.version (now {module.version!r}) in {_file_of(module)}"
        for module in (now.modules[name] for name in names)
    ]
    who = " or ".join(names)
    return (
        f"So {who} answers otherwise. If that is meant, raise {' or '.join(places)} and write the hashes anew: "
        f"python -m tests.recorded_months --raise {' '.join(names)} --write"
    )


def _file_of(module: Any) -> str:
    return str(Path(inspect.getsourcefile(type(module)) or "").relative_to(ROOT))


def _counted(was: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    differing = sorted(name for name in was.keys() | now.keys() if was.get(name) != now.get(name))
    return ", ".join(
        f"{name} {was.get(name, {}).get('kinds')} → {now.get(name, {}).get('kinds')}" for name in differing
    )


def unraised(kept: Mapping[str, Any], now: Answers) -> list[str]:
    """Return the modules of which one answers otherwise under the version that the hashes are of.

    Of two that stand at the first difference a raised one explains it: it may say more than it did, or less.
    """
    was, blamed = kept["modules"], list(_blamed(kept, now))
    same = [name for name in blamed if name not in was or was[name]["version"] == now.modules[name].version]
    return same if same == blamed else []


def read() -> dict[str, Any]:
    """Return every run as it was recorded."""
    found: dict[str, Any] = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    return found


def folder() -> Path | None:
    """Return the folder of recorded bars, None where none is named."""
    given = os.environ.get(desks.FOLDER)
    return Path(given) if given and Path(given).is_dir() else None


def raise_versions(names: Sequence[str]) -> None:
    """Raise the version of each named module by one in its room, before anything of it is imported."""
    for name in names:
        room = ROOT / "tradingops" / "modules" / ROOMS.get(name, name)
        said = [path for path in sorted(room.glob("*.py")) if VERSION.search(path.read_text())]
        if len(said) != 1:
            raise ValueError(f"version: {room} says it in {len(said)} files; one is wanted")
        said[0].write_text(VERSION.sub(lambda found: f'{found[1]} = "{int(found[2]) + 1}"', said[0].read_text()))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", nargs="*", metavar="RUN", help="the runs to play; all by default")
    parser.add_argument("--write", action="store_true", help="write the hashes anew")
    parser.add_argument("--raise", nargs="+", default=[], metavar="MODULE", dest="raised", help="raise its version")
    return parser


def main(arguments: Sequence[str] | None = None) -> None:
    asked = _parser().parse_args(arguments)
    if unknown := set(asked.runs) - {*MONTHS, *SIMULATED}:
        sys.exit(f"no such run: {', '.join(sorted(unknown))}; there are {'; '.join((*MONTHS, *SIMULATED))}")
    raise_versions(asked.raised)
    kept, faults = read(), list[str]()
    for run in asked.runs or (*MONTHS, *SIMULATED):
        now = played(run, folder())
        if now is None:
            print(f"{run}: its bars are not here; its hashes stay as they are", file=sys.stderr)
            continue
        told = list(unlike(run, kept[run], now)) if run in kept else []
        if not asked.write or (run in kept and unraised(kept[run], now)):
            faults += told
        else:
            kept[run] = now.record
    print(*(faults or ["as recorded" if not asked.write else "written"]), sep="\n")
    if asked.write and not faults:
        KEPT.write_text(json.dumps(kept, indent=1) + "\n")
    sys.exit(int(bool(faults)))


if __name__ == "__main__":
    main()
