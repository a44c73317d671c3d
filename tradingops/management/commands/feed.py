"""Bring bars to the desk: from files, a simulated market or an exchange."""

from __future__ import annotations

import json
import signal
from argparse import ArgumentParser
from collections.abc import Sequence
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from itertools import islice, takewhile
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from strands.market import reader
from strands.market.bar import Timeframe
from strands.market.feed import Feed
from strands.market.feeds import exchange, recorded, simulated, sources
from strands.market.instruments import catalog
from strands.market.instruments.catalog import Lookup
from tradingops import connections, environments
from tradingops.management import desk, errands, feeding, files, listing, pacing, pairs, silence

EXAMPLE = "example: manage.py feed BTC-PERP_1m_2022-01.csv.gz --drain    or    manage.py feed sim --speed 60"
USAGE = 2
#: Moments a transaction, where nobody waits for each.
TOGETHER = 100


class Command(BaseCommand):
    help = f"Publish closed bars to the wire. What was said before is not said again. {EXAMPLE}"

    silence: silence.Silence | None = None

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("sources", nargs="+", metavar="SOURCE", help="sim, files of bars, or ccxt:EXCHANGE")
        parser.add_argument(
            "--symbol", nargs="+", action="extend", default=[], help="one a file, or those of sim or ccxt"
        )
        parser.add_argument("--timeframe", help=f"one of {', '.join(Timeframe)}; files mostly tell")
        parser.add_argument(
            "--speed", metavar="N", help="seconds of market time in a second, or max (the default of files)"
        )
        parser.add_argument("--drain", action="store_true", help="run all modules here, in lockstep with each moment")
        parser.add_argument(
            "--review",
            action="store_true",
            help="have market time pass as ours does while a plan waits for people",
        )
        parser.add_argument("--once", action="store_true", help="stop an endless source when it has caught up with now")
        parser.add_argument("--seed", type=int, default=1, metavar="N", help="which simulated market (1)")
        parser.add_argument("--history", type=int, default=1440, metavar="N", help="simulated bars before now (1440)")
        parser.add_argument("--limit", type=_count, metavar="N", help="stop after so many moments")
        files.add_arguments(parser)
        listing.add_to(parser)
        pairs.add_to(parser)
        parser.add_argument("--json", action="store_true", help="the summary as JSON on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        """Exit with 0, also when told to stop; with 2 for sources that cannot be opened."""
        self.stop, self.started, self.differing = pacing.Stop(), datetime.now(UTC), 0
        before = {each: signal.signal(each, self.stop.tell) for each in (signal.SIGTERM, signal.SIGINT)}
        try:
            self._feed(options)
        except (sources.BadSource, reader.Unreadable, exchange.NotInstalled, exchange.Unavailable) as fault:
            raise CommandError(str(fault), returncode=USAGE) from None
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)

    def _feed(self, options: dict[str, Any]) -> None:
        sources.refuse_odd_names(options["symbol"])
        speed = _speed(options["speed"], live=not _all_files(options["sources"]))
        listed, settings = listing.read(options["instruments"]), pairs.at_the_entrance(options["policy"])
        feeds = self._open(options)
        said = self._said(feeds, options)
        told = feeding.instruments_told([symbol for feed in feeds for symbol, _ in feed.series])
        market = environments.market_data(settings, said=said, told=told, listed=listed, exchange=_exchange(feeds))
        wire = environments.wire(lambda: connections.wire(durable=not options["drain"]))
        publisher = feeding.Publisher(
            wire=wire,
            modules=desk.in_lockstep() if options["drain"] else [],
            stop=self.stop,
        )
        publisher.flush()
        self._listen_to(feeds, said, publisher)
        begins = None if _all_files(options["sources"]) else max([self.started, *said.values()])
        asked = publisher.asks_people if options["review"] else None
        pace = pacing.Pace(speed, begins, self.stop, publisher.be_alive, asked)
        last = None
        moments = market.moments(feeds)
        # A market that nobody paces is over before people could answer.
        paced = options["drain"] and speed is not None
        if options["once"] and not _all_files(options["sources"]):
            # Before the pace waits for the next one, which nobody wants any more.
            moments = takewhile(lambda moment: moment[0] <= self.started, moments)
        with errands.running() if paced else nullcontext():
            for at, strands in islice(pacing.in_time(moments, pace), options["limit"]):
                publisher.together = TOGETHER if speed is None or pace.is_past(at) else 1
                publisher.say(strands)
                if self.silence:
                    self.silence.hear(strands)
                last = at
                if self.stop:
                    break
        publisher.close()
        wire.close()
        self._report(publisher, feeds, last, as_json=options["json"])

    def _open(self, options: dict[str, Any]) -> list[Feed]:
        timeframe = files.timeframe(options["timeframe"])
        base = timeframe or Timeframe.M1
        start = self.started - max(0, options["history"]) * base.span
        after = {symbol: at for symbol in options["symbol"] if (at := feeding.last_said(symbol, base))}
        world = sources.World(
            start=start,
            seed=options["seed"],
            clock=lambda: datetime.now(UTC),
            wait=self._wait_once if options["once"] else self._wait,
            after=after,
        )
        feeds = sources.open_all(
            options["sources"],
            symbols=options["symbol"],
            timeframe=timeframe,
            world=world,
            told=files.told_by(options),
        )
        for feed in feeds:
            self._tell(feed)
        return [self._resumed(feed, world) for feed in feeds]

    def _listen_to(self, feeds: Sequence[Feed], said: dict[str, datetime], publisher: feeding.Publisher) -> None:
        """Have the silence of an exchange told: it alone brings what happens elsewhere, or fails to."""
        for feed in feeds:
            if isinstance(feed, exchange.Exchange):
                self.silence = silence.Silence(feed.timeframe, lambda: datetime.now(UTC), dict(said))
                self.publisher = publisher

    def _wait(self, seconds: float) -> bool:
        """Sleep between two askings of an exchange; return whether to stop."""
        if self.silence and (timer := self.silence.timer()):
            self.publisher.say([timer])
            self.publisher.flush()
        return self.stop.wait(seconds)

    def _wait_once(self, seconds: float) -> bool:
        """Wait for nothing: with --once an exchange is asked once for what it has."""
        return True

    def _resumed(self, feed: Feed, world: sources.World) -> Feed:
        if not isinstance(feed, simulated.Simulated):
            return feed
        symbols, timeframe = feed.symbols, feed.timeframe

        def tell(start: datetime) -> simulated.Simulated:
            return simulated.Simulated(
                symbols, start=start, seed=world.seed, timeframe=timeframe, policy=world.simulation
            )

        return feeding.resume_story(tell, world.start)

    def _said(self, feeds: Sequence[Feed], options: dict[str, Any]) -> dict[str, datetime]:
        """Return, by symbol, the last moment of these feeds that is on the wire already."""
        said = {}
        for feed in feeds:
            for symbol, timeframe in feed.series:
                between = feeding.ALL_TIME
                if isinstance(feed, recorded.Recorded):
                    between = (feed.bars[0].opened_at, feed.bars[-1].closed_at + timedelta(milliseconds=1))
                elif isinstance(feed, simulated.Simulated):
                    between = (feed.start + timeframe.span, between[1])
                if at := feeding.last_said(symbol, timeframe, between):
                    said[symbol] = at
                    self.stderr.write(f"{symbol} {timeframe}: said before up to {at.isoformat()}; going on from there")
                    self.differing += self._tell_differing(feed)
        return said

    def _tell_differing(self, feed: Feed) -> int:
        """Tell the bars of a file that were said before and read otherwise; what was said stays said."""
        if not isinstance(feed, recorded.Recorded) or not (found := feeding.differing(feed.bars)):
            return 0
        self.stderr.write(
            f"{feed.symbol} {feed.timeframe}: {len(found)} bars differ from what was said of them before, the first of "
            f"{found[0].isoformat()}; what was said stays said, and import_bars mends the market tables"
        )
        return len(found)

    def _tell(self, feed: Feed) -> None:
        named = ", ".join(f"{symbol} {timeframe}" for symbol, timeframe in feed.series)
        self.stderr.write(f"feed: {named}")
        for recording in feed.recordings if isinstance(feed, recorded.Recorded) else ():
            first, last = recording.bars[0].opened_at, recording.bars[-1].opened_at
            self.stderr.write(
                f"  {recording.name}: {len(recording.bars)} bars, {first.isoformat()} to {last.isoformat()}, "
                f"{len(recording.bad)} bad rows skipped, {len(recording.gaps)} gaps (import_bars lists them)"
            )
            for line in recording.summary():
                self.stderr.write(f"    {line}")

    def _report(
        self, publisher: feeding.Publisher, feeds: Sequence[Feed], last: datetime | None, *, as_json: bool
    ) -> None:
        found = {
            "series": [f"{symbol} {timeframe}" for feed in feeds for symbol, timeframe in feed.series],
            "strands": publisher.said,
            "new": publisher.new,
            "turns": publisher.turns.total(),
            "differing": self.differing,
            "last": last.isoformat() if last else None,
            "stopped": bool(self.stop),
        }
        if as_json:
            self.stdout.write(json.dumps(found))
        until = f", up to {found['last']}" if last else ""
        self.stderr.write(f"{publisher.said} strands said, {publisher.new} of them new{until}")


def _exchange(feeds: Sequence[Feed]) -> Lookup:
    """Return what the exchange among these feeds tells of instruments; there is at most one."""
    return next((feed.instrument for feed in feeds if isinstance(feed, exchange.Exchange)), catalog.nobody_knows)


def _count(text: str) -> int:
    """Return a whole number of at least one."""
    if (number := int(text)) < 1:
        raise ValueError(text)
    return number


def _all_files(named: Sequence[str]) -> bool:
    return not any(map(sources.is_endless, named))


def _speed(text: str | None, *, live: bool) -> float | None:
    """Return seconds of market time a second; None for as fast as may be."""
    if text is None:
        return 1.0 if live else None
    try:
        return pacing.speed_of(text)
    except ValueError as fault:
        raise CommandError(f"--speed: {fault}", returncode=USAGE) from None


def _timeframe(text: str | None) -> Timeframe | None:
    if text is None:
        return None
    try:
        return Timeframe.parse(text)
    except ValueError as fault:
        raise CommandError(f"--{fault}", returncode=USAGE) from None
