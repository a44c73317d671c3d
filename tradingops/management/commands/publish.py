"""`manage.py publish`: change numbers that modules go by, while they run."""

from __future__ import annotations

import getpass
import json
from argparse import ArgumentParser
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from strands.given import AS_MADE, laid
from strands.rulings.fold import Rulings
from strands.strand import Strand
from tradingops import connections, environments
from tradingops.management import pairs
from tradingops.people import acts, changes, say
from tradingops.people import rulings as ruled
from tradingops.policies import content as contents
from tradingops.policies import versions
from tradingops.policies.models import Version

EXAMPLE = "example: manage.py publish dm.approve_score=0.8 dm.max_exposure=0.3 --reason 'calmer until Monday'"


class Command(BaseCommand):
    help = (
        "Publish a new version of each policy that settings belong to: what is in force, with these changed. Modules "
        "go by it from their next turn on, also for symbols first heard of later; null goes back to the default. All "
        "are checked before any is said. Exit code 1, and nothing said, for a value that breaks its rule, and where a "
        f"second person is asked for: the version is left in review then. {EXAMPLE}"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("pairs", nargs="+", metavar="KEY=VALUE", help="a setting, such as dm.approve_score=0.8")
        parser.add_argument("--symbol", help="only for this symbol; for modules that have a policy for each")
        parser.add_argument("--from", dest="begins", metavar="T", help="from this moment of market time on (ISO)")
        parser.add_argument("--until", dest="ends", metavar="T", help="up to this moment of market time (ISO)")
        parser.add_argument("--reason", metavar="TEXT", default="from the command line", help="kept with the change")
        parser.add_argument("--dry-run", action="store_true", help="check and show the change, and say nothing")
        parser.add_argument("--json", action="store_true", help="the result as JSON on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        """Say what is asked for; raises CommandError for what a module could not take."""
        term = _term(options["begins"], options["ends"])
        moment = say.present()
        asked = acts.Asked(by=getpass.getuser(), reason=options["reason"], at=moment, asked_at=datetime.now(UTC))
        known = _in_force()
        try:
            wanted = changes.asked_for(
                environments.by_module(_settings(options["pairs"])),
                own=environments.governed(),
                rulings=known,
                at=term.begins or moment,
                symbol=options["symbol"],
            )
        except (environments.UnknownSetting, changes.RefusedChange) as refused:
            raise CommandError(str(refused)) from None
        strands = [] if options["dry_run"] else _published(wanted, known, asked=asked, term=term)
        self._tell(strands, wanted, term=term, options=options)

    def _tell(
        self,
        strands: Sequence[Strand],
        wanted: Sequence[changes.Change],
        *,
        term: acts.Term,
        options: dict[str, Any],
    ) -> None:
        dry = options["dry_run"]
        if options["json"]:
            said: list[tuple[str | None, int | None]] = [
                (strand.id, strand.payload["op_policy"]["number"]) for strand in strands
            ] or [(None, None)] * len(wanted)
            found = [
                {"id": identity, "version": number, **change.to_json(), **term.to_json()}
                for (identity, number), change in zip(said, wanted, strict=True)
            ]
            self.stdout.write(json.dumps({"dry_run": dry, "changes": found}))
        for change in wanted:
            of = f" of {change.symbol}" if change.symbol else ""
            self.stderr.write(
                f"{'would change' if dry else 'changed'} {change.module}{of}: {json.dumps(change.values)}"
            )


def _settings(given: Sequence[str]) -> dict[str, Any]:
    found = pairs.settings(given, option="publish")
    return {key: None if value == "null" else value for key, value in found.items()}


def _in_force() -> Rulings:
    wire = environments.wire(connections.wire)
    try:
        return wire.rulings()
    finally:
        wire.close()


def _published(wanted: Sequence[changes.Change], known: Rulings, *, asked: acts.Asked, term: acts.Term) -> list[Strand]:
    """Return the strands of new versions, all or none; those that need a second person are left in review.

    Raises CommandError for what is refused.
    """
    waiting = [each for each in wanted if versions.needs_second_person(each.module)]
    try:
        with transaction.atomic():
            drafts = [_draft(each, known, asked=asked, term=term) for each in waiting or wanted]
            if waiting:
                for each in drafts:
                    versions.submit(each)
            else:
                return _said(drafts, known, asked=asked, term=term)
    except (versions.RefusedVersion, contents.RefusedContent) as refused:
        raise CommandError(str(refused)) from None
    raise CommandError("; ".join(map(versions.waits, drafts)))


def _draft(change: changes.Change, known: Rulings, *, asked: acts.Asked, term: acts.Term) -> Version:
    """Return a change as a draft: what is in force with the change laid over it."""
    moment = term.begins or asked.at
    place = (change.module, change.symbol or "")
    under = known.in_force(moment).policies.get(place, AS_MADE).values
    return versions.draft(
        change.module,
        laid(under, change.values),
        own=environments.governed()[change.module],
        at=moment,
        reason=asked.reason,
        symbol=change.symbol or "",
    )


def _said(drafts: Sequence[Version], known: Rulings, *, asked: acts.Asked, term: acts.Term) -> list[Strand]:
    """Publish drafts; raises CommandError where the rulings would refuse one after those before it."""
    after, strands = known.copy(), []
    for each in drafts:
        strand = versions.publish(each, asked=asked, term=term)
        if reason := ruled.refusal(strand, rulings=after):
            raise CommandError(reason)
        after.add(strand)
        strands.append(strand)
    return strands


def _term(begins: str | None, ends: str | None) -> acts.Term:
    term = acts.Term(begins=_moment("--from", begins), ends=_moment("--until", ends))
    if term.begins and term.ends and term.ends <= term.begins:
        raise CommandError(f"--until {ends}: is not after --from {begins}; a change counts from one up to the other")
    return term


def _moment(option: str, text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise CommandError(f"{option} {text}: is no moment; write 2026-11-20T18:00:00Z, with its zone")
    return at
