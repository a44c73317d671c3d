"""Kill listeners and PostgreSQL while plans flow and people halt, resume and flatten; count what went wrong.

python -m tests.chaos [--plans 20000] [--kills 30] [--server-kills 3] [--halts 6] [--seed N]
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path

import django


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--plans", type=int, default=20_000)
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--server-kills", type=int, default=3)
    parser.add_argument("--halts", type=int, default=6)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tradingops.settings")
    django.setup()
    from tests.chaos.ordeal import Ordeal

    with tempfile.TemporaryDirectory(prefix="ordeal-") as folder:
        ordeal = Ordeal(Path(folder), asked.plans, asked.kills, asked.server_kills, asked.seed, halts=asked.halts)
        try:
            counts = ordeal.run()
        finally:
            ordeal.close()
    print(json.dumps(counts))
    wrong = ("lost", "handled_twice", "decided_twice", "ordered_twice", "failed", "expired", "unprotected")
    wrong += ("left_before_entered", "passed_a_halt")
    sys.exit(int(any(counts[name] for name in wrong) or counts["refold"]["differences"] > 0))


if __name__ == "__main__":
    main()
