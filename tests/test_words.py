"""The words: everything that has a name is documented under it, and things are called what the glossary calls them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import islice
from pathlib import Path

import pydantic
import pytest
from django.core.checks.registry import registry

from strands import kinds, tags, telling
from strands.kinds import declared
from strands.market.bar import Timeframe
from strands.market.feeds.simulated import Simulated
from strands.strand import Strand
from tests import reference, test_architecture
from tradingops import environments
from tradingops.environment_variables import VARIABLES

ROOT, DOCS = reference.ROOT, reference.DOCS
GENERATED = reference.BLOCK
SKIPPED = {"__pycache__", "staticfiles", "node_modules", "build", "dist"}
TEXT = {".py", ".md", ".toml", ".html", ".css", ".js", ".sql", ".svg", ".lock", ".sh", ".txt", ".yml", ".json", ""}

#: Words that the glossary sets aside for another, and that no class, function or file may be named with.
SET_ASIDE = {
    *("bus", "broker", "communicator", "topic", "subscriber", "shard"),
    *("ticker", "ingest", "orchestrator", "consensus", "insight", "backtest"),
    *("utils", "helper", "helpers", "common", "service", "services", "enhanced"),
}
#: The place where this was built, and how.
WORKPLACE = re.compile(
    r"(?<![\w.-])/work/|\.\./shared\b|/root/|\bhelper-[a-z0-9]|\bsub-?agent|\bthis session\b|\bthe architect\b"
    r"|pypi\.org|pythonhosted|artifactory",
    re.IGNORECASE,
)
#: The checks look for recorded bars in a folder beside the tree, when there is one.
KNOWN_NEIGHBOUR = {".ci/run"}
SIMULATED_BARS = 2_500
#: Settings that are read under a name that is put together.
PUT_TOGETHER = {"stability_weight", "orthogonality_weight"}


def hand_written(page: str) -> str:
    """Return a page of the reference without the tables that the code wrote."""
    return GENERATED.sub("", (DOCS / "reference" / page).read_text())


def all_docs() -> str:
    return "\n".join(page.read_text() for page in reference.pages())


def names(path: Path) -> Iterator[str]:
    """Yield the names that a file gives to classes, functions and itself."""
    yield path.stem
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name


def words_of(name: str) -> set[str]:
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)}


def texts() -> Iterator[tuple[str, str]]:
    """Yield every text of the tree that people wrote."""
    for path in sorted(ROOT.rglob("*")):
        inside = path.relative_to(ROOT)
        hidden = any(part.startswith(".") and part != ".ci" for part in inside.parts)
        if hidden or SKIPPED & set(inside.parts) or not path.is_file() or path.suffix not in TEXT:
            continue
        yield str(inside), path.read_text()


@cache
def told_by_a_desk() -> list[Strand]:
    """Return what a desk says over a few simulated days, its bars too."""
    desk = environments.replay({"market.feature.pattern.breakout_margin": 0.002}, keep_bars=True)
    start = datetime(2026, 1, 5, tzinfo=UTC)
    feed = Simulated(("BTC-PERP", "ETH-PERP"), start=start, seed=1, timeframe=Timeframe.M5)
    desk.run([_until(feed, start + timedelta(minutes=5 * SIMULATED_BARS))])
    return list(desk.wire.strands.values())


def _until(feed: Simulated, end: datetime) -> Iterator[list]:
    for batch in islice(feed, 1_000):
        kept = [bar for bar in batch if bar.closed_at <= end]
        if not kept:
            return
        yield kept


# --- everything that has a name is documented


def test_every_tag_is_explained_and_not_only_listed():
    of_people = {f"{name}:{purpose}" for name in tags.LISTENERS for purpose in ("policy_changed", "halt", "lesson")}
    assert {tag for tag in tags.TAGS if f"`{tag}`" not in hand_written("tags.md")} - of_people == set()


def test_every_strand_that_a_desk_says_is_declared_and_told_by_its_own_kinds_line():
    said = told_by_a_desk()
    lines = {(strand.module, strand.kind): _line(strand) for strand in said}
    assert {kind for _, kind in lines} >= {"bar", "signal", "decision", "order", "fill", "execution", "position"}
    assert [key for key, line in lines.items() if not line or "id" in line.split()] == []


def _line(strand: Strand) -> str:
    """Return a strand's line, after a look at what it says and at what its line reads."""
    declared.check(strand)
    kind = kinds.of(strand.module, strand.kind)
    parts = kind.line(strand.payload)
    assert kind.line(kind.read(strand.payload)) == parts
    return telling.text(part for part in parts if part.text)


@pytest.mark.parametrize("module", environments.POLICIES)
def test_every_setting_says_what_it_is_and_holds_its_default(module: str):
    policy = environments.POLICIES[module]
    assert [name for name, field in policy.model_fields.items() if not field.description] == []
    policy.model_validate(policy().model_dump())


