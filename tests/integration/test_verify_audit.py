"""The audit's chain in the database: one chain whoever writes and whoever dies, and what is done to it is named."""

from __future__ import annotations

import io
import json
import os
import random
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from tradingops import connections
from tradingops.audit import chain, postgres
from tradingops.audit.models import AuditRecord

pytestmark = pytest.mark.django_db(transaction=True)
WRITERS, EACH, KILLS = 8, 120, 40
#: What one writer does: groups come, get other names, and go, one transaction each, until it has done its share.
WRITER = """
import sys, psycopg
url, name, each = sys.argv[1], sys.argv[2], int(sys.argv[3])
with psycopg.connect(url, autocommit=True) as session:
    for number in range(each):
        with session.transaction():
            session.execute("INSERT INTO auth_group (name) VALUES (%s)", (f"{name} {number} {chr(233)} \\"\\\\ \\t",))
            session.execute("UPDATE auth_group SET name = name || ' more' WHERE name LIKE %s", (f"{name} {number} %",))
            session.execute("DELETE FROM auth_group WHERE name LIKE %s", (f"{name} {number - 2} %",))
"""


def verified(*options: str) -> tuple[int, dict[str, Any]]:
    """Return exit status and report."""
    out, status = io.StringIO(), 0
    try:
        call_command("verify_audit", "--json", *options, stdout=out, stderr=io.StringIO())
    except SystemExit as left:
        status = int(str(left.code))
    report: dict[str, Any] = json.loads(out.getvalue())
    return status, report


def write(count: int = 6) -> list[AuditRecord]:
    with connection.cursor() as cursor:
        for number in range(count):
            cursor.execute("INSERT INTO auth_group (name) VALUES (%s)", [f"group {number} \u00e9 \u2028 \x7f"])
    return list(AuditRecord.objects.order_by("number"))


