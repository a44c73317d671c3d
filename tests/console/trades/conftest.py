"""A console of their own: these tests also kill it."""

from __future__ import annotations

import pytest

from tests.console.consoles import Console


@pytest.fixture
def console(own_console: Console) -> Console:
    return own_console
