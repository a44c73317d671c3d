"""How the suite is shared among processes: a file to one, but each test of the long ones by itself, and those first.

Left to themselves files with few tests come last, which are the long ones: one process would end minutes after another.
"""

from __future__ import annotations

import pytest
from xdist.scheduler import LoadFileScheduling

#: Files of which a test may take ten seconds or more, and no test needs what another has prepared.
LONG = (
    "tests/acceptance/test_a_month_is_worked_off_by_separate_processes.py",
    "tests/acceptance/test_nothing_is_lost_when_things_are_killed.py",
    "tests/acceptance/test_recorded_months.py",
    "tests/acceptance/test_the_database_tells_the_replays_story.py",
    "tests/console/accessibility/test_axe.py",
    "tests/console/test_a_day_of_recorded_bars.py",
    "tests/console/test_unreadable_rows.py",
    "tests/drill/test_drill.py",
    "tests/first_hour/test_first_hour.py",
    "tests/integration/test_pooler.py",
    "tests/integration/test_up.py",
    "tests/integration/test_verify_audit.py",
    "tests/migrations/test_forwards_and_back.py",
)


class Sharing(LoadFileScheduling):  # type: ignore[misc]
    """Hands a process the next file, or the next long test."""

    def _split_scope(self, nodeid: str) -> str:
        return nodeid if is_long(nodeid) else str(super()._split_scope(nodeid))


def is_long(nodeid: str) -> bool:
    return nodeid.partition("::")[0] in LONG


def long_ones_first(items: list[pytest.Item]) -> None:
    """Bring the long tests to the front; among themselves, and among the others, the order stays the dice's."""
    items.sort(key=lambda item: not is_long(item.nodeid))
