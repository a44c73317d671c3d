"""What curators, evidence and lessons are worth, on bars that they have not seen.

    python -m tests.studies.judgement              print the tables
    python -m tests.studies.judgement --write      and put them on the page of the study

Every file of recorded bars in the folder named by TRADINGOPS_BARS is played whole, once a variant, by a desk that
learns from its first bar. The first three fifths of the bars only teach: what counts are the plans told after them.
Files, variants, split and figures stand here and are not chosen by what comes out; every one of them is printed.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from strands.market.bar import Bar
from tests.studies import part
from tests.studies.part import Part

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "study.md"
FOLDER = "TRADINGOPS_BARS"

#: Of the bars of a file, how many only teach [share].
TAUGHT = 0.6

#: What is switched off in each variant; the first is the one that the others are laid beside.
EVERYTHING = "everything on"
VARIANTS: Mapping[str, Mapping[str, str]] = {
    EVERYTHING: {},
    "lessons off": {"lessons": "off"},
    "curators off": {"curators": "off"},
    "evidence off": {"dsi": "off"},
    "lessons and curators off": {"lessons": "off", "curators": "off"},
}
HELD, IDLE = "buy and hold", "no trade"
ALL = "all files, mean"

#: The columns of the table of results and of the table of what judged them.
RESULTS = ("bars", "variant", "trades", "net return", "95 % of it", "against everything on", "drawdown", "win rate")
JUDGED = (
    "bars",
    "variant",
    "ECE closed",
    "ECE not entered",
    "vetoes",
    "saved",
    "missed",
    "flips",
    "lessons learned / active / applied",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Studied:
    """One file's judged part under every variant, and without a desk."""

    name: str
    bars: int
    taught: str
    ended: str
    parts: Mapping[str, Part]


def study(name: str, bars: Sequence[Bar], *, usual: Mapping[str, Any] | None = None) -> Studied:
    """Play bars of one symbol under every variant, with the ``usual`` settings where these are not the defaults."""
    place = int(TAUGHT * len(bars))
    parts = {variant: _played(bars, place, {**(usual or {}), **settings}) for variant, settings in VARIANTS.items()}
    parts |= {HELD: part.held(bars, place=place, cash=_cash()), IDLE: part.NO_TRADE}
    return Studied(
        name=name,
        bars=len(bars),
        taught=f"{bars[place].opened_at:%Y-%m-%d %H:%M}",
        ended=f"{bars[-1].closed_at:%Y-%m-%d %H:%M}",
        parts=parts,
    )


def _played(bars: Sequence[Bar], place: int, settings: Mapping[str, Any]) -> Part:
    from tradingops import environments
    from tradingops.replay import report

    desk = environments.replay(settings)
    desk.run([[list(bars)]])
    strands = list(desk.wire.strands.values())
    made = report.build(strands, initial_cash=_cash(), marks={bars[-1].symbol: bars[-1].close})
    return part.judged(strands, made=made, split=bars[place].opened_at, initial=_cash())


def _cash() -> Decimal:
    from tradingops import environments

    cash: Decimal = environments.policies()["dm"].initial_cash
    return cash


# --- the tables


def splits(studied: Sequence[Studied]) -> str:
    """Return which bars taught and which were judged."""
    rows = ((each.name, f"{each.bars:,}", each.taught, each.ended) for each in studied)
    return _table(("bars", "count", "judged from", "to"), rows)


def results(studied: Sequence[Studied]) -> str:
    """Return trades, returns and drawdowns, a line a file and variant, the means of all files last."""
    return _table(RESULTS, [*(row for each in studied for row in _results(each)), *_pooled(studied)])


def judged(studied: Sequence[Studied]) -> str:
    """Return calibration errors, what vetoes were worth, and what was learned, a line a file and variant."""
    return _table(JUDGED, (row for each in studied for row in _judged(each)))


def _results(studied: Studied) -> Iterator[tuple[str, ...]]:
    base = studied.parts[EVERYTHING]
    for variant, each in studied.parts.items():
        trades = variant in VARIANTS
        spread = _bounds(part.draws(each.earned.values())) if trades else ""
        more = _beside([each], [base]) if trades and variant != EVERYTHING else ""
        yield (
            studied.name,
            variant,
            str(len(each.earned)) if variant != HELD else "1",
            f"{each.value:+.2%}",
            spread,
            more,
            f"{each.drawdown:.2%}",
            _share(each.win_rate) if trades else "",
        )


