"""A state that version 0 of any module left goes on being a state."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from strands.given import Given
from tests import factories
from tradingops import environments

KEPT = json.loads((Path(__file__).parent / "states_of_version_0.json").read_text())
