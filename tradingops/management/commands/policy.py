"""`manage.py policy`: the versions of policies, as people list, compare, move and undo them."""

from __future__ import annotations

import getpass
import json
from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from tradingops import environments
from tradingops.people import say
from tradingops.policies import content as contents
from tradingops.policies import files, versions
from tradingops.policies.content import RefusedContent
from tradingops.policies.files import RefusedFile
from tradingops.policies.models import Version
from tradingops.policies.versions import RefusedVersion

EXAMPLE = "example: manage.py policy diff dm 3 4"
#: The versions that a list shows at most, newest first.
MOST = 100


class Command(BaseCommand):
    help = (
        "List, show, compare, export, import, roll back and withdraw versions of policies; version 0 is the defaults. "
        "Exit code 1, with field, value, rule and the way out, for what is refused; a version that needs a second "
        f"person is left in review. {EXAMPLE}"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        acting = parser.add_subparsers(dest="act", required=True, help=_acts())
        for act, words in ACTS.items():
            each = acting.add_parser(act, help=words)
            if act == "import":
                each.add_argument("file", metavar="FILE", help="what policy export wrote")
                each.add_argument("--publish", action="store_true", help="and put it in force")
                each.add_argument("--dry-run", action="store_true", help="show what would change, and change nothing")
            else:
                _named(each, act)
            if act in ("import", "rollback", "withdraw"):
                each.add_argument("--reason", metavar="TEXT", default="from the command line", help="kept with it")
            each.add_argument("--json", action="store_true", help="the result as JSON on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do what is asked for; raises CommandError for what is refused."""
        try:
            found = getattr(self, f"_{options['act']}")(options)
        except (RefusedVersion, RefusedContent, RefusedFile) as refused:
            raise CommandError(str(refused)) from None
        if options["json"]:
            self.stdout.write(json.dumps(found, default=str))

    def _list(self, options: dict[str, Any]) -> Any:
        rows = Version.objects.all()
        rows = rows.filter(policy=options["policy"]) if options["policy"] else rows
        now = say.present()
        shown = [_told(each, at=now) for each in rows.order_by("-pk")[:MOST]]
        for each in shown:
            mark = "in force" if each["in_force"] else each["state"]
            self.stderr.write(f"{each['name']} {each['number']}: {mark}: {each['reason']}")
        if not shown:
            self.stderr.write("every policy is as made: version 0")
        return shown

    def _show(self, options: dict[str, Any]) -> Any:
        version = _version(options, options["number"])
        values = contents.whole(_own(version.policy), version.content, policy=version.policy)
        self.stderr.write(f"{version}: {version.get_state_display()}, on {version.base}, {version.hash[:12]}")
        for field, value in contents.flat(version.content):
            self.stderr.write(f"  {field} = {json.dumps(value)}")
        return {**_told(version, at=say.present()), "content": version.content, "whole": values}

    def _diff(self, options: dict[str, Any]) -> Any:
        one, other = _version(options, options["number"]), _version(options, options["other"])
        return self._differences(one, other.content)

    def _export(self, options: dict[str, Any]) -> Any:
        version = _version(options, options["number"])
        if not options["json"]:
            self.stdout.write(files.written(version))
        return json.loads(files.written(version))

    def _import(self, options: dict[str, Any]) -> Any:
        asked = files.read(_text(options["file"]), known=environments.governed())
        versions.refuse_symbol(asked.policy, asked.symbol)
        moment = say.present()
        before = versions.in_force(asked.policy, asked.symbol, at=moment) or Version(
            policy=asked.policy, symbol=asked.symbol
        )
        own = _own(asked.policy)
        keep = contents.of_symbol if asked.symbol else contents.trimmed
        kept = keep(own, asked.content, policy=asked.policy)
        changes = self._differences(before, kept)
        if not changes or options["dry_run"]:
            self.stderr.write("nothing changed" if not changes else f"would change {before.name}")
            return {"policy": before.name, "version": None, "changes": changes}
        made = self._made(asked, options, at=moment, publish=options["publish"])
        return {**_told(made, at=moment), "changes": changes}

    def _rollback(self, options: dict[str, Any]) -> Any:
        old = _version(options, options["number"])
        again = files.Draft(old.policy, old.symbol, old.content)
        moment = say.present()
        return _told(self._made(again, options, at=moment, publish=True), at=moment)

    def _withdraw(self, options: dict[str, Any]) -> Any:
        version = _version(options, options["number"])
        moment = say.present()
        versions.withdraw(version, asked=say.asked(by=getpass.getuser(), reason=options["reason"]))
        self.stderr.write(f"{version}: withdrawn")
        return _told(version, at=moment)

    def _made(self, asked: files.Draft, options: dict[str, Any], *, at: datetime, publish: bool) -> Version:
        """Return a new version, published where that is asked for; left in review where that needs somebody else."""
        own, reason = _own(asked.policy), options["reason"]
        who = say.asked(by=getpass.getuser(), reason=reason)
        with transaction.atomic():
            made = versions.draft(asked.policy, asked.content, own=own, at=at, reason=reason, symbol=asked.symbol)
            waits = publish and versions.needs_second_person(asked.policy)
            if waits:
                versions.submit(made)
            elif publish:
                versions.publish(made, asked=who)
        if waits:
            raise RefusedVersion(versions.waits(made))
        self.stderr.write(f"{made}: {made.get_state_display()}")
        return made

    def _differences(self, before: Version, after: dict[str, Any]) -> list[dict[str, Any]]:
        found = [each._asdict() for each in contents.differences(before.content, after)]
        for each in found:
            self.stderr.write(f"  {each['field']}: {json.dumps(each['before'])} -> {json.dumps(each['after'])}")
        return found


ACTS = {
    "list": "the versions of a policy, or of all",
    "show": "one version, and every number that results",
    "diff": "the fields in which two versions differ",
    "export": "a version as a file, on standard output",
    "import": "a file as a new draft; nothing where that is in force already",
    "rollback": "publish an old version's content as a new one",
    "withdraw": "undo a publication that is yet to count",
}


def _acts() -> str:
    return "; ".join(f"{act}: {words}" for act, words in ACTS.items())


def _named(parser: ArgumentParser, act: str) -> None:
    if act == "list":
        parser.add_argument("policy", nargs="?", choices=sorted(environments.governed()), help="of this policy alone")
        return
    parser.add_argument("policy", choices=sorted(environments.governed()), help="the policy's name")
    parser.add_argument("number", type=int, help="the version's number; 0 for the defaults")
    if act == "diff":
        parser.add_argument("other", type=int, help="the number of the version to compare it with")
    parser.add_argument("--symbol", default="", help="of the policy of this symbol")


def _version(options: dict[str, Any], number: int) -> Version:
    return versions.numbered(options["policy"], options["symbol"], number)


def _own(policy: str) -> Any:
    return environments.governed()[policy]


def _text(name: str) -> str:
    try:
        return Path(name).read_text()
    except (OSError, UnicodeDecodeError) as fault:
        raise CommandError(f"{name}: {fault}; name a file that policy export wrote") from None


def _told(version: Version, *, at: datetime) -> dict[str, Any]:
    counts = versions.in_force(version.policy, version.symbol, at=at)
    return {
        "name": version.name,
        "number": version.number,
        "state": version.state,
        "in_force": (counts.number if counts else 0) == version.number,
        "base": version.base,
        "hash": version.hash,
        "reason": version.reason,
        "authors": [str(each) for each in version.authors.all()] if version.pk else [],
        "approved_by": [str(each) for each in version.approvals.all()] if version.pk else [],
        "publication": version.publication,
        "from": version.begins,
        "until": version.ends,
    }
