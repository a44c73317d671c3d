"""A desk that the version before filled migrates, refolds without a difference, and goes on as it would have."""

from __future__ import annotations

import contextlib
import io
import json
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from tests.migrations import kept_desk
from tradingops import connections, environments

pytestmark = pytest.mark.timeout(300)

RENEW = "Renew tests/data with the checkout before the change, as tests/migrations/kept_desk.py says."


def refolded() -> dict[str, Any]:
    """Return what the command reports."""
    report = io.StringIO()
    # With differences the command ends with exit status 1; they are in its report.
    with contextlib.suppress(SystemExit):
        call_command("refold", json=True, stdout=report, stderr=io.StringIO())
    found: dict[str, Any] = json.loads(report.getvalue())
    return found


def column(kept: dict[str, Any], table: str, name: str) -> list[str]:
    """Return one column of a table that is kept, as it stands in the file."""
    held = kept["tables"][table]
    place = held["columns"].index(name)
    return [row.split("\t")[place] for row in held["rows"].splitlines()]


@pytest.fixture
def kept() -> dict[str, Any]:
    """The desk that is kept, with modules that answer as they did then."""
    found = kept_desk.read()
    versions = {name: module.version for name, module in environments.modules().items()}
    assert found["versions"] == versions, f"a module answers otherwise than the desk that is kept. {RENEW}"
    return found


@pytest.fixture
def desk(empty_database: str, kept: dict[str, Any]) -> dict[str, Any]:
    """A database migrated as far as the kept desk's was, loaded with its rows, then migrated to today's tables."""
    newest = dict(kept["migrations"])
    MigrationExecutor(connection).migrate(list(newest.items()))
    with connections.wire() as session:
        kept_desk.load(session, kept)
    call_command("migrate", verbosity=0, interactive=False)
    return kept


def test_it_refolds_and_goes_on_as_it_would_have(desk: dict[str, Any]) -> None:
    before = refolded()
    assert before["differences"] == []
    assert before["partitions"] == 12
    kept_desk.go_on()
    after = refolded()
    assert after["differences"] == []
    assert after["turns"] > before["turns"] + 1_000
    assert after["answers"] > before["answers"]
    with connections.wire() as session:
        said = kept_desk.said(session)
    unlike = {identity for identity, digest in desk["went_on"].items() if said.get(identity) != digest}
    assert unlike == set()


def test_it_holds_all_that_a_version_must_take_over() -> None:
    kept = kept_desk.read()
    said = {kind for table in ("ad", "dm", "tr", "op") for kind in column(kept, f"{table}_strands", "kind")}
    assert {"signal", "decision", "order", "fill", "position", "curator_scores", "braid", "lesson"} <= said
    assert {"policy_changed", "halt", "lesson_verdict", "note"} <= said
    assert column(kept, "module_messages", "status").count("failed") == 1
    assert sorted(column(kept, "deliveries", "listener")) == ["dm", "risk"]
    [state] = (each for each in column(kept, "module_states", "state") if '"halts"' in each)
    assert '"symbol:ETH":"reduce-only"' in state
    assert '"refused_policies":[{' in state
