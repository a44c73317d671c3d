"""The live stream: a real console process, real sockets, a real database."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from websockets.exceptions import InvalidStatus

from strands.strand import Strand
from strands.wires.postgres import PostgresWire
from tests.console import stories
from tests.console.consoles import Console
from tradingops.console.feed import standing

Connect = Callable[..., psycopg.Connection[Any]]


def some_signals(count: int, *, start: int = 0, symbol: str = "BTC-PERP") -> list[Strand]:
    return [stories.a_signal(stories.a_bar(start + number, symbol=symbol)) for number in range(count)]


def unfinished(connect: Connect, said: list[Strand]) -> psycopg.Connection[Any]:
    """Say strands in a transaction that has not ended."""
    connection = connect(autocommit=False)
    connection.execute("SELECT 1")
    PostgresWire(lambda: connection).publish(said)
    return connection


def ids(strands: list[Strand]) -> list[str]:
    return [strand.id for strand in strands]


async def test_every_strand_arrives_once_in_the_order_it_was_said(console: Console, wire: PostgresWire) -> None:
    async with console.screen() as screen:
        await screen.subscribe()
        said = some_signals(150)
        for strand in said:
            wire.publish([strand])
        assert await screen.until(150) == ids(said)


async def test_a_page_opens_with_history_in_order(console: Console, wire: PostgresWire) -> None:
    wire.publish(said := some_signals(30))
    async with console.screen() as screen:
        letter = await screen.subscribe()
        assert letter["type"] == "history"
        assert screen.ids == ids(said)


async def test_history_older_than_the_ring_comes_from_the_database(console: Console, wire: PostgresWire) -> None:
    rare = some_signals(3, symbol="RARE-USD")
    wire.publish(rare)
    async with console.screen() as screen:
        await screen.subscribe()
        wire.publish(some_signals(120))
        await screen.until(123)
    async with console.screen(wants={"symbols": ["RARE-USD"]}) as other:
        await other.subscribe()
        assert other.ids == ids(rare)


async def test_a_transaction_that_commits_late_is_not_lost(
    console: Console, wire: PostgresWire, connect: Connect
) -> None:
    early, late = some_signals(1), some_signals(5, start=10)
    async with console.screen() as screen:
        await screen.subscribe()
        slow = unfinished(connect, early)
        wire.publish(late)
        assert await screen.until(5) == ids(late)
        slow.commit()
        assert await screen.until(6) == ids(late + early)


async def test_numbers_rolled_back_hold_nothing_up(console: Console, wire: PostgresWire, connect: Connect) -> None:
    async with console.screen() as screen:
        await screen.subscribe()
        doomed = unfinished(connect, some_signals(3))
        wire.publish(said := some_signals(1, start=10))
        await screen.until(1)
        assert screen.settled < screen.frames[-1]["said"]
        doomed.rollback()
        while screen.settled < screen.frames[-1]["said"]:
            wire.publish(more := some_signals(1, start=10 + len(said)))
            await screen.until(len(said := said + more))
        assert screen.ids == ids(said)


async def test_a_screen_that_comes_back_misses_nothing_and_sees_nothing_twice(
    console: Console, wire: PostgresWire
) -> None:
    said = some_signals(90)
    screen = console.screen()
    async with screen:
        await screen.subscribe()
        wire.publish(said[:30])
        await screen.until(30)
    wire.publish(said[30:60])
    async with screen:
        letter = await screen.subscribe()
        assert letter["type"] == "resumed"
        wire.publish(said[60:])
        assert await screen.until(90) == ids(said)


async def test_a_screen_of_another_console_misses_nothing(console: Console, wire: PostgresWire) -> None:
    said = some_signals(60)
    wire.publish(said[:30])
    async with console.screen() as screen:
        await screen.subscribe()
        elsewhere = {**(screen.cursor or {}), "epoch": "another"}
    wire.publish(said[30:])
    async with console.screen(cursor=elsewhere) as screen:
        letter = await screen.subscribe()
        assert letter["type"] == "resumed"
        await screen.until_ids(*ids(said[30:]))
        assert screen.ids[-30:] == ids(said[30:])
        assert len(set(screen.ids)) == len(screen.ids)


async def test_a_screen_of_another_console_hears_of_what_had_not_settled(
    console: Console, wire: PostgresWire, connect: Connect
) -> None:
    early, late = some_signals(1), some_signals(2, start=10)
    async with console.screen() as screen:
        await screen.subscribe()
        slow = unfinished(connect, early)
        wire.publish(late)
        await screen.until(2)
        elsewhere = {**(screen.cursor or {}), "epoch": "another"}
    slow.commit()
    async with console.screen(cursor=elsewhere) as screen:
        await screen.subscribe()
        await screen.until_ids(*ids(early))


async def test_a_screen_that_was_away_too_long_is_told_to_load_anew(console: Console, wire: PostgresWire) -> None:
    screen = console.screen()
    async with screen:
        await screen.subscribe()
        wire.publish(some_signals(5))
        await screen.until(5)
    async with console.screen() as other:
        await other.subscribe()
        for start in range(10, 210, 50):
            wire.publish(some_signals(50, start=start))
            await other.until(5 + start + 40)
    async with screen:
        letter = await screen.subscribe()
        assert letter["type"] == "history"
        assert letter["resync"] is True
        assert letter["frames"][-1]["id"] == other.ids[-1]


async def test_a_killed_listening_connection_loses_nothing(
    console: Console, wire: PostgresWire, connect: Connect
) -> None:
    said = some_signals(40)
    async with console.screen() as screen:
        await screen.subscribe()
        wire.publish(said[:20])
        await screen.until(20)
        kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'tradingops stream'"
        connect().execute(kill)
        wire.publish(said[20:])
        assert await screen.until(40) == ids(said)
        assert "lost" in screen.healths
        while screen.healths[-1] != "live":
            await screen.hear("state")


async def test_a_filter_lets_through_what_was_asked_for(console: Console, wire: PostgresWire) -> None:
    wants = {"symbols": ["ETH-PERP"], "kinds": ["decision", "position"]}
    story = stories.a_story(symbol="ETH-PERP")
    async with console.screen(wants=wants) as screen:
        await screen.subscribe()
        wire.publish(stories.a_story(symbol="BTC-PERP"))
        wire.publish(story)
        assert await screen.until(2) == [each.id for each in story if each.kind in wants["kinds"]]


async def test_bars_come_only_when_asked_for(console: Console, wire: PostgresWire) -> None:
    bar = stories.a_bar()
    async with console.screen() as quiet, console.screen(wants={"ticks": True}) as all_of_it:
        await quiet.subscribe()
        await all_of_it.subscribe()
        wire.publish([bar])
        wire.publish([signal := stories.a_signal(bar)])
        assert await all_of_it.until(2) == [bar.id, signal.id]
        assert await quiet.until(1) == [signal.id]


async def test_a_screen_that_does_not_keep_up_is_let_go_and_comes_back(console: Console, wire: PostgresWire) -> None:
    screen = console.screen(acknowledges=False)
    async with screen:
        await screen.subscribe()
        for start in range(0, 250, 50):
            wire.publish(some_signals(50, start=start))
        assert await screen.closed() == 4408


async def test_an_anonymous_screen_is_closed(console: Console) -> None:
    async with console.screen(cookie=None) as screen:
        assert await screen.closed() == 4401


async def test_a_person_who_may_see_no_strands_is_closed(console: Console, connect: Connect) -> None:
    connect().execute("UPDATE auth_user SET is_superuser = false")
    async with console.screen() as screen:
        assert await screen.closed() == 4401


async def test_signing_out_closes_the_screen(console: Console, connect: Connect) -> None:
    async with console.screen() as screen:
        await screen.subscribe()
        connect().execute("DELETE FROM django_session")
        assert await screen.closed() == 4401


@pytest.mark.parametrize("origin", ["http://evil.example", None])
async def test_a_socket_from_elsewhere_is_refused(console: Console, origin: str | None) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with console.screen(origin=origin):
            pass
    assert refused.value.response.status_code == 403


async def test_too_long_a_message_closes_the_screen(console: Console) -> None:
    async with console.screen() as screen:
        await screen.hear("hello")
        await screen.tell(type="subscribe", filter={"symbols": ["X" * 9_000]})
        assert await screen.closed() == 4429


async def test_a_message_that_makes_no_sense_is_answered_with_what_would(console: Console) -> None:
    async with console.screen() as screen:
        await screen.hear("hello")
        await screen.wire.send("[]")
        assert "one JSON object" in (await screen.hear("misunderstood"))["why"]
        await screen.tell(type="subscribe", filter={"kinds": "bar"})
        assert "filter.kinds" in (await screen.hear("misunderstood"))["why"]
        await screen.tell(type="subscribe", cursor={"epoch": "x", "position": -1, "settled": 0})
        assert "cursor" in (await screen.hear("misunderstood"))["why"]
        await screen.tell(type="subscribe", filter={"symbols": ["BTC\x00"]})
        assert "filter.symbols" in (await screen.hear("misunderstood"))["why"]


async def test_a_strand_with_odd_json_passes_and_stops_nothing(
    console: Console, wire: PostgresWire, connect: Connect
) -> None:
    deep, long = "[" * 3_000 + "]" * 3_000, f'{{"score": 1{"0" * 5_000}}}'
    others = connect()
    async with console.screen() as screen:
        await screen.subscribe()
        others.execute("INSERT INTO dm_strands (id, kind, dm_decision) VALUES ('odd-1', 'decision', '[1, \"x\"]')")
        others.execute("INSERT INTO dm_strands (id, kind, dm_decision) VALUES ('odd-2', 'decision', %s)", (long,))
        others.execute("INSERT INTO tr_strands (id, kind, fills) VALUES ('odd-3', 'fill', '{\"0\": null}')")
        others.execute("INSERT INTO vn_strands (id, vn_update) VALUES ('odd-4', %s)", (deep,))
        wire.publish(said := some_signals(1))
        assert await screen.until(5) == ["odd-1", "odd-2", "odd-3", "odd-4", *ids(said)]


async def test_a_row_that_cannot_be_read_arrives_as_unreadable_with_the_name_of_its_field(
    console: Console, wire: PostgresWire, connect: Connect
) -> None:
    deep = "[" * 1_500 + "]" * 1_500
    poisons = {
        "DEEP": deep,
        "TEXT": '"x"',
        "INSIDE": f'{{"decision_type": "approve", "plan": {deep}}}',
        "LONG": f'{{"score": 1{"0" * 5_000}}}',
    }
    async with console.screen() as screen:
        await screen.subscribe()
        with connect(autocommit=True) as connection:
            for name, poison in poisons.items():
                connection.execute(
                    "INSERT INTO dm_strands (id, kind, symbol, lifecycle_id, dm_decision)"
                    " VALUES (%s, 'decision', 'BTC-PERP', 'ODD', %s)",
                    [name, poison],
                )
        wire.publish(sound := some_signals(1))
        assert await screen.until(5) == [*poisons, *ids(sound)]
        marks = {frame["id"]: [part for part in frame["parts"] if "unreadable" in part[0]] for frame in screen.frames}
        assert {name: marks[name][-1][-1] for name in poisons} == {
            "DEEP": "dm_decision",
            "TEXT": "dm_decision",
            "INSIDE": "dm_decision.plan",
            "LONG": "score",
        }
        assert marks[sound[0].id] == []


#: What takes somebody's right to listen, or bounds it, while their screen is open.
REVOKED = {
    "signed out": "DELETE FROM django_session",
    "deactivated": "UPDATE auth_user SET is_active = false",
    "no longer staff": "UPDATE auth_user SET is_staff = false",
    "another password": "UPDATE auth_user SET password = 'x'",
    "role changed": "UPDATE auth_user SET is_superuser = false",
    "bounded": "INSERT INTO mandates (name, person_id, symbols, venues, modes) "
    "SELECT 'narrow', id, ARRAY['ETH-PERP'], '{}', '{}' FROM auth_user",
}


@pytest.mark.parametrize("revoked", REVOKED)
async def test_a_revoked_right_closes_the_screen_before_the_next_message_goes_out(
    console: Console, wire: PostgresWire, connect: Connect, revoked: str
) -> None:
    async with console.screen() as screen:
        await screen.subscribe()
        wire.publish(some_signals(1))
        await screen.until(1)
        session = connect()
        session.execute(REVOKED[revoked])
        wire.publish(some_signals(20, start=100))
        assert await screen.closed() in (4401, 4503)
        assert len(screen.frames) == 1


@pytest.mark.parametrize("revoked", REVOKED)
async def test_a_frame_sent_after_a_revocation_does_nothing(
    console: Console, wire: PostgresWire, connect: Connect, revoked: str
) -> None:
    wire.publish(some_signals(3))
    async with console.screen() as screen:
        await screen.hear("hello")
        connect().execute(REVOKED[revoked])
        await screen.tell(type="subscribe", filter={}, cursor=None)
        assert await screen.closed() in (4401, 4503)
        assert screen.frames == []


async def test_a_sign_in_that_expires_closes_the_screen_at_its_time(
    console: Console, wire: PostgresWire, connect: Connect
) -> None:
    async with console.screen() as screen:
        await screen.subscribe()
        connect().execute("UPDATE django_session SET expire_date = now() + interval '1 second'")
        assert await screen.closed() == 4401
        over = "SELECT bool_and(expire_date <= clock_timestamp()) FROM django_session"
        assert connect().execute(over).fetchone() == (True,)


@pytest.mark.parametrize(("asked", "seen"), [([], 4), (["BTC-PERP"], 0), (["ETH-PERP", "BTC-PERP"], 4)])
async def test_a_screen_hears_nothing_of_symbols_outside_its_mandate(
    console: Console, wire: PostgresWire, connect: Connect, asked: list[str], seen: int
) -> None:
    wire.publish([*some_signals(3), *some_signals(2, symbol="ETH-PERP")])
    connect().execute(REVOKED["bounded"])
    async with console.screen(wants={"symbols": asked}) as screen:
        await screen.subscribe()
        wire.publish([*some_signals(3, start=50), *some_signals(2, start=50, symbol="ETH-PERP")])
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1.5):
                await screen.hear("never")
        assert [frame["symbol"] for frame in screen.frames] == ["ETH-PERP"] * seen


@pytest.mark.parametrize(
    ("origin", "own"),
    [
        ("http://desk.example", True),
        ("http://desk.example:80", True),
        ("https://desk.example", False),
        ("http://desk.example:8000", False),
        ("http://evil.example", False),
        ("https://proxy.example", True),
        ("http://proxy.example", False),
        ("https://proxy.example:8443", False),
        ("null", False),
        ("http://desk.example/path", False),
        ("http://desk.example:port", False),
    ],
)
def test_an_origin_is_ours_by_scheme_host_and_port(settings: Any, origin: str, own: bool) -> None:
    settings.ALLOWED_HOSTS, settings.CSRF_TRUSTED_ORIGINS = ["desk.example"], ["https://proxy.example"]
    headers = [(b"host", b"desk.example"), (b"origin", origin.encode())]
    assert standing.is_from_here({"scheme": "ws", "headers": headers}) is own


def test_behind_a_proxy_that_ends_tls_the_scheme_is_the_proxys(settings: Any) -> None:
    settings.ALLOWED_HOSTS, settings.HTTPS = ["desk.example"], True
    headers = [(b"host", b"desk.example"), (b"x-forwarded-proto", b"https")]
    assert standing.is_from_here({"scheme": "ws", "headers": [*headers, (b"origin", b"https://desk.example")]})
    assert not standing.is_from_here({"scheme": "ws", "headers": [*headers, (b"origin", b"http://desk.example")]})
