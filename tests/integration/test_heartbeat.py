"""Who is at work is known by its heartbeat, and so is who has fallen silent."""

from __future__ import annotations

import pytest

from strands.triggers import LANES
from strands.wires.postgres import PostgresWire
from tests import sessions, workers
from tests.toys import Echo, a_plan, a_trader
from tradingops import heartbeat
from tradingops.listening import Pace


def beat(session: sessions.Session, name: str, *listeners: str, turns: int = 0) -> dict[str, list[int]]:
    names = listeners or ("dm",)
    heart = heartbeat.Heart(name, [Echo(each) for each in names])
    return heart.beat(session, turns=dict.fromkeys(names, turns), faults=0)


def silence(session: sessions.Session, name: str, seconds: int) -> None:
    session.execute(
        "UPDATE workers SET beat_at = now() - %s * interval '1 second' WHERE id LIKE %s", [seconds, f"{name}%"]
    )


def test_a_heartbeat_says_who_and_where(session: sessions.Session) -> None:
    beat(session, "desk:7", "dm", "trader", turns=5)
    assert sessions.rows(
        session,
        "SELECT id, listener, turns, faults, beat_at = now(), host <> '', pid > 0, version FROM workers ORDER BY id",
    ) == [("desk:7:dm", "dm", 5, 0, True, True, True, "1"), ("desk:7:trader", "trader", 5, 0, True, True, True, "1")]


def test_every_module_of_a_process_counts_its_own_turns(session: sessions.Session) -> None:
    heart = heartbeat.Heart("desk:7", [Echo("dm"), Echo("trader")])
    heart.beat(session, turns={"dm": 3}, faults=0)
    assert sessions.rows(session, "SELECT listener, turns FROM workers ORDER BY 1") == [("dm", 3), ("trader", 0)]


def test_a_second_heartbeat_is_the_same_worker_s(session: sessions.Session) -> None:
    beat(session, "desk:7", turns=5)
    beat(session, "desk:7", turns=6)
    assert sessions.rows(session, "SELECT turns, last_turn_at = now() FROM workers") == [(6, True)]


@pytest.mark.parametrize("number", [1, 2, 3, 7, LANES])
def test_the_living_share_all_lanes_and_no_lane_twice(session: sessions.Session, number: int) -> None:
    names = [f"w{each:02}" for each in range(number)]
    for name in names:
        beat(session, name)
    shares = [beat(session, name)["dm"] for name in names]
    assert sorted(lane for share in shares for lane in share) == list(range(LANES))


def test_one_worker_too_many_takes_from_every_lane(session: sessions.Session) -> None:
    for each in range(LANES):
        beat(session, f"w{each:02}")
    assert beat(session, "w99")["dm"] == list(range(LANES))


def test_workers_of_other_listeners_have_no_share(session: sessions.Session) -> None:
    beat(session, "one", "trader")
    assert beat(session, "two", "dm")["dm"] == list(range(LANES))


def test_the_lanes_of_one_who_fell_silent_are_shared_among_the_living(session: sessions.Session) -> None:
    beat(session, "one")
    assert len(beat(session, "two")["dm"]) == LANES // 2
    silence(session, "one", heartbeat.DEAD_AFTER)
    assert beat(session, "two")["dm"] == list(range(LANES))
    assert len(beat(session, "one")["dm"]) == LANES // 2


def test_one_who_leaves_is_gone(session: sessions.Session) -> None:
    heart = heartbeat.Heart("one", [Echo("dm"), Echo("trader")])
    heart.beat(session, turns={}, faults=0)
    heart.leave(session)
    assert sessions.rows(session, "SELECT count(*) FROM workers") == [(0,)]


def test_one_who_has_been_silent_for_a_day_is_buried(session: sessions.Session) -> None:
    beat(session, "one")
    silence(session, "one", 24 * 60 * 60 + 1)
    beat(session, "two")
    assert sessions.rows(session, "SELECT id FROM workers") == [("two:dm",)]


# -- at work


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_sleeps_long_keeps_its_heart_beating(real_wire: PostgresWire) -> None:
    beats: set[object] = set()

    def has_beaten_often() -> bool:
        beats.update(sessions.rows(real_wire.connection, "SELECT beat_at FROM workers"))
        return len(beats) >= 4

    with workers.at_work(workers.Watched(), pace=Pace(poll=600.0, beat=0.1, glance=0.05)):
        workers.until(has_beaten_often, what="four heartbeats")


@pytest.mark.django_db(transaction=True)
def test_a_dead_worker_s_lanes_do_not_wait_for_its_burial(real_wire: PostgresWire) -> None:
    """Nobody knows yet that it died: half of the lanes are still its share, and are emptied all the same."""
    beat(real_wire.connection, "a-dead-worker", "trader")
    silence(real_wire.connection, "a-dead-worker", -3600)
    symbols = [f"S{number}" for number in range(40)]
    with workers.at_work(trader := a_trader(), pace=Pace(poll=600.0, beat=0.2, glance=0.05)):
        real_wire.publish([a_plan(n, symbol=name, tags=["trader:halt"]) for n, name in enumerate(symbols)])
        workers.until(lambda: real_wire.waiting("trader") == 0, what="every lane taken")
    assert sorted(trader.heard) == list(range(40))
