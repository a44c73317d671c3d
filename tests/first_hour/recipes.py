"""Recipes on pages: the places that a change is made by hand, the commands after it, the copy to follow them in.

A place is a file under its name, as a page gives it before a block of Python::

    `tradingops/modules/decision/gates.py`, before `Gate("confidence"`:

``before``, ``after`` and ``in place of`` name a line that stands once in the file; ``a new file`` names none.
"""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
#: What a copy of the tree holds.
TREE = ("strands", "curators", "portfolio", "tradingops", "tests", "docs")
FILES = ("pyproject.toml", "README.md", "manage.py")
#: What no check of a recipe reads, and what a recipe may change.
UNREAD = ("static", "pictures", ".hypothesis", "chaos", "specification", "studies", "*.xz")
SOURCES = {".py", ".md", ".json"}
#: The commands that write what follows from a change.
WRITE = ("tests.recorded_months", "tests.reference", "makemigrations")
EDIT = re.compile(
    r"`(?P<place>[\w/.]+\.py)`, (?:(?P<how>before|after|in place of) `(?P<line>[^`]+)`|a new file):\n\n"
    r"```py\n(?P<text>.*?)^```$",
    re.DOTALL | re.MULTILINE,
)
COMMANDS = re.compile(r"^```sh\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Edit:
    """One edit by hand: the text, and how it lies to a line of its place; no line for a new file."""

    place: str
    how: str | None
    line: str | None
    text: str

    def made(self, tree: Path) -> None:
        """Make the edit in a tree."""
        path = tree / self.place
        if self.line is None:
            assert not path.exists(), f"{self.place} is there already"
            path.write_text(self.text)
            return
        lines = path.read_text().splitlines(keepends=True)
        found = [nth for nth, line in enumerate(lines) if self.line in line]
        assert len(found) == 1, f"{self.place}: {self.line!r} stands in {len(found)} lines; one is wanted"
        start = found[0] + (self.how == "after")
        lines[start : start + (self.how == "in place of")] = [self.text]
        path.write_text("".join(lines))


@dataclass(frozen=True, slots=True)
class Recipe:
    """A change as a page tells it: its edits, and its commands as words."""

    edits: tuple[Edit, ...]
    commands: tuple[tuple[str, ...], ...]

    @property
    def places(self) -> tuple[str, ...]:
        """The files that are edited by hand, each once."""
        return tuple(dict.fromkeys(edit.place for edit in self.edits))

    @property
    def steps(self) -> tuple[tuple[str, ...], ...]:
        """The commands that write something."""
        return tuple(words for words in self.commands if name(words) in WRITE)

    @property
    def tests(self) -> tuple[str, ...]:
        """The tests that the page names."""
        return tuple(word for words in self.commands if name(words) == "test" for word in words[3:] if word[0] != "-")


def name(words: tuple[str, ...]) -> str:
    """Return what a command is known by: Django's name for it, or its program; "" for others."""
    return words[2] if len(words) > 2 and words[1] in ("manage.py", "-m") else ""


def on(page: str, heading: str | None = None) -> Recipe:
    """Return the recipe of a page, or of the part of it under a heading."""
    text = (DOCS / page).read_text()
    if heading is not None:
        _, found, text = text.partition(f"\n### {heading}\n")
        assert found, f"{page} has no {heading!r}"
        text = re.split(r"^#{2,3} ", text, maxsplit=1, flags=re.MULTILINE)[0]
    edits = tuple(Edit(*found.group("place", "how", "line", "text")) for found in EDIT.finditer(text))
    assert len(edits) == text.count("```py\n"), f"{page}: a block of Python names no place"
    return Recipe(edits, tuple(_commands(COMMANDS.findall(text))))


def _commands(blocks: Iterable[str]) -> Iterator[tuple[str, ...]]:
    for block in blocks:
        yield from (tuple(words) for line in block.splitlines() if (words := shlex.split(line, comments=True)))


class Copy:
    """A copy of the tree, which can be made as it was again."""

    def __init__(self, tree: Path) -> None:
        self.tree = tree
        for name in TREE:
            shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns(*UNREAD))
        for name in FILES:
            shutil.copy2(ROOT / name, tree / name)
        self._was = self._files()

    def restore(self) -> None:
        """Take back whatever was changed or written since; what Python has compiled stays."""
        now = self._files()
        for path in now.keys() - self._was.keys():
            path.unlink()
        for path, state in self._was.items():
            if now.get(path) != state:
                shutil.copy2(ROOT / path.relative_to(self.tree), path)

    def _files(self) -> dict[Path, tuple[int, int]]:
        """Return every file of the parts that are copied, with its moment and size."""
        files = [path for name in TREE for path in (self.tree / name).rglob("*.*") if path.suffix in SOURCES]
        return {path: (path.stat().st_mtime_ns, path.stat().st_size) for path in files}
