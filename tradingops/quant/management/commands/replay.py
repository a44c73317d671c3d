"""Recorded bars through the whole desk, in memory."""

from __future__ import annotations

import json
import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import pydantic
from django.apps import apps
from django.core.management.base import BaseCommand, CommandError

from strands.kinds import people
from strands.market import reader
from strands.market.bar import Timeframe
from strands.market.feeds import recorded, sources
from strands.market.instruments.catalog import Instruments
from strands.market.instruments.instrument import BadInstrument
from strands.strand import Strand
from tradingops import connections, environments, localpg
from tradingops.management import files, listing, pairs
from tradingops.replay import comparison, comparison_json, comparison_printed, printed, refold, report, report_json
from tradingops.replay import postgres as replay_postgres
from tradingops.replay.acts import act
from tradingops.replay.acts.act import Act
from tradingops.replay.acts.telling import Telling

EXAMPLE = "example: manage.py replay BTC-PERP_1m_2022-01.csv.gz --set dm.approve_score=.8 --json"
SHOWN = 10
AGAINST = "--against"
ACTS = "--acts"


class Desk(NamedTuple):
    """A desk that is ready to play, and what it was built with."""

    replay: environments.Replay
    settings: Mapping[str, Any]
    initial_cash: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """A run that came to its end."""

    replay: environments.Replay
    settings: Mapping[str, Any]
    report: report.Report
    bars: int
    seconds: float
    series: Sequence[str]
    acts: Telling


