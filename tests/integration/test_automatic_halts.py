"""A limit that is reached halts the desk in the database, as a person's word would, until a person resumes it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import timedelta
from functools import partial
from io import StringIO

import psycopg
import pytest
from django.core.management import CommandError, call_command

from strands import strand, tags
from strands.given import DESK, HaltState
from strands.market.bar import Timeframe
from strands.models import PeopleStrand
from strands.rulings import automatic
from strands.rulings.triggers import HALTED
from strands.strand import Strand
from strands.wires.postgres import PostgresWire
from tests import sessions
from tests.unit.tradingops.modules.test_automatic_halts import ALL_IN, DESK_OF_100
from tests.unit.tradingops.modules.test_risk_manager import MORNING, QUARTER, after, bar
from tradingops import connections, engine
from tradingops.management import silence
from tradingops.people import halting

LOSS = [ALL_IN, bar(1, 100), bar(2, 89)]


@pytest.fixture
def desk(transactional_db: None) -> Iterator[PostgresWire]:
    """A wire that commits, for the risk manager alone."""
    wire = PostgresWire(partial(connections.wire, durable=False), keepers={"risk": DESK_OF_100})
    yield wire
    wire.close()


def hear(wire: PostgresWire, heard: Iterable[Strand]) -> None:
    for each in heard:
        wire.publish([each])
        engine.drain([DESK_OF_100], wire, engine.market_time)


def test_the_halt_in_the_database_is_the_one_in_memory_and_is_shown_with_rule_and_limit(desk: PostgresWire) -> None:
    hear(desk, LOSS)
    [told] = [halt for update in after(LOSS, DESK_OF_100)[1] for halt in automatic.halts_of(update)]
    kept = PeopleStrand.objects.get(kind="halt")
    assert (kept.id, kept.op_halt, kept.at, kept.hop) == (told.id, told.payload["op_halt"], told.at, told.hop)
    assert (kept.parent_id, kept.lifecycle_id, kept.symbol) == (told.parent_id, told.lifecycle_id, told.symbol)
    [stands] = halting.standing()
    assert (stands.scope, stands.state, stands.by) == (DESK, HaltState.REDUCE_ONLY, "policy")
    assert stands.reason == "daily_loss is 11.0000%, its limit 10.0000%"


@pytest.mark.parametrize("kind", ["note", "halt"])
def test_whoever_takes_its_id_before_neither_stops_risk_nor_keeps_it_from_halting(
    desk: PostgresWire, kind: str
) -> None:
    [told] = [halt for update in after(LOSS, DESK_OF_100)[1] for halt in automatic.halts_of(update)]
    says = told.payload["op_halt"]
    lifted = {"scope": says["scope"], "state": "active"}
    with connections.wire() as session:
        sessions.insert(session, "op_strands", id=told.id, kind=kind, at=told.at.isoformat(), op_halt=says)
        sessions.insert(session, "op_strands", id=f"{told.id}2", kind="halt", at=told.at.isoformat(), op_halt=lifted)
    assert PeopleStrand.objects.count() == 2
    assert not halting.standing()
    hear(desk, LOSS)
    [stands] = halting.standing()
    assert (stands.state, stands.reason) == (HaltState.REDUCE_ONLY, says["reason"])
    assert PeopleStrand.objects.get(id=stands.strand).parent_id == told.parent_id


def test_it_is_not_lifted_while_the_limit_is_reached_and_then_it_is(desk: PostgresWire) -> None:
    hear(desk, LOSS)
    with pytest.raises(CommandError, match=r"daily_loss is 11.0000%, its limit 10.0000%.*--measure-from-here"):
        call_command("resume", "desk", stdout=StringIO(), stderr=StringIO())
    assert halting.standing()
    hear(desk, [bar(3, 95)])
    call_command("resume", "desk", stdout=StringIO(), stderr=StringIO())
    assert not halting.standing()


def test_a_halt_said_over_it_by_a_person_does_not_hide_the_limit(desk: PostgresWire) -> None:
    hear(desk, LOSS)
    call_command("halt", "desk", stdout=StringIO(), stderr=StringIO())
    with pytest.raises(CommandError, match="daily_loss"):
        call_command("resume", "desk", stdout=StringIO(), stderr=StringIO())


def test_whoever_measures_from_here_is_recorded_with_the_references_before_and_after(desk: PostgresWire) -> None:
    hear(desk, LOSS)
    call_command("resume", "desk", "--measure-from-here", stdout=StringIO(), stderr=StringIO())
    said = PeopleStrand.objects.filter(kind="halt").latest("said")
    before, now = {"peak": "100", "day": "100"}, {"peak": "89", "day": "89"}
    assert said.op_halt["measure"] == {"before": before, "after": now}
    hear(desk, [bar(3, 88)])
    assert not halting.standing()
    hear(desk, [bar(4, 80)])
    assert [each.reason for each in halting.standing()] == ["daily_loss is 10.1124%, its limit 10.0000%"]


def test_losses_are_the_desk_s_and_no_other_scope_s_word_measures_them_anew(desk: PostgresWire) -> None:
    hear(desk, LOSS)
    call_command("halt", "symbol:BTCUSDT", stdout=StringIO(), stderr=StringIO())
    with pytest.raises(CommandError, match="losses are the desk's, not those of symbol:BTCUSDT"):
        call_command("resume", "symbol:BTCUSDT", "--measure-from-here", stdout=StringIO(), stderr=StringIO())
    assert len(halting.standing()) == 2


def test_measuring_from_here_before_risk_told_of_any_loss_is_refused(desk: PostgresWire) -> None:
    call_command("halt", "desk", stdout=StringIO(), stderr=StringIO())
    with pytest.raises(CommandError, match="the risk manager has told of no losses yet"):
        call_command("resume", "desk", "--measure-from-here", stdout=StringIO(), stderr=StringIO())
    assert halting.standing()


@pytest.mark.parametrize("odd", ['"text"', "null", '[{"scope": "desk"}]', '[1, {"id": ""}]'])
def test_an_update_from_outside_with_odd_halts_is_taken_and_halts_nothing(session: sessions.Session, odd: str) -> None:
    update = "INSERT INTO rm_strands (id, kind, tags, rm_alert_data) VALUES ('odd', 'risk_update', '[]', %s)"
    session.execute(update, [f'{{"halts": {odd}}}'])
    assert sessions.rows(session, "SELECT count(*) FROM halts") == [(0,)]


def test_a_symbol_whose_data_is_stale_is_resumed_only_when_it_is_heard_of_again(desk: PostgresWire) -> None:
    quarters = [
        bar(nth, 100, symbol=symbol) for nth in range(7) for symbol in ("ADAUSDT", "BTCUSDT") if nth < 2 or symbol < "B"
    ]
    hear(desk, quarters)
    [stands] = halting.standing()
    assert (stands.scope, stands.state, stands.by) == ("symbol:BTCUSDT", HaltState.REDUCE_ONLY, "policy")
    with pytest.raises(CommandError, match="the data of BTCUSDT is 1 h old, its limit 45 min"):
        call_command("resume", "symbol:BTCUSDT", stdout=StringIO(), stderr=StringIO())
    hear(desk, [bar(7, 100)])
    call_command("resume", "symbol:BTCUSDT", stdout=StringIO(), stderr=StringIO())
    assert not halting.standing()


def test_a_venue_that_fails_too_often_halts_in_the_database_until_it_does_no_more(desk: PostgresWire) -> None:
    hear(desk, [fault(nth) for nth in range(DESK_OF_100.policy.most_venue_errors)])
    [stands] = halting.standing()
    assert (stands.scope, stands.state, stands.by) == ("venue:binance", HaltState.REDUCE_ONLY, "policy")
    for venue, passes in (("binance", False), ("coinbase", True)):
        with connections.wire() as session:
            assert _order_passes(session, venue) is passes
    with pytest.raises(CommandError, match="binance failed 5 times within 10 min, its limit 5"):
        call_command("resume", "venue:binance", stdout=StringIO(), stderr=StringIO())
    hear(desk, [bar(3, 100)])
    call_command("resume", "venue:binance", stdout=StringIO(), stderr=StringIO())
    assert not halting.standing()


def test_a_desk_of_which_every_symbol_is_stale_is_halted_in_the_database(desk: PostgresWire) -> None:
    hear(desk, [bar(0, 100), bar(0, 100, symbol="ADAUSDT")])
    timer = silence.timer(MORNING + 8 * QUARTER, {"BTCUSDT": MORNING, "ADAUSDT": MORNING}, Timeframe.M15)
    hear(desk, [timer])
    assert DESK in {stands.scope for stands in halting.standing()}
    with connections.wire() as session:
        assert not _order_passes(session, "binance")


def _order_passes(session: sessions.Session, venue: str) -> bool:
    """Say whether the database takes an entry for a venue; what it took is taken back."""
    spec = json.dumps({"intent": "entry", "side": "buy", "quantity": "1"})
    try:
        with session.transaction(force_rollback=True):
            session.execute(
                "INSERT INTO tr_strands (id, at, kind, symbol, tags, order_spec, route_hint)"
                f" VALUES ('by-hand', %s, 'order', 'BTCUSDT', '[\"{tags.SUBMIT_ORDER}\"]', %s, %s)",
                [MORNING, spec, venue],
            )
    except psycopg.Error as fault:
        if fault.sqlstate != HALTED:
            raise
        return False
    return True


def fault(minute: int) -> Strand:
    """Return what the trader tells of a venue that failed."""
    return strand.first(
        module="trader",
        kind="monitoring",
        at=MORNING + timedelta(minutes=minute),
        symbol="BTCUSDT",
        tags=(tags.RISK_EXECUTION_FEEDBACK,),
        payload={"monitoring_state": {"state": "venue_fault", "venue": "binance", "reason": "timeout"}},
        cause=(minute,),
    )