def _pooled(studied: Sequence[Studied]) -> Iterator[tuple[str, ...]]:
    base = [each.parts[EVERYTHING] for each in studied]
    for variant in (*VARIANTS, HELD, IDLE):
        parts, trades = [each.parts[variant] for each in studied], variant in VARIANTS
        wins = [earned > 0 for each in parts for earned in each.earned.values()]
        yield (
            ALL,
            variant,
            str(len(wins)),
            f"{_mean(each.value for each in parts):+.2%}",
            _bounds(_together([part.draws(each.earned.values()) for each in parts])) if trades else "",
            _beside(parts, base) if trades and variant != EVERYTHING else "",
            f"{max(each.drawdown for each in parts):.2%} at most",
            _share(_mean(wins) if wins else None) if trades else "",
        )


def _judged(studied: Studied) -> Iterator[tuple[str, ...]]:
    for variant in VARIANTS:
        each = studied.parts[variant]
        yield (
            studied.name,
            variant,
            _error(each.closed),
            _error(each.not_entered),
            str(each.vetoes),
            f"{each.saved:.3%}",
            f"{each.missed:.3%}",
            "" if variant == EVERYTHING else str(part.flips(each, studied.parts[EVERYTHING])),
            " / ".join(map(str, each.lessons)),
        )


def _beside(parts: Sequence[Part], base: Sequence[Part]) -> str:
    """Return the mean difference of returns, and the bounds of it when plans are drawn anew."""
    pairs = [part.beside(each, other) for each, other in zip(parts, base, strict=True)]
    if not any(any(pair) for pair in pairs):
        return "the same"
    return f"{_mean(map(sum, pairs)):+.2%} ({_bounds(_together([part.draws(pair) for pair in pairs]))})"


def _together(sums: Sequence[Sequence[float]]) -> list[float]:
    return [_mean(each) for each in zip(*sums, strict=True)]


def _bounds(sums: Sequence[float]) -> str:
    low, high = part.interval(sums)
    return f"{low:+.2%} to {high:+.2%}"


def _mean(numbers: Iterable[float]) -> float:
    every = list(numbers)
    return sum(every) / len(every)


def _share(share: float | None) -> str:
    return "–" if share is None else f"{share:.0%}"


def _error(told: part.Sureness) -> str:
    return "–" if told.error is None else f"{told.error:.3f} of {told.outcomes}"


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


TABLES = {"splits": splits, "results": results, "judged": judged}
BLOCK = re.compile(r"(<!-- studied: ([a-z]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def rewritten(text: str, studied: Sequence[Studied]) -> str:
    """Return a page with its tables written anew."""
    return BLOCK.sub(lambda found: f"{found[1]}\n{TABLES[found[2]](studied)}\n\n{found[3]}", text)


# --- the run


def main(argv: Sequence[str] | None = None) -> list[Studied]:
    """Print every table, and return what they were made of."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="put the tables on the page of the study")
    asked = parser.parse_args(argv)
    _ready()
    studied = [study(name, bars) for name, bars in recordings()]
    for table in TABLES.values():
        print(table(studied), end="\n\n")
    if asked.write:
        PAGE.write_text(rewritten(PAGE.read_text(), studied))
    return studied


def recordings() -> Iterator[tuple[str, list[Bar]]]:
    """Yield the name and the bars of each recording in the folder, plain or gzipped; exits where there is none."""
    from strands.market.feeds import recorded

    folder = os.environ.get(FOLDER)
    if not folder:
        sys.exit(f"{FOLDER} names no folder of recorded bars; the study is made of real ones")
    found = sorted(path for path in Path(folder).iterdir() if path.name.endswith((".csv", ".csv.gz")))
    if not found:
        sys.exit(f"{FOLDER}: {folder} holds no file of recorded bars, .csv or .csv.gz; the study is made of such")
    for path in found:
        print(f"playing {path.name} …", file=sys.stderr)
        yield path.name.removesuffix(".gz").removesuffix(".csv"), list(recorded.read(path).bars)


def _ready() -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tradingops.settings")
    django.setup()


if __name__ == "__main__":
    main()