def by_force(sql: str, *values: Any) -> None:
    """Do to the chain what its rules forbid, as whoever owns it could."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_records DISABLE TRIGGER USER")
        cursor.execute(sql, values)
        cursor.execute("ALTER TABLE audit_records ENABLE ALWAYS TRIGGER audit_stays, "
                       "ENABLE ALWAYS TRIGGER audit_is_not_emptied")  # fmt: skip


def found(report: dict[str, Any]) -> list[tuple[str, int, int]]:
    return [(each["what"], each["first"], each["last"]) for each in report["findings"]]


def test_what_the_database_hashes_is_what_is_hashed_here() -> None:
    write()
    assert [each.hash for each in postgres.records()] == [chain.digest(each) for each in postgres.records()]
    status, report = verified()
    head = AuditRecord.objects.order_by("-number")[0]
    assert (status, report) == (0, {"whole": True, "head": f"{head.number}:{head.hash}", "findings": []})


def test_what_is_done_to_it_is_named() -> None:
    rows = write()
    third = rows[2].number
    by_force("UPDATE audit_records SET actor = 'somebody else' WHERE number = %s", third)
    assert (verified()[0], found(verified()[1])) == (1, [("changed", third, third)])
    by_force("UPDATE audit_records SET actor = %s WHERE number = %s", rows[2].actor, third)
    by_force("DELETE FROM audit_records WHERE number = %s", rows[-1].number)
    assert found(verified()[1]) == [("missing", rows[-1].number, rows[-1].number)]
    by_force("DELETE FROM audit_records WHERE number = %s", third)
    assert found(verified()[1]) == [("missing", third, third), ("missing", rows[-1].number, rows[-1].number)]


def test_a_fork_is_an_error_as_it_is_written() -> None:
    rows = write(2)
    with pytest.raises(Exception, match="audit_records_previous"), connection.cursor() as cursor:
        cursor.execute("INSERT INTO audit_records (number, at, actor, address, path, role, action, about, key,"
                       " previous, hash) VALUES (%s, now(), '', '', '', '', '', '', '', %s, 'x')",
                       [rows[-1].number + 1, rows[-1].previous])  # fmt: skip


def test_what_its_owner_cuts_off_is_recorded_and_no_fault() -> None:
    rows = write()
    with connection.cursor() as cursor:
        cursor.execute("SELECT tradingops_cut_audit(%s)", [rows[3].at])
        assert cursor.fetchone() == (len(rows[:3]),)
    status, report = verified()
    assert (status, report["whole"], found(report)) == (0, True, [("cut by retention", 1, rows[2].number)])


def pruned(*options: str) -> dict[str, Any]:
    out = io.StringIO()
    call_command("prune", "audit", *options, "--json", stdout=out, stderr=io.StringIO())
    report: dict[str, Any] = json.loads(out.getvalue())
    return report


def test_the_command_cuts_what_is_older_than_a_day_and_tells_what_before_it_does() -> None:
    write()
    by_force("UPDATE audit_records SET at = '2024-01-01' WHERE number <= %s", 3)
    assert pruned("--before", "2025-01-01", "--dry-run") == {
        "what": "audit", "records": 3, "first": 1, "last": 3, "cut": False
    }  # fmt: skip
    assert AuditRecord.objects.filter(number__lte=3).count() == 3
    assert pruned("--before", "2025-01-01")["records"] == 3
    assert pruned("--before", "2025-01-01")["records"] == 0
    assert found(verified()[1])[-1] == ("cut by retention", 1, 3)
    with pytest.raises(CommandError, match="is to come") as refused:
        pruned("--before", "2999-01-01")
    assert refused.value.returncode == 2


def test_nobody_but_the_owner_cuts_the_audit() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_function_privilege('public', 'tradingops_cut_audit(timestamptz)', 'EXECUTE')")
        assert cursor.fetchone() == (False,)


def test_a_head_that_was_kept_is_looked_for() -> None:
    write()
    _, report = verified()
    assert verified("--noted", report["head"])[0] == 0
    number = report["head"].partition(":")[0]
    assert found(verified("--noted", f"{number}:{'0' * 64}")[1]) == [("changed", int(number), int(number))]


@pytest.mark.timeout(300)
def test_many_writers_some_of_them_killed_make_one_chain(database_url: str) -> None:
    dice = random.Random(7)
    before = AuditRecord.objects.count()

    def written(name: str) -> int:
        """Have a process write until one of them comes to its end; return how many did not."""
        for attempt in range(KILLS):
            command = [sys.executable, "-c", WRITER, database_url, f"{name}.{attempt}", str(EACH)]
            process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
            try:
                patience = dice.uniform(0.3, 1.2) if attempt < KILLS // WRITERS else 120
                _, said = process.communicate(timeout=patience)
            except subprocess.TimeoutExpired:
                os.kill(process.pid, signal.SIGKILL)
                process.communicate()
                continue
            if process.returncode == 0:
                return attempt
            assert "terminating connection" in said or "server closed the connection" in said, said
        raise AssertionError(f"{name} never came to its end")

    with ThreadPoolExecutor(WRITERS + 1) as pool:
        writers = [pool.submit(written, f"writer {number}") for number in range(WRITERS)]
        ended = pool.submit(_end_sessions, writers)
        assert sum(writer.result() for writer in writers) >= WRITERS
        assert ended.result() > 0
    made = AuditRecord.objects.count() - before
    assert made >= WRITERS * EACH
    assert verified() == (0, {"whole": True, "head": verified()[1]["head"], "findings": []})
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM audit_waiting")
        assert cursor.fetchone() == (0,)


def _end_sessions(writers: list[Any]) -> int:
    """End sessions at the server until all writers are done; return how many."""
    ended = 0
    with psycopg.connect(**connections.parameters(), autocommit=True) as session:
        while not all(writer.done() for writer in writers):
            time.sleep(0.4)
            if ended < WRITERS:
                row = session.execute(
                    "SELECT count(pg_terminate_backend(pid)) FROM (SELECT pid FROM pg_stat_activity WHERE datname = "
                    "current_database() AND query LIKE '%auth_group%' AND pid <> pg_backend_pid() LIMIT 1) AS one"
                ).fetchone()
                ended += int(row[0]) if row else 0
    return ended
