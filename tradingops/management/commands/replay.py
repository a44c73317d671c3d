"""Recorded bars through the whole desk, in memory."""

from __future__ import annotations

import json
import sys
import time
from argparse import ArgumentParser
from collections.abc import Mapping, Sequence
from typing import Any

import pydantic
from django.apps import apps
from django.core.management.base import BaseCommand, CommandError

from strands.market import reader
from strands.market.bar import Timeframe
from strands.market.feeds import recorded, sources
from strands.strand import Strand
from tradingops import connections, environments, localpg
from tradingops.replay import postgres as replay_postgres
from tradingops.replay import printed, refold, report, report_json

EXAMPLE = "example: manage.py replay BTC-PERP_1m_2022-01.csv.gz --set dm.approve_score=.8 --json"
USAGE = 2
SHOWN = 10


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
            "--set",
            action="append",
            default=[],
            dest="policy",
            metavar="KEY=VALUE",
            help="a setting of a policy for this run, such as dm.max_exposure=.3; a wrong key lists the known ones",
        )
        parser.add_argument("--cash", metavar="AMOUNT", help="the cash to begin with, for every module that counts it")
        parser.add_argument(
            "--compare",
            action="store_true",
            help="also lay it beside what the database holds of the same bars; exit status 1 when they differ",
        )
        parser.add_argument("--save", action="store_true", help="keep the run and its report in the database")
        parser.add_argument("--json", action="store_true", help="the report as JSON on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        """Exit with 0, or with 2 for a source or setting that cannot be used."""
        settings = _settings(options["policy"], cash=options["cash"])
        desk, policies = _desk(settings)
        feeds = self._feeds(options)
        bars, started = sum(len(feed.bars) for feed in feeds), time.perf_counter()
        desk.run(feeds)
        seconds = time.perf_counter() - started
        made = report.build(
            desk.wire.strands.values(),
            initial_cash=policies["dm"].initial_cash,
            marks={feed.symbol: feed.bars[-1].close for feed in feeds},
        )
        told = {
            "bars": bars,
            "seconds": round(seconds, 3),
            "bars_per_second": round(bars / seconds),
            "series": [f"{feed.symbol} {feed.timeframe}" for feed in feeds],
            "settings": settings,
            "versions": {module.name: module.version for module in desk.desk},
            **report_json.to_json(made),
        }
        if options["compare"]:
            told["compared"] = _compared(desk.wire.strands, feeds)
        text = printed.text(made, bars=bars, seconds=seconds)
        if options["json"]:
            self.stdout.write(json.dumps(told))
        (self.stderr if options["json"] else self.stdout).write(text)
        if options["save"]:
            self._save(told)
        if options["compare"]:
            self._tell_compared(told["compared"])

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
                f"SOURCE: {source} never ends; replay plays files, feed plays {source}", returncode=USAGE
            )
        try:
            timeframe = Timeframe.parse(options["timeframe"]) if options["timeframe"] else None
            recordings = sources.read_all(options["sources"], symbols=options["symbol"], timeframe=timeframe)
        except (sources.BadSource, reader.Unreadable, ValueError) as fault:
            raise CommandError(str(fault), returncode=USAGE) from None
        for each in recordings:
            self._tell(each)
        return sources.recorded_feeds(recordings)

    def _tell(self, recording: reader.Recording) -> None:
        self.stderr.write(f"{recording.name}: {len(recording.bars):,} bars of {recording.symbol} {recording.timeframe}")
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


def _desk(settings: Mapping[str, Any]) -> tuple[environments.Replay, dict[str, Any]]:
    try:
        return environments.replay(settings), environments.policies(settings)
    except (environments.UnknownSetting, environments.UnequalCash) as fault:
        raise CommandError(f"--set {fault}", returncode=USAGE) from None
    except pydantic.ValidationError as fault:
        raise CommandError(_broken(fault), returncode=USAGE) from None


def _compared(replayed: Mapping[str, Strand], feeds: Sequence[recorded.Recorded]) -> dict[str, Any]:
    """Return which strands of a replay the database holds, word for word, and which only one of them does."""
    localpg.ensure()
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


def _broken(fault: pydantic.ValidationError) -> str:
    """Return which settings break which rule: the key, the value given and the range."""
    modules = {policy.__name__: module for module, policy in environments.POLICIES.items()}
    return "; ".join(
        f"--set {'.'.join(map(str, (modules.get(fault.title, fault.title), *each['loc'])))}: "
        f"{each['input']!r}: {each['msg']}"
        for each in fault.errors(include_url=False, include_context=False)
    )


def _settings(given: Sequence[str], *, cash: str | None) -> dict[str, Any]:
    """Return the settings that a person gave, lists and objects read as JSON and the rest left to the policies."""
    settings: dict[str, Any] = {}
    if cash is not None:
        settings |= {"dm.initial_cash": cash, "risk.initial_cash": cash}
    for pair in given:
        key, equals, value = pair.partition("=")
        if not (key and equals):
            raise CommandError(f"--set {pair}: say KEY=VALUE, such as dm.approve_score=.8", returncode=USAGE)
        settings[key.strip()] = _value(key, value.strip())
    return settings


def _value(key: str, text: str) -> Any:
    if not text.startswith(("[", "{")):
        return text
    try:
        return json.loads(text)
    except ValueError as fault:
        raise CommandError(f"--set {key}: {text} is no JSON ({fault})", returncode=USAGE) from None
