"""`manage.py halt` and `resume`: the database alone is enough to stop the desk."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from strands.given import HaltState
from strands.models import PeopleStrand
from tradingops.people import halting

pytestmark = pytest.mark.django_db


def run(command: str, *options: str) -> dict[str, str]:
    out = StringIO()
    call_command(command, *options, "--json", stdout=out, stderr=StringIO())
    found: dict[str, str] = json.loads(out.getvalue())
    return found


def test_a_halt_says_who_and_why_and_what_stands_halted() -> None:
    assert run("halt", "--reason", "feed is wrong") == {"desk": "halted"}
    assert run("halt", "symbol:BTC-PERP", "--reduce-only") == {"desk": "halted", "symbol:BTC-PERP": "reduce-only"}
    desk, symbol = halting.standing()
    assert (desk.scope, desk.state, desk.reason) == ("desk", HaltState.HALTED, "feed is wrong")
    assert (symbol.scope, symbol.reason) == ("symbol:BTC-PERP", "no reason given")
    assert desk.by
    assert PeopleStrand.objects.get(pk=desk.strand).op_halt["scope"] == "desk"


def test_resuming_a_scope_leaves_the_others() -> None:
    run("halt")
    run("halt", "venue:binance")
    assert run("resume") == {"venue:binance": "halted"}
    assert run("resume", "venue:binance") == {}


def test_a_halt_that_has_ended_stands_no_more() -> None:
    run("halt", "--until", "9998-01-01T00:00:00Z")
    [desk] = halting.standing()
    assert desk.until is not None
    assert halting.standing(now=desk.until) == []


@pytest.mark.parametrize(
    ("command", "options", "said"),
    [
        ("halt", ["symbol"], "scope: 'symbol' is no scope; it is desk, venue:NAME"),
        ("halt", ["module:nobody"], "scope: 'module:nobody' is no scope"),
        ("halt", ["desk", "--until", "2001-01-01T00:00:00Z"], "until: 2001-01-01T00:00:00\\+00:00 is not after"),
        ("resume", ["desk"], "scope: desk is not halted; nothing is"),
        ("resume", ["venue:binance"], "scope: venue:binance is not halted"),
    ],
)
def test_what_would_be_in_force_nowhere_is_refused_and_nothing_said(
    command: str, options: list[str], said: str
) -> None:
    with pytest.raises(CommandError, match=said) as refused:
        call_command(command, *options, stderr=StringIO())
    assert refused.value.returncode == 2
    assert not PeopleStrand.objects.exists()


def test_a_moment_without_a_zone_is_refused_at_once() -> None:
    with pytest.raises(CommandError, match="--until"):
        call_command("halt", "--until", "2026-11-20T18:00:00", stderr=StringIO())
