"""The scribe on the wire: a braid goes in, words come out for its module, and what failed is on record."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from strands import strand, tags
from strands.endpoint.configuration import Configuration
from strands.endpoint.postgres import PostgresLedger
from strands.lessons.writers.endpoint import writer
from strands.strand import Strand
from strands.wires.postgres import PostgresWire
from tests import endpoints, factories, sessions
from tradingops import connections, engine
from tradingops.modules.scribe.module import Scribe

pytestmark = pytest.mark.django_db(transaction=True)

SAID = "SELECT kind, parent_id, symbol, tags, op_note FROM op_strands ORDER BY id"


@pytest.fixture
def ledger(transactional_db: None) -> Iterator[PostgresLedger]:
    opened = PostgresLedger(connections.wire)
    yield opened
    opened.close()


def a_braid_strand() -> Strand:
    return strand.first(
        module="alpha",
        kind="braid",
        at=factories.NOON,
        symbol="BTC-PERP",
        tags=[tags.WRITE_LESSON],
        payload={"lesson_metadata": factories.a_braid()},
    )


def a_scribe(url: str, ledger: PostgresLedger) -> Scribe:
    configuration = Configuration(url=url, model="a-model", timeout=5, retries=0, prices=endpoints.PRICES)
    return Scribe(writer=writer.at(configuration, ledger=ledger))


class PowerFails(Exception):
    """Nothing of the turn is written."""


def turn_that_is_lost(scribe: Scribe, wire: PostgresWire) -> None:
    with wire.take("lessons", 1) as batch:
        engine.handle_batch(scribe, batch, engine.market_time)
        raise PowerFails


def rows(query: str) -> list[tuple[Any, ...]]:
    with connections.wire() as session:
        return sessions.rows(session, query)


def test_words_reach_the_braid_s_module_through_the_wire(real_wire: PostgresWire, ledger: PostgresLedger) -> None:
    braid = a_braid_strand()
    real_wire.publish([braid])
    with endpoints.serving(endpoints.words()) as server:
        assert engine.turn(a_scribe(server.url, ledger), real_wire, engine.market_time) == 1
    ((kind, parent, symbol, said, note),) = rows(SAID)
    assert (kind, parent, symbol, said) == ("lesson_words", braid.id, "BTC-PERP", ["alpha:lesson"])
    assert note["lesson"] == endpoints.LESSON
    assert note["cost"] == "0.007000"
    assert real_wire.waiting("alpha") == 1
    assert rows("SELECT status, cost FROM lesson_writer_calls") == [("answered", endpoints.COST)]


def test_a_turn_that_is_taken_again_is_not_paid_for_again(real_wire: PostgresWire, ledger: PostgresLedger) -> None:
    real_wire.publish([a_braid_strand()])
    with endpoints.serving(endpoints.words()) as server:
        scribe = a_scribe(server.url, ledger)
        with pytest.raises(PowerFails):
            turn_that_is_lost(scribe, real_wire)
        assert rows(SAID) == []
        assert engine.turn(scribe, real_wire, engine.market_time) == 1
    assert len(server.requests) == 1
    ((*_, note),) = rows(SAID)
    assert note["cached"] is True


def test_a_refusal_is_on_record_and_goes_to_nobody(real_wire: PostgresWire, ledger: PostgresLedger) -> None:
    real_wire.publish([a_braid_strand()])
    with endpoints.serving(endpoints.reply(401)) as server:
        assert engine.turn(a_scribe(server.url, ledger), real_wire, engine.market_time) == 1
    ((kind, _, _, said, note),) = rows(SAID)
    assert (kind, said) == ("lesson_words_refused", [])
    assert (note["status"], note["reason"]) == ("refused", "401 Unauthorized: it does not accept the key")
    assert real_wire.waiting() == 0
