"""The inbox with many plans that wait, and a policy with many versions: server time and queries of each page.

    python -m tests.benchmarks.bench_inbox [--plans 10000] [--versions 1000] [--rounds N]

Asked for through Django's test client, once by a superuser and once by somebody whom a mandate bounds. Beside each page
stands the processor time of the console, and what PostgreSQL says of reading the rows of the first page.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator, Sequence
from typing import Any

from tests.benchmarks import pages as measuring
from tests.benchmarks import scratch

#: Half of the plans wait, the others have ended; a tenth is of the symbol that a mandate bounds to.
PLANS = """
    INSERT INTO dm_reviews (id, plan_id, lifecycle_id, symbol, direction, size, quantity, entry_price, stop_loss,
                            take_profit, asked_at, deadline, needs, silence, version, hash, shown_id, timeframe,
                            have, authors, may_decide, answers, outcome, ended_at)
    SELECT 'PLAN' || lpad(nth::text, 8, '0'), 'plan-' || nth, 'life-' || nth, 'SYM-' || nth %% 10,
           CASE nth %% 2 WHEN 0 THEN 'long' ELSE 'short' END, 0.02, 20, 100, 99, 102,
           now() - nth * interval '1 second', now() + interval '30 days' + nth * interval '1 second', 'one', 'reject',
           1,
           lpad(nth::text, 64, '0'), 'PLAN' || lpad(nth::text, 8, '0'), '1m', '[]', '[]', '["ann"]', '{}',
           CASE WHEN nth > %(plans)s THEN 'expired' END, CASE WHEN nth > %(plans)s THEN now() END
      FROM generate_series(1, 2 * %(plans)s) AS nth
"""
#: Each holds one number; a trigger numbers them.
VERSIONS = """
    INSERT INTO policy_versions (policy, symbol, number, state, content, hash, base, reason, answer, created_at)
    SELECT 'dm', '', 0, 'draft', jsonb_build_object('min_confidence', 0.5 + nth / 10000.0), lpad(nth::text, 64, '0'),
           0, 'calmer', '', now() FROM generate_series(1, %(versions)s) AS nth
"""
FLOORS = {
    "inbox": "SELECT * FROM dm_reviews WHERE outcome IS NULL ORDER BY deadline, id LIMIT 51",
    "history": "SELECT * FROM policy_versions WHERE policy = 'dm' AND symbol = '' ORDER BY number DESC LIMIT 51",
}


def addresses(plans: int, versions: int) -> Iterator[tuple[str, str]]:
    """Yield a name and an address for every page that many plans or versions could make slow."""
    from django.urls import reverse

    inbox, middle = reverse("admin:console_inbox"), f"PLAN{plans // 2:08}"
    yield "inbox", inbox
    yield "inbox of a symbol", f"{inbox}?symbol=SYM-0"
    yield "inbox of a symbol that none has", f"{inbox}?symbol=NONE"
    yield "inbox ended", f"{inbox}?tab=ended"
    yield "plan", reverse("admin:console_inbox_item", args=[f"PLAN{plans // 10 * 10:08}"])
    yield "next plan", reverse("admin:console_inbox_next", args=[middle])
    yield "approve all", reverse("admin:console_inbox_action", args=["approve"])
    yield "policies", reverse("admin:console_policies")
    yield "history", reverse("admin:console_policy", args=["dm"])
    yield "history later", f"{reverse('admin:console_policy', args=['dm'])}?before={versions // 2}"
    yield "version", f"{reverse('admin:console_policy_version', args=['dm', versions])}?against={versions // 2}"
    yield "editor", reverse("admin:console_policy_draft", args=["dm"])


def main(argv: Sequence[str] | None = None) -> dict[str, Any]:
    """Print one JSON line, and return what it says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--plans", type=int, default=10_000)
    parser.add_argument("--versions", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args(argv)
    os.environ.setdefault("DJANGO_ALLOWED_HOSTS", "testserver,127.0.0.1,localhost")
    with scratch.database():
        told = {"plans": asked.plans, "versions": asked.versions, **_pages(asked.plans, asked.versions, asked.rounds)}
    print(json.dumps(told))
    return told


def _pages(plans: int, versions: int, rounds: int) -> dict[str, Any]:
    from tradingops import connections

    with connections.wire() as connection:
        connection.execute(PLANS, {"plans": plans})
        connection.execute(VERSIONS, {"versions": versions})
        connection.execute("ANALYZE dm_reviews, policy_versions")
        plans_of_rows = {name: _read(connection, statement) for name, statement in FLOORS.items()}
    client, pages = measuring.client(), {}
    for whose, only in (("", None), ("bounded ", ("inbox", "inbox ended", "plan", "version"))):
        if only:
            _bound()
        for name, address in addresses(plans, versions):
            if only is None or name in only:
                pages[whose + name], _ = measuring.measured(client, address, rounds)
                print(f"{whose}{name}: {pages[whose + name]}", file=sys.stderr)
    return {"rows_read": plans_of_rows, "pages": pages}


def _read(connection: Any, statement: str) -> dict[str, Any]:
    """Return how PostgreSQL reads the rows of a page: the time [ms], and the blocks that it touched."""
    [(told,)] = connection.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}").fetchall()
    plan = told[0] if isinstance(told, list) else json.loads(told)[0]
    return {
        "ms": plan["Execution Time"],
        "blocks": plan["Plan"]["Shared Hit Blocks"],
        "by": plan["Plan"]["Plans"][0]["Node Type"],
    }


def _bound() -> None:
    """Bound the one who looks to one symbol."""
    from django.contrib.auth import get_user_model

    from tradingops.mandates.models import Mandate

    person = get_user_model().objects.get(username="bench")
    Mandate.objects.create(name="one symbol", person=person, symbols=["SYM-0"])


if __name__ == "__main__":
    main()
