"""Let a feed run far ahead, work its bars off in separate processes, and see how the desk stands at the end.

python -m tests.chaos.backlog [FILE…] [--bars 10080]

Without files it takes the recorded month in the folder that TRADINGOPS_BARS names. Every module has a process of its
own, and begins when the feed is as far ahead as it goes. Exits with 1 when something is held that no
stop protects, a position was left before it was entered, an order was asked back more often than the policy lets, or a
turn fails or differs when it is folded again.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import django

FOLDER, MONTH = "TRADINGOPS_BARS", "BTC-PERP_1m_2022-01.csv.gz"
#: A process each: everything that one module hears of a day it may hear before another hears its first bar.
PROCESSES = (("alpha",), ("risk",), ("dm",), ("trader",), ("venue",), ("lessons",))
COUNTS = {
    "bars": "SELECT count(*) FROM md_strands WHERE kind = 'bar'",
    "decisions": "SELECT count(*) FROM dm_strands WHERE kind = 'decision'",
    "orders": "SELECT count(*) FROM tr_strands WHERE kind = 'order'",
    "approved": "SELECT count(*) FROM dm_strands WHERE dm_decision ->> 'decision_type' IN ('approve', 'modify')",
    "fills": "SELECT count(*) FROM tr_strands WHERE kind = 'fill'",
    "positions": "SELECT count(*) FROM tr_strands WHERE kind = 'position'",
    "turns": "SELECT count(*) FROM module_messages",
    "failed": "SELECT count(*) FROM module_messages WHERE status = 'failed'",
    "expired": "SELECT count(*) FROM module_messages WHERE status = 'expired'",
}

#: What became of orders that were not filled, and why.
UNFILLED = """
    SELECT concat_ws(': ', vn_update ->> 'status', vn_update ->> 'reason') AS ended, count(*) FROM vn_strands
     WHERE kind = 'order_update' AND vn_update ->> 'status' NOT IN ('accepted', 'filled', 'partially_filled')
     GROUP BY ended ORDER BY ended
"""


_WAITING = "SELECT count(*) FROM deliveries"
#: So many deliveries wait before anybody works; the feed itself waits at five thousand, and stays so far ahead.
FAR_AHEAD = 5_000
POLL = 0.2


#: What the feed is told, so that more breaks out.
LIVELY = "market.feature.pattern.breakout_margin=0.0005"
#: What the desk is told first, so that it finds something to trade in a few days.
EAGER = {
    "alpha.cooldown_minutes": 0,
    "alpha.price_band": 10,
    "alpha.min_detection": 0.5,
    "alpha.min_confidence": 0.5,
    "alpha.min_strength": 0.4,
    "dm.min_confidence": 0,
    "dm.min_risk_reward": 0.5,
    "dm.modify_score": 0.2,
    "dm.max_risk_age_seconds": 604_800,
    "dm.valid_seconds": 604_800,
}
#: How long plans may be entered: longer than processes lie apart, or every one of them would come too late [minutes].
VALID = 10_080


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", metavar="FILE", type=Path)
    parser.add_argument("--bars", type=int, default=10_080, help="of each file, from its first (10080, a week)")
    asked = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tradingops.settings")
    django.setup()
    files = asked.files or [_month()]
    with tempfile.TemporaryDirectory(prefix="backlog-") as folder:
        counts = run(Path(folder), [first(path, asked.bars, Path(folder)) for path in files])
    print(json.dumps(counts))
    sys.exit(int(bool(wrong(counts))))


def wrong(counts: dict[str, Any]) -> dict[str, Any]:
    """Return what of the counts must be nothing and is not."""
    names = ("unprotected", "left_before_entered", "failed", "differences", "asked_too_often")
    return {name: counts[name] for name in names if counts[name]}


def run(folder: Path, files: list[Path], *, patience: float = 3_600.0) -> dict[str, Any]:
    """Return how a desk stands that worked off all bars of some files; raises TimeoutError when it never ends."""
    from tests.chaos import standing
    from tests.chaos.ordeal import Ordeal
    from tradingops import environments

    ordeal = Ordeal(folder, plans=0, kills=0, server_kills=0)
    began = time.monotonic()
    try:
        ordeal.manage("migrate", "--verbosity", "0")
        ordeal.manage("publish", *(f"{key}={value}" for key, value in eager().items()), "--reason", "to trade often")
        feed = ordeal.begin("feed", *map(str, files), "--speed", "max", "--set", LIVELY)
        while feed.poll() is None and ordeal.ask(_WAITING) < FAR_AHEAD:
            time.sleep(POLL)
        waited = ordeal.ask(_WAITING)
        with ordeal.working(PROCESSES):
            feed.wait(patience)
            ordeal.await_quiet(patience)
        counts: dict[str, Any] = {"waited": waited, **{name: ordeal.ask(query) for name, query in COUNTS.items()}}
        with ordeal.connect() as connection:
            counts["unfilled"] = dict(connection.execute(UNFILLED).fetchall())
            counts["held"] = standing.held(connection)
            counts["unprotected"] = standing.unprotected(connection)
            counts["left_before_entered"] = standing.backwards(connection)
        most: int = environments.policies()["trader"].most_asks
        counts["asked_too_often"] = max(0, ordeal.ask(standing.MOST_ASKS) - most)
        refolded = json.loads(ordeal.manage("refold", "--json", check=False).stdout)
        return {**counts, "differences": len(refolded["differences"]), "seconds": round(time.monotonic() - began)}
    finally:
        ordeal.close()


def eager() -> dict[str, Any]:
    """Return what the desk is told first: to find much, and that every plan may still be entered late."""
    from tradingops import environments

    alpha = environments.policies()["alpha"].model_dump(mode="json")
    horizons = [{**each, "valid_minutes": VALID} for each in alpha["horizons"]]
    return {**EAGER, "alpha.horizons": json.dumps(horizons)}


def _month() -> Path:
    folder = os.environ.get(FOLDER)
    if not folder:
        sys.exit(f"{FOLDER} names no folder of recorded bars; name files, or that folder")
    return Path(folder) / MONTH


def first(path: Path, bars: int, folder: Path) -> Path:
    """Return a file of the first bars of another, under its own name."""
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as lines:
        kept = [line for _, line in zip(range(bars + 1), lines, strict=False)]
    made = folder / path.name.removesuffix(".gz")
    made.write_text("".join(kept))
    return made


if __name__ == "__main__":
    main()
