"""All showing lives in the console: the apps below it know no HTML, no address and no admin."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[4]
BELOW = ("strands", "curators", "portfolio", "tradingops/lineage", "tradingops/modules", "tradingops/replay")
SHOWING = (
    *("unfold", "django.contrib.admin", "django.forms", "django.http", "django.shortcuts", "django.template"),
    *("django.urls", "django.utils.html", "django.utils.safestring", "django.views"),
)


def shows(text: str) -> Iterator[str]:
    """Yield what of a file's text belongs to showing."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{each.name}" for each in node.names]
        elif isinstance(node, ast.Import):
            names = [each.name for each in node.names]
        else:
            names = []
        yield from (name for name in names if name.startswith(SHOWING))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith("admin:"):
            yield node.value


@pytest.mark.parametrize("app", BELOW)
def test_no_app_below_the_console_shows_anything(app: str) -> None:
    files = (path for path in sorted((ROOT / app).rglob("*.py")) if "migrations" not in path.parts)
    found = {str(path.relative_to(ROOT)): list(shows(path.read_text())) for path in files}
    assert found
    assert {path: what for path, what in found.items() if what or path.endswith("admin.py")} == {}


@pytest.mark.parametrize(
    "line",
    [
        "from django.contrib import admin",
        "from django.utils.html import format_html",
        "from django import forms",
        "import unfold",
        "reverse('admin:console_lifecycle')",
    ],
)
def test_the_walk_notices_every_way_to_show(line: str) -> None:
    assert list(shows(line))


def test_a_page_of_the_console_has_its_scripts_and_templates_under_its_own_name() -> None:
    console = ROOT / "tradingops" / "console"
    rooms = {path.name for path in console.iterdir() if path.is_dir()} - {"static", "templatetags", "__pycache__"}
    for kept in (ROOT / "templates" / "console", console / "static" / "console"):
        assert {path.name for path in kept.iterdir()} <= rooms
