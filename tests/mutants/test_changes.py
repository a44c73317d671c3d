"""A change is one slip at a time, told with where it stands; what nothing depends on is left alone."""

from __future__ import annotations

import ast

import pytest

from tests.mutants import changes


def made(text: str) -> set[tuple[str, str]]:
    return {(each.before, each.after) for each in changes.of(text)}


@pytest.mark.parametrize(
    ("text", "before", "after"),
    [
        ("a < b", "a < b", "a <= b"),
        ("a is None", "a is None", "a is not None"),
        ("a + b", "a + b", "a - b"),
        ("a and b", "a and b", "a or b"),
        ("not a", "not a", "not not a"),
        ("b if a else c", "b if a else c", "c if a else b"),
        ("-a", "-a", "+a"),
        ("7", "7", "8"),
        ("True", "True", "False"),
        ("min(a)", "min", "max"),
        ("x.divide(a, ROUND_DOWN)", "ROUND_DOWN", "ROUND_UP"),
        (
            "'SELECT x FROM y ORDER BY priority, seq'",
            "'SELECT x FROM y ORDER BY priority, seq'",
            "'SELECT x FROM y ORDER BY seq'",
        ),
        ("'SELECT x WHERE a <= b'", "'SELECT x WHERE a <= b'", "'SELECT x WHERE a < b'"),
    ],
)
def test_a_slip_of_the_pen_is_tried(text: str, before: str, after: str) -> None:
    assert (before, after) in made(f"x = {text}")


def test_docstrings_imports_decorators_and_errors_are_left_alone() -> None:
    text = (
        '"""7."""\nfrom a import b\n\n@c(frozen=True)\nclass D:\n    """8."""\n\n    def e(self):\n        raise F(9)\n'
    )
    assert made(text) == set()


def test_each_change_is_one_and_tells_its_function_and_line() -> None:
    found = changes.of("def f(a, b):\n    return a < b\n\ndef g(a):\n    return a > 1\n")
    told = [(each.place, each.line, ast.unparse(each.tree).count("<=")) for each in found]
    assert [(place, line) for place, line, _ in told] == [("f", 2), ("g", 5), ("g", 5)]
    assert sum(count for *_, count in told) == 1
