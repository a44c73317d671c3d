"""KEY=VALUE as a person gives it on the command line."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any

import pydantic
from django.core.management.base import CommandError

from strands.market.instruments import catalog
from strands.market.instruments.instrument import BadInstrument
from tradingops import environments

USAGE = 2
SET = "--set"
#: The module whose numbers count where bars come in; those of the others are given with each turn.
ENTRANCE = "market"


def add_to(parser: ArgumentParser) -> None:
    """Let a command that brings bars take the option."""
    parser.add_argument(
        SET,
        action="append",
        default=[],
        dest="policy",
        metavar="KEY=VALUE",
        help="a value of an instrument or a number of the market's, such as instruments.BTC-PERP.tick=0.5",
    )


def at_the_entrance(given: Sequence[str]) -> dict[str, Any]:
    """Return the settings that count where bars come in; raises CommandError, with exit code 2, for any other.

    What modules go by is said on the wire while they run, so that each turn's record knows it.
    """
    found = settings(given, option=SET)
    try:
        environments.market_data(found)
        named = {key for key in found if not catalog.is_asked(key)}
        elsewhere = sorted(key for key in named if set(_modules(key, found[key])) != {ENTRANCE})
    except (environments.UnknownSetting, environments.UnequalCash, environments.UnservedVenue, BadInstrument) as fault:
        raise CommandError(f"{SET} {fault}", returncode=USAGE) from None
    except pydantic.ValidationError as fault:
        raise CommandError(broken(fault, option=SET), returncode=USAGE) from None
    if elsewhere:
        raise CommandError(
            f"{SET} {elsewhere[0]}: a number that modules of a running desk go by; say it with "
            f"manage.py publish {elsewhere[0]}={found[elsewhere[0]]}, or try it out with replay",
            returncode=USAGE,
        )
    return found


def _modules(key: str, value: Any) -> list[str]:
    return [module for module, fields in environments.by_module({key: value}).items() if fields]


def broken(fault: pydantic.ValidationError, *, option: str) -> str:
    """Return which settings break which rule: the key, the value given and the range."""
    modules = {policy.__name__: module for module, policy in environments.POLICIES.items()}
    return "; ".join(
        f"{option} {'.'.join(map(str, (modules.get(fault.title, fault.title), *each['loc'])))}: "
        f"{each['input']!r}: {each['msg']}"
        for each in fault.errors(include_url=False, include_context=False)
    )


def settings(pairs: Sequence[str], *, option: str) -> dict[str, Any]:
    """Return settings by key, lists and objects read as JSON and the rest left to the policies.

    Raises CommandError, with exit code 2, for what is no pair and for what is no JSON.
    """
    found: dict[str, Any] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not (key and equals):
            raise CommandError(f"{option} {pair}: say KEY=VALUE, such as dm.approve_score=.8", returncode=USAGE)
        found[key.strip()] = _value(key, value.strip(), option=option)
    return found


def _value(key: str, text: str, *, option: str) -> Any:
    if not text.startswith(("[", "{")):
        return text
    try:
        return json.loads(text)
    except ValueError as fault:
        raise CommandError(f"{option} {key}: {text} is no JSON ({fault})", returncode=USAGE) from None
