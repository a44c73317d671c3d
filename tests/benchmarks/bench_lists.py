"""The admin's lists of strands when there are many: server time and queries of each page.

    python -m tests.benchmarks.bench_lists [--strands N] [--rounds N]

Pages are asked for through Django's test client by a superuser, so that what is measured is the server's work: views,
templates and queries, without the network. The second page, a search and a filter are asked for besides the first.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator, Sequence
from typing import Any

from strands import ids
from tests.benchmarks import fill, scratch
from tests.benchmarks import pages as measuring

#: What each list of a whole table is asked for.
ASKED = {"first": "", "second": "?p=2", "of a symbol": "?symbol=SYM-3"}
#: What each list of one kind is asked for, and what decisions are asked for besides.
OF_A_KIND = {
    "first": "",
    "later": f"?before={fill.OLD}{20_000:022}",
    "of a symbol": "?symbol=SYM-3",
    "of a day": f"?day={ids.moment(fill.OLD + '0' * 22):%Y-%m-%d}",
    "oldest": "?o=0",
    "sorted": "?o=-4",
}
OF_DECISIONS = {
    "of a verdict": "?verdict=reject",
    "of a gate": "?gate=exposure",
    "of a rare gate": "?gate=var",
    "of a gate that stopped none": "?gate=cvar",
    "of a gate and a symbol": "?gate=var&symbol=SYM-3",
    "won": "?outcome=won",
    "still open": "?outcome=open",
    "sorted by outcome": "?o=-9",
}


def addresses() -> Iterator[tuple[str, str]]:
    """Yield a name and an address for every page of every list of strands that the admin has."""
    from django.contrib import admin
    from django.urls import reverse

    from tradingops.console.decisions import page

    for model in admin.site._registry:
        if model._meta.db_table in fill.TABLES:
            address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
            yield from ((f"{model._meta.db_table} {asked}", address + query) for asked, query in ASKED.items())
    for name in page.LISTS:
        asked_of = {**OF_A_KIND, **(OF_DECISIONS if name == "decisions" else {})}
        for asked, query in asked_of.items():
            yield f"{name} {asked}", reverse(f"admin:console_{name}") + query


#: The rows of a page, asked for without a page.
FLOORS = {
    f"{kind}s first": f"SELECT * FROM {table} WHERE kind = '{kind}' ORDER BY id DESC LIMIT 50"
    for table, kind in (
        *(("dm_strands", "decision"), ("ad_strands", "signal")),
        *(("tr_strands", "order"), ("tr_strands", "fill")),
    )
}


def main(argv: Sequence[str] | None = None) -> dict[str, Any]:
    """Print one JSON line, and return what it says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--strands", type=int, default=5_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args(argv)
    os.environ.setdefault("DJANGO_ALLOWED_HOSTS", "testserver,127.0.0.1,localhost")
    with scratch.database():
        told = {"strands": asked.strands, **_pages(asked.strands, asked.rounds)}
    print(json.dumps(told))
    return told


def _pages(strands: int, rounds: int) -> dict[str, Any]:
    from tradingops import connections

    with connections.wire() as connection:
        fill.strands(connection, rows=strands)
        floors = measuring.floors(connection, FLOORS, rounds)
    client = measuring.client()
    pages = {}
    for name, address in addresses():
        told, answer = measuring.measured(client, address, rounds)
        pages[name] = {**told, "rows": len(answer.context_data["cl"].result_list)}
        print(f"{name}: {pages[name]}", file=sys.stderr)
    return {"floors_ms": floors, "times_floor": measuring.times_floor(pages, floors), "pages": pages}


if __name__ == "__main__":
    main()