def test_every_setting_is_read_by_somebody():
    code = "\n".join(path.read_text() for path in test_architecture.sources())
    read = set(re.findall(r"\.(\w+)", code)) | set(re.findall(r"[\"'](\w+)[\"']", code))
    unread = {name for policy in environments.POLICIES.values() for name in _numbers(policy) if name not in read}
    assert unread - PUT_TOGETHER == set(), "a setting that nobody reads changes nothing"


def _numbers(policy: type[pydantic.BaseModel]) -> Iterator[str]:
    """Yield the names of a policy's settings, those of policies within it too."""
    for name, field in policy.model_fields.items():
        yield name
        default = field.get_default(call_default_factory=True)
        if isinstance(default, pydantic.BaseModel):
            yield from _numbers(type(default))


def test_every_policy_of_the_code_is_on_the_page_of_settings():
    def descendants(policy: type) -> Iterator[type]:
        for each in policy.__subclasses__():
            yield each
            yield from descendants(each)

    page = (DOCS / "reference" / "settings.md").read_text()
    ours = {each for each in descendants(pydantic.BaseModel) if each.__module__.split(".")[0] in reference.OURS}
    policies = {each for each in ours if each.__name__.endswith("Policy")}
    undocumented = {
        f"{policy.__name__}.{name}" for policy in policies for name in policy.model_fields if not _named(page, name)
    }
    assert undocumented == set()


def _named(page: str, field: str) -> bool:
    return re.search(rf"[`.]{field}[`.]", page) is not None


def test_every_command_has_a_section():
    page = (DOCS / "reference" / "commands.md").read_text()
    assert [name for name in reference.own_commands() if f"\n## {name}\n" not in page] == []


def test_every_variable_that_the_code_or_the_docs_name_is_documented():
    named = re.compile(r"\b(TRADINGOPS_[A-Z][A-Z_]*|DATABASE_[A-Z_]*URL|DJANGO_(?:SECRET_KEY|DEBUG)|PG_BIN)\b")
    sources = "\n".join(path.read_text() for path in test_architecture.sources())
    assert set(named.findall(sources + all_docs())) - set(VARIABLES) - {"_TRADINGOPS_ENTERED"} == set()


def test_every_check_of_ours_is_documented():
    ours = [check for check in registry.registered_checks if check.__module__.split(".")[0] in reference.OURS]
    source = "\n".join((ROOT / f"{check.__module__.replace('.', '/')}.py").read_text() for check in ours)
    found = set(re.findall(r'id="(\w+\.[EWI]\d+)"', source))
    assert found
    assert {each for each in found if f"`{each}`" not in hand_written("checks.md")} == set()


# --- the docs name only what is there


def test_every_setting_that_the_docs_name_is_one():
    known = {line.split("`")[1] for line in reference.settings_tables().splitlines() if line.startswith("| `")}
    dotted = re.compile(rf"`(?:--set )?((?:{'|'.join(environments.POLICIES)})\.[a-z_0-9.]+)")
    named = set(dotted.findall(GENERATED.sub("", all_docs()))) - {f"{module}.py" for module in environments.POLICIES}
    whole = {name for name in named if not name.endswith(".")}
    assert {name for name in whole if not any(f"{each}.".startswith(f"{name}.") for each in known)} == set()


def test_every_file_that_the_docs_name_is_there():
    path = re.compile(r"`((?:strands|curators|portfolio|tradingops|tests|templates)/[\w/.*-]*)`")
    named = {each for each in path.findall(all_docs()) if "NAME" not in each}
    assert {each for each in named if not list(ROOT.glob(each.rstrip("/")))} == set()


# --- things are called what the glossary calls them


def test_nothing_is_named_with_a_word_that_the_glossary_set_aside():
    named = {
        f"{path.relative_to(ROOT)} {name}"
        for path in test_architecture.sources()
        for name in names(path)
        if words_of(name) & SET_ASIDE
    }
    assert named == set()


def test_the_glossary_says_which_words_it_set_aside():
    page = (DOCS / "glossary.md").read_text().lower()
    assert {word for word in SET_ASIDE if word.removesuffix("s") not in page} == set()


def test_nothing_is_an_enhanced_or_second_version():
    vain = re.compile(r"(^|_)(Enhanced|Improved|New)[A-Z]|V\d+$")
    assert [name for path in test_architecture.sources() for name in names(path) if vain.search(name)] == []


def test_no_text_names_the_place_where_it_was_written():
    found = [
        f"{name}: {match[0]}"
        for name, text in texts()
        if name != "tests/test_words.py"
        for match in WORKPLACE.finditer(text)
        if not (name in KNOWN_NEIGHBOUR and match[0] == "../shared")
    ]
    assert found == []
