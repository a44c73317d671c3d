"""A version as a file: which policy, of which symbol, and the content that differs from the defaults."""

from __future__ import annotations

import json
from collections.abc import Container
from typing import Any, NamedTuple

import yaml

from tradingops.policies.models import Version


class RefusedFile(ValueError):
    """A file that is no version: the message names the field, the value and the rule."""


class Draft(NamedTuple):
    """What a file asks for."""

    policy: str
    symbol: str
    content: dict[str, Any]


def written(version: Version) -> str:
    """Return a version as JSON, ``{"policy": "dm", "symbol": null, "content": {…}}``."""
    told = {"policy": version.policy, "symbol": version.symbol or None, "content": version.content}
    return json.dumps(told, indent=2, sort_keys=True)


def read(text: str, *, known: Container[str]) -> Draft:
    """Return what a file asks for, in JSON or YAML; raises RefusedFile."""
    try:
        told = yaml.safe_load(text)
    except yaml.YAMLError as broken:
        raise RefusedFile(f"neither JSON nor YAML: {broken}; write what policy export writes") from None
    if not isinstance(told, dict):
        raise RefusedFile(f"{told!r} is no object; write what policy export writes")
    if unknown := sorted(set(told) - {"policy", "symbol", "content"}):
        raise RefusedFile(f"{unknown[0]}: no such field; there are policy, symbol and content")
    policy, symbol, content = told.get("policy"), told.get("symbol"), told.get("content")
    if not isinstance(policy, str) or policy not in known:
        raise RefusedFile(f"policy: {policy!r} is none; policy list names those that there are")
    if symbol is not None and (not isinstance(symbol, str) or not symbol.strip()):
        raise RefusedFile(f"symbol: {symbol!r} names none; write null for all symbols")
    if not isinstance(content, dict):
        raise RefusedFile(f"content: {content!r} is no object; write {{field: value, …}}")
    return Draft(policy, symbol or "", content)
