"""How the suite is shared among processes."""

from __future__ import annotations

from pathlib import Path

from tests import sharing

ROOT = Path(__file__).resolve().parents[2]


def test_every_long_file_is_there() -> None:
    assert [each for each in sharing.LONG if not (ROOT / each).exists()] == []


def test_each_long_test_is_a_share_by_itself_and_another_file_is_one() -> None:
    shares = sharing.Sharing.__new__(sharing.Sharing)
    long = f"{sharing.LONG[0]}::test_a"
    assert shares._split_scope(long) == long
    assert shares._split_scope("tests/unit/test_sharing.py::test_a[b::c]") == "tests/unit/test_sharing.py"


class Item:
    def __init__(self, nodeid: str) -> None:
        self.nodeid = nodeid


def test_long_tests_come_first_and_all_else_stays_in_its_order() -> None:
    given = ["b.py::1", f"{sharing.LONG[1]}::y", "a.py::1", f"{sharing.LONG[0]}::x", "b.py::2"]
    items = [Item(each) for each in given]
    sharing.long_ones_first(items)  # type: ignore[arg-type]
    assert [each.nodeid for each in items] == [given[1], given[3], given[0], given[2], given[4]]
