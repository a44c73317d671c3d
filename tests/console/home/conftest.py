"""Consoles that remember: these tests ask for one that has seen nothing before them."""

from __future__ import annotations

import pytest

from tests.console.consoles import Console


@pytest.fixture
def console(own_console: Console) -> Console:
    return own_console