class Command(BaseCommand):
    help = (
        f"Replay recorded bars through the same modules, in memory; a report of trades, money and refusals. {EXAMPLE}"
    )
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "sources", nargs="+", metavar="SOURCE", help="CSV, CSV.gz, Parquet or Feather files of bars"
        )
        parser.add_argument(
            "--symbol", nargs="+", action="extend", default=[], help="one a file; their names mostly tell"
        )
        parser.add_argument("--timeframe", help=f"one of {', '.join(Timeframe)}; files mostly tell")
        parser.add_argument(
            pairs.SET,
            action="append",
            default=[],
            dest="policy",
            metavar="KEY=VALUE",
            help="a setting of a policy for this run, such as dm.max_exposure=.3; a wrong key lists the known ones",
        )
        parser.add_argument(
            "--against",
            action="append",
            default=[],
            metavar="KEY=VALUE",
            help="play the same bars a second time with this setting laid over the others, and tell both side by side",
        )
        parser.add_argument(
            ACTS,
            metavar="FILE",
            help="what people said to a desk, as `acts` wrote it, told again at the same places of the market",
        )
        listing.add_to(parser)
        parser.add_argument("--cash", metavar="AMOUNT", help="the cash to begin with, for every module that counts it")
        parser.add_argument(
            "--compare",
            action="store_true",
            help="also lay it beside what the database holds of the same bars; exit status 1 when they differ",
        )
        files.add_arguments(parser)
        parser.add_argument("--save", action="store_true", help="keep the run and its report in the database")
        parser.add_argument("--json", action="store_true", help="the report as JSON on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        """Exit with 0, or with 2 for a source or setting that cannot be used."""
        if options["against"] and options["compare"]:
            raise CommandError(
                "--against and --compare: lay a run beside another or beside the database", returncode=pairs.USAGE
            )
        settings = _settings(options["policy"], cash=options["cash"])
        other = settings | _settings(options["against"], option=AGAINST)
        listed = listing.read(options["instruments"])
        desks = [_desk(settings, listed)] + ([_desk(other, listed, option=AGAINST)] if options["against"] else [])
        acts = _acts(options["acts"])
        feeds = self._feeds(options)
        runs = [_played(desk, feeds, acts) for desk in desks]
        if options["acts"]:
            self._tell_acts(runs[0])
        told = [_told(each) for each in runs]
        if options["compare"]:
            told[0]["compared"] = _compared(runs[0].replay.wire.strands, feeds)
        self._report(runs, told, options)
        if options["save"]:
            for each in told:
                self._save(each)
        if options["compare"]:
            self._tell_compared(told[0]["compared"])

    def _report(self, runs: Sequence[Played], told: Sequence[dict[str, Any]], options: Mapping[str, Any]) -> None:
        """Write what came of one run, or of two side by side: for people, and for programs where they asked."""
        as_json: Mapping[str, Any]
        if len(runs) == 1:
            text, as_json = printed.text(runs[0].report, bars=runs[0].bars, seconds=runs[0].seconds), told[0]
        else:
            compared = comparison.compare(*(comparison.run(_strands(each), made=each.report) for each in runs))
            text = comparison_printed.text(compared, names=(_words(runs[0].settings), _words(runs[1].settings)))
            as_json = {"first": told[0], "second": told[1], "comparison": comparison_json.to_json(compared)}
        if options["json"]:
            self.stdout.write(json.dumps(as_json))
        (self.stderr if options["json"] else self.stdout).write(text)

    def _tell_acts(self, played: Played) -> None:
        unapplied = played.acts.unapplied
        self.stderr.write(f"{played.acts.told} acts of people told; {len(unapplied)} changed nothing")
        for each in unapplied:
            self.stderr.write(f"  {each}")

    def _tell_compared(self, compared: Mapping[str, Any]) -> None:
        self.stderr.write(
            f"beside the database: {compared['same']} strands the same, {len(compared['unlike'])} unlike, "
            f"{len(compared['only_here'])} only in the replay, {len(compared['only_there'])} only in the database"
        )
        if compared["unlike"] or compared["only_here"] or compared["only_there"]:
            sys.exit(1)

    def _feeds(self, options: Mapping[str, Any]) -> list[recorded.Recorded]:
        """Return one feed a symbol, and tell the rows that were no bars."""
        for source in filter(sources.is_endless, options["sources"]):
            raise CommandError(
                f"SOURCE: {source} never ends; replay plays files, feed plays {source}", returncode=pairs.USAGE
            )
        timeframe, told = files.timeframe(options["timeframe"]), files.told_by(options)
        try:
            recordings = sources.read_all(options["sources"], symbols=options["symbol"], timeframe=timeframe, told=told)
        except (sources.BadSource, reader.Unreadable, ValueError) as fault:
            raise CommandError(str(fault), returncode=pairs.USAGE) from None
        for each in recordings:
            self._tell(each)
        return sources.recorded_feeds(recordings)

    def _tell(self, recording: reader.Recording) -> None:
        self.stderr.write(f"{recording.name}: {len(recording.bars):,} bars of {recording.symbol} {recording.timeframe}")
        for line in recording.summary():
            self.stderr.write(f"  {line}")
        for what, found in (("bad rows skipped", recording.bad), ("gaps", recording.gaps)):
            if found:
                shown = "; ".join(map(str, found[:SHOWN]))
                self.stderr.write(f"  {len(found)} {what}: {shown}{' …' if len(found) > SHOWN else ''}")

    def _save(self, told: Mapping[str, Any]) -> None:
        """Keep the run as a row that people can find again."""
        run = apps.get_model("tradingops_replay", "Run").objects.create(
            series=told["series"],
            settings=told["settings"],
            versions=told["versions"],
            bars=told["bars"],
            seconds=told["seconds"],
            final_value=told["money"]["value"],
            return_share=told["money"]["return"],
            max_drawdown=told["max_drawdown"],
            trades=told["trades"]["count"],
            report=told,
        )
        self.stderr.write(f"saved as run {run.pk}")


def _desk(settings: Mapping[str, Any], listed: Instruments, *, option: str = pairs.SET) -> Desk:
    try:
        chosen = environments.policies(settings)
        return Desk(environments.replay(settings, listed=listed), settings, chosen["dm"].initial_cash)
    except (environments.UnknownSetting, environments.UnequalCash, environments.UnservedVenue, BadInstrument) as fault:
        raise CommandError(f"{option} {fault}", returncode=pairs.USAGE) from None
    except pydantic.ValidationError as fault:
        raise CommandError(pairs.broken(fault, option=option), returncode=pairs.USAGE) from None


def _acts(named: str | None) -> list[Act]:
    """Return the acts of a file; none where none is named."""
    if named is None:
        return []
    try:
        with Path(named).open(encoding="utf-8") as lines:
            return act.read(lines)
    except (OSError, UnicodeDecodeError, act.BadAct) as fault:
        raise CommandError(f"{ACTS}: {named}: {fault}", returncode=pairs.USAGE) from None


def _played(desk: Desk, feeds: Sequence[recorded.Recorded], acts: Sequence[Act]) -> Played:
    """Return what came of a desk that played all bars to their end."""
    bars, started = sum(len(feed.bars) for feed in feeds), time.perf_counter()
    telling = Telling.of(acts)
    desk.replay.run(feeds, acts=telling)
    seconds = time.perf_counter() - started
    made = report.build(
        desk.replay.wire.strands.values(),
        initial_cash=desk.initial_cash,
        marks={feed.symbol: feed.bars[-1].close for feed in feeds},
    )
    series = [f"{feed.symbol} {feed.timeframe}" for feed in feeds]
    return Played(
        replay=desk.replay, settings=desk.settings, report=made, bars=bars, seconds=seconds, series=series, acts=telling
    )


def _strands(played: Played) -> Iterable[Strand]:
    return played.replay.wire.strands.values()


def _told(played: Played) -> dict[str, Any]:
    """Return a run as JSON."""
    return {
        "bars": played.bars,
        "seconds": round(played.seconds, 3),
        "bars_per_second": round(played.bars / played.seconds),
        "series": played.series,
        "settings": played.settings,
        "versions": {module.name: module.version for module in played.replay.desk},
        **report_json.to_json(played.report),
    }


def _words(settings: Mapping[str, Any]) -> str:
    """Return the settings of a run on one line."""
    return " ".join(f"{key}={value}" for key, value in settings.items()) or "every setting at its default"


def _compared(replayed: Mapping[str, Strand], feeds: Sequence[recorded.Recorded]) -> dict[str, Any]:
    """Return which of a replay's strands the database holds, word for word, and which only one of them does.

    What people said is not compared: a replay was told it, and says nothing of it by itself.
    """
    localpg.ensure()
    replayed = {identity: each for identity, each in replayed.items() if each.module != people.ROLE.name}
    with connections.wire() as connection:
        there = replay_postgres.said(
            connection,
            since=min(feed.bars[0].closed_at for feed in feeds),
            until=max(feed.bars[-1].closed_at for feed in feeds),
            symbols=[feed.symbol for feed in feeds],
        )
    both = sorted(replayed.keys() & there.keys())
    differing = [identity for identity in both if any(refold.unlike(there[identity], replayed[identity]))]
    return {
        "same": len(both) - len(differing),
        "unlike": differing,
        "only_here": sorted(replayed.keys() - there.keys()),
        "only_there": sorted(there.keys() - replayed.keys()),
    }


def _settings(given: Sequence[str], *, cash: str | None = None, option: str = pairs.SET) -> dict[str, Any]:
    """Return the settings that a person gave, the cash to begin with among them."""
    begins = {} if cash is None else {"dm.initial_cash": cash, "risk.initial_cash": cash}
    return begins | pairs.settings(given, option=option)
