"""A draft of a policy as a file tells it."""

from __future__ import annotations

import json
from pathlib import Path

import yaml
from django.core.management.base import CommandError

from tradingops import environments
from tradingops.management import desk
from tradingops.whatif import draft
from tradingops.whatif.draft import BadDraft, Draft

USAGE = 2
YAML = (".yaml", ".yml")


def read(path: str) -> Draft:
    """Return the draft that a file of JSON or YAML tells, checked against the policies of this desk's modules.

    Raises CommandError, with exit code 2, naming the field, the value and the rule.
    """
    try:
        return draft.checked(_told(Path(path)), own=environments.listening(desk.of_mode()))
    except BadDraft as bad:
        raise CommandError(str(bad), returncode=USAGE) from None


def _told(path: Path) -> object:
    try:
        text = path.read_text()
        told: object = yaml.safe_load(text) if path.suffix in YAML else json.loads(text)
    except OSError as fault:
        raise BadDraft(f"{path}: cannot be read ({fault.strerror}); name a file of JSON or YAML") from None
    except (ValueError, RecursionError, yaml.YAMLError) as fault:
        sort = "YAML" if path.suffix in YAML else "JSON"
        raise BadDraft(f"{path}: is no {sort} ({fault}); write {draft.WANTED}") from None
    return told
