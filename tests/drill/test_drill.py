"""The worst day can be rehearsed, on a desk that nothing is left of, and a rehearsal can fail."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path

import psycopg
import pytest
from django.core.management import CommandError, call_command

from tradingops.drill import rehearsals, scratch
from tradingops.drill.scratch import DrillFailed, Scratch


@pytest.mark.timeout(400)
def test_all_pass_on_a_desk_of_its_own_fail_where_the_rule_is_gone_and_leave_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/the-real-desk")
    with scratch.desk() as desk:
        results = list(rehearsals.all_of_them(desk))
        assert [each.name for each in results] == list(rehearsals.REHEARSALS)
        assert [each for each in results if not each.passed] == []
        desk.manage("resume", "desk")
        _forget_halts(desk)
        with pytest.raises(DrillFailed, match="the database took an order on a halted desk"):
            rehearsals.halt(desk)
    assert not desk.folder.exists()


def _forget_halts(desk: Scratch) -> None:
    """Take the rule away that the rehearsal is about."""
    with desk.connect() as session:
        told = session.info.get_parameters()
    with psycopg.connect(host=told["host"], dbname=told["dbname"], user="postgres", autocommit=True) as owner:
        owner.execute("ALTER TABLE tr_strands DISABLE TRIGGER USER")


def test_a_rehearsal_that_fails_is_told_and_stops_none_of_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_: Scratch) -> str:
        raise DrillFailed("the venue never answered")

    @contextmanager
    def no_desk() -> Iterator[Scratch]:
        yield Scratch(Path("/nonexistent"))

    monkeypatch.setattr(rehearsals, "REHEARSALS", {"first": fails, "second": lambda _: "all well"})
    monkeypatch.setattr(scratch, "desk", no_desk)
    out = StringIO()
    with pytest.raises(CommandError, match=r"Failed: first\."):
        call_command("drill", "--json", stdout=out)
    told = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [(each["name"], each["passed"], each["told"]) for each in told] == [
        ("first", False, "the venue never answered"),
        ("second", True, "all well"),
    ]
