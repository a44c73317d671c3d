"""The audit's chain under many writers of whom some are killed: whether it stays one, and what a record costs.

    python -m tests.benchmarks.bench_audit [--writers 8] [--each 1000] [--kills 8]

Each writer changes rows of an audited table, a transaction a change, until it has made its share; the first tries of as
many as are to be killed are ended by SIGKILL. Meanwhile the desk is halted and resumed without a pause, which is
audited, too. Printed are the records, how often it was halted, what verifying finds, and records a second.
Exits with 1 where the chain is not whole or holds fewer records than were committed.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.benchmarks import scratch

#: What one writer does: a group comes, and gets another name, a transaction each. It tells every commit of its own.
WRITER = """
import sys, psycopg
url, name, each = sys.argv[1], sys.argv[2], int(sys.argv[3])
with psycopg.connect(url, autocommit=True) as session:
    for number in range(each // 2):
        session.execute("INSERT INTO auth_group (name) VALUES (%s)", (f"{name} {number}",))
        print("1", flush=True)
        session.execute("UPDATE auth_group SET name = name || '!' WHERE name = %s", (f"{name} {number}",))
        print("1", flush=True)
"""


def written(url: str, name: str, each: int, *, killed_after: int | None = None) -> int:
    """Return how many changes a writer committed, by its own account; it may be killed after so many."""
    command = [sys.executable, "-c", WRITER, url, name, str(each)]
    committed = 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        for _ in writer.stdout or ():
            committed += 1
            if committed == killed_after:
                writer.kill()
    if writer.returncode and killed_after is None:
        raise RuntimeError(f"{name} ended with {writer.returncode}")
    return committed


def ordeal(url: str, *, writers: int, each: int, kills: int) -> int:
    """Let writers write, some of them killed first; return how many changes were committed by their account."""
    dice = random.Random(7)
    killed_after = [dice.randrange(1, each) if nth < kills else 0 for nth in range(writers)]

    def share(nth: int) -> int:
        most = killed_after[nth]
        first = written(url, f"killed {nth}", each, killed_after=most) if most else 0
        return first + written(url, f"writer {nth}", each)

    with ThreadPoolExecutor(writers) as pool:
        return sum(pool.map(share, range(writers)))


def measured(*, writers: int, each: int, kills: int) -> dict[str, Any]:
    """Return what came of it, on a database of its own."""
    with scratch.database("bench_audit"):
        from django.db import connection, transaction

        from tests import addresses
        from tradingops.audit import chain, postgres
        from tradingops.audit.models import AuditRecord

        before = AuditRecord.objects.count()
        begun = time.perf_counter()
        with ThreadPoolExecutor(1) as beside:
            url = addresses.url_of(connection.settings_dict)
            writing = beside.submit(ordeal, url, writers=writers, each=each, kills=kills)
            halts = _halted_until(writing.done)
            committed = writing.result()
        seconds = time.perf_counter() - begun
        with transaction.atomic():
            findings = [str(each) for each in chain.findings(postgres.records(), head=postgres.head())]
        records = AuditRecord.objects.count() - before
    return {
        "writers": writers,
        "committed": committed,
        "records": records,
        "halts": halts,
        "findings": findings,
        "records_a_second": round(records / seconds),
    }


def _halted_until(done: Callable[[], bool]) -> int:
    """Halt the desk and resume it, one after the other, until something is done; return how often it was halted."""
    from strands.given import HaltState
    from tradingops.people import halting, say

    times = 0
    while not done():
        for state in (HaltState.HALTED, HaltState.ACTIVE):
            halting.halt("desk", state, asked=say.asked(by="ada", reason="a race"))
        times += 1
    return times


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--writers", type=int, default=8)
    parser.add_argument("--each", type=int, default=1_000, help="changes a writer makes (1000)")
    parser.add_argument("--kills", type=int, default=8, help="writers of whom a first try is killed (8)")
    asked = parser.parse_args(arguments)
    found = measured(writers=asked.writers, each=asked.each, kills=asked.kills)
    print(json.dumps(found))
    sys.exit(int(bool(found["findings"]) or found["records"] < found["committed"] + 2 * found["halts"]))


if __name__ == "__main__":
    main()
