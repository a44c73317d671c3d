"""The documentation against the code: pages that say what it says, links that lead somewhere, examples that run."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class
from django.db import connection

from tests import reference

ROOT, DOCS = reference.ROOT, reference.DOCS
FENCED = re.compile(r"^```(\w+)\n(.*?)^```", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"!?\[[^\]]*\]\((?P<to>[^)\s]+)\)")
#: What of a README one screen shows.
ONE_SCREEN = 45
LARGEST_PICTURE = 300_000
#: A command line ends where the shell takes over.
SHELL = {">", "|", "&&", "2>"}


def blocks(language: str) -> list[tuple[str, str]]:
    """Return the fenced blocks of a language, each with the page it stands on."""
    return [
        (str(page.relative_to(ROOT)), body)
        for page in reference.pages()
        for spoken, body in FENCED.findall(page.read_text())
        if spoken == language
    ]


def links(page: Path) -> list[str]:
    """Return what a page links to within the tree."""
    targets = [found["to"].partition("#")[0] for found in LINK.finditer(page.read_text())]
    return [target for target in targets if target and "://" not in target]


def command_lines(text: str) -> Iterator[list[str]]:
    """Yield the words of every command of ours in a text, after `manage.py`."""
    for line in text.splitlines():
        words = shlex.split(line, comments=True)
        if words[:2] == ["python3", "manage.py"]:
            end = next((place for place, word in enumerate(words) if word in SHELL), len(words))
            yield words[2:end]


def parsed(words: list[str]) -> None:
    """Put a command line before the command's own parser; raises what Django raises for a wrong one."""
    command = load_command_class(get_commands()[words[0]], words[0])
    parser = command.create_parser("manage.py", words[0])
    parser.called_from_command_line = False
    # `test` hands what it does not know to pytest.
    (parser.parse_known_args if words[0] == "test" else parser.parse_args)(words[1:])


EXAMPLES = [
    pytest.param(words, id=f"{page}: {' '.join(words)[:60]}")
    for page, body in blocks("sh")
    for words in command_lines(body)
]


def test_the_tables_of_the_reference_say_what_the_code_says():
    differing = [str(page.relative_to(ROOT)) for page in reference.stale()]
    assert differing == [], "run: python -m tests.reference --write"


def test_every_table_that_can_be_written_from_code_is_on_a_page():
    shown = {found[2] for page in reference.pages() for found in reference.BLOCK.finditer(page.read_text())}
    assert shown == set(reference.BLOCKS)


@pytest.mark.parametrize("page", reference.pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_to_a_file(page: Path):
    assert [to for to in links(page) if not (page.parent / to).exists()] == []


def test_every_page_is_reached_from_the_index_or_the_readme():
    reached, waiting = set(), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in reached or page.suffix != ".md":
            continue
        reached.add(page)
        waiting += [(page.parent / to).resolve() for to in links(page)]
    assert {str(page.relative_to(ROOT)) for page in set(reference.pages()) - reached} == set()


def test_the_readme_fits_one_screen():
    assert len((ROOT / "README.md").read_text().splitlines()) <= ONE_SCREEN


def test_every_picture_is_small_enough_to_carry():
    sizes = {picture.name: picture.stat().st_size for picture in (DOCS / "pictures").iterdir()}
    assert {name: size for name, size in sizes.items() if size > LARGEST_PICTURE} == {}


@pytest.mark.parametrize("words", EXAMPLES)
def test_a_command_in_the_docs_is_one_that_its_parser_takes(words: list[str]):
    parsed(words)


def test_the_docs_hold_examples_of_each_sort():
    assert len(EXAMPLES) > 20
    assert blocks("python")
    assert len(blocks("sql")) > 5


def test_every_program_that_the_docs_run_is_there():
    named = {name for page in reference.pages() for name in re.findall(r"python -m (tests[\w.]*)", page.read_text())}
    assert named
    assert {name for name in named if find_spec(name) is None} == set()


def test_docs_name_no_command_that_is_not_there():
    named = {
        (str(page.relative_to(ROOT)), name)
        for page in reference.pages()
        for name in re.findall(r"manage\.py ([a-z_]+)", page.read_text())
    }
    assert {(page, name) for page, name in named if name not in get_commands()} == set()


@pytest.mark.parametrize("name", reference.own_commands())
def test_a_commands_help_shows_an_example_that_its_parser_takes(name: str):
    _, found, shown = " ".join(reference.own_commands()[name].help.split()).partition("xample: ")
    assert found, f"{name} --help shows no example"
    for example in re.split(r" or (?=manage\.py )", shown):
        words = shlex.split(re.split(r"\. |\.$", example)[0].removeprefix("manage.py "))
        assert words[0] == name
        parsed(words)


@pytest.mark.parametrize(("page", "body"), blocks("python"))
def test_python_in_the_docs_runs(page: str, body: str):
    exec(compile(body, page, "exec"), {})


@pytest.mark.django_db
@pytest.mark.parametrize(("page", "body"), blocks("sql"))
def test_sql_in_the_docs_runs(page: str, body: str):
    with connection.cursor() as cursor:
        cursor.execute(body)
