"""The shape of the tree: who imports whom, what is pure, how long a thing may be, what it may be called."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tradingops import bootstrap

ROOT = Path(__file__).resolve().parent.parent
APPS = ("strands", "curators", "portfolio", "tradingops")
TOP = {
    *("manage.py", "pyproject.toml", "requirements.lock", "requirements-dev.lock", "README.md", "LICENSE"),
    *(*APPS, "templates", "tests", "docs"),
}
NEVER_COMMITTED = {"__pycache__", "staticfiles", "uv.lock", "build", "dist", "tradingops.egg-info"}

#: File names that mark the shell: Django's and what belongs to them, the desk's own adapters and dealings with the
#: database, and what runs before Django does.
SHELL_FILES = {
    *("models", "apps", "urls", "checks", "settings", "middleware"),
    *(
        "triggers",
        "routing",
        "asgi",
        "wsgi",
        "projections",
        "postgres",
        "faults",
        "wall",
        "exchange",
        "recorded",
        "client",
    ),
    *("columns", "indexes"),
    *("acting", "backends", "breaches", "connections", "events", "flattening", "grants", "halting", "heartbeat"),
    *("made_under", "mandates", "recovery", "ruled", "say", "throttle", "upkeep", "verdicts", "versions"),
    *("asides", "countersigning", "persons", "reviewers", "rule", "second_factor", "sessions"),
    *("asking", "period", "shadows", "turns", "work"),
    *("bootstrap", "secret_key", "transactions"),
}
SHELL_FOLDERS = {"drill", "management", "migrations", "localpg", "console", "models", "notices"}
FRAMEWORKS = {"django", "psycopg", "psycopg_pool", "channels", "pgtrigger", "asgiref", "daphne", "unfold", "environ"}
OUTSIDE = {
    "socket",
    "subprocess",
    "secrets",
    "tempfile",
    "shutil",
    "http",
    "urllib.request",
    "httpx",
    "websockets",
    "ccxt",
    "os",
}
CLOCKS = {"now", "utcnow", "today", "time", "time_ns", "monotonic", "perf_counter", "localtime", "gmtime"}
FILES = {"read_text", "write_text", "read_bytes", "write_bytes", "iterdir", "glob", "rglob", "mkdir", "unlink"}
SEEDED = {"Random", "default_rng", "Generator", "SeedSequence", "PCG64", "Philox", "RandomState"}

LONGEST_FUNCTION = 60
LONGEST_FILE = 400
LARGEST_FOLDER = 20
#: What nineteen in twenty files and functions stay within.
USUAL_FILE, USUAL_FUNCTION = 250, 20
DRAWERS = {
    "utils",
    "util",
    "helpers",
    "helper",
    "common",
    "base",
    "manager",
    "managers",
    "service",
    "services",
    "data",
    "info",
    "misc",
}
VAIN_CLASS = re.compile(r"^(Enhanced|Improved|Advanced|New[A-Z])|(V\d+|(?<!^Risk)Manager|Helper|Service|Utils?)$")


def sources() -> Iterator[Path]:
    """Every Python file of the four apps that a person wrote."""
    for app in APPS:
        yield from (path for path in sorted((ROOT / app).rglob("*.py")) if "migrations" not in path.parts)


def is_shell(path: Path) -> bool:
    inside = path.relative_to(ROOT)
    return path.stem in SHELL_FILES or path.stem.startswith("listen") or bool(SHELL_FOLDERS & set(inside.parts))


def impurities(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        for fault in (*_imports(node), *_calls(node)):
            yield f"{path.relative_to(ROOT)}:{node.lineno} {fault}"  # type: ignore[attr-defined]


def _imports(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        names = [alias.name for alias in node.names]
    elif isinstance(node, ast.ImportFrom) and node.level == 0:
        names = [node.module or ""]
    else:
        return
    for name in names:
        if name.split(".")[0] in FRAMEWORKS or {name, name.split(".")[0]} & OUTSIDE:
            yield f"imports {name}"


def _calls(node: ast.AST) -> Iterator[str]:
    if not isinstance(node, ast.Call):
        return
    if isinstance(node.func, ast.Name) and node.func.id in {"open", "uuid4", "uuid1", "input"}:
        yield f"calls {node.func.id}()"
    if not isinstance(node.func, ast.Attribute):
        return
    owner, name = ast.unparse(node.func.value), node.func.attr
    last = owner.split(".")[-1]
    if last in {"datetime", "date", "time"} and name in CLOCKS:
        yield f"asks the clock: {owner}.{name}()"
    if last == "uuid" and name in {"uuid1", "uuid4"}:
        yield f"throws dice: {owner}.{name}()"
    if last == "random" and (name not in SEEDED or not node.args):
        yield f"throws dice: {owner}.{name}()"
    if name in FILES:
        yield f"touches files: {owner}.{name}()"


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def lines_of(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def test_every_file_is_pure_unless_its_name_says_otherwise():
    assert [fault for path in sources() if not is_shell(path) for fault in impurities(path)] == []


@pytest.mark.parametrize(
    "line",
    [
        "from django.db import models",
        "import subprocess",
        "from urllib.request import urlopen",
        "datetime.now(UTC)",
        "dt.datetime.now()",
        "time.monotonic()",
        "uuid.uuid4()",
        "uuid4()",
        "random.random()",
        "np.random.default_rng()",
        "open('bars.csv')",
        "path.read_text()",
    ],
)
def test_the_walk_notices_every_way_to_the_world(line, monkeypatch, tmp_path):
    monkeypatch.setattr(sys.modules[__name__], "ROOT", tmp_path)
    (tmp_path / "trade.py").write_text(line)
    assert list(impurities(tmp_path / "trade.py"))


def test_the_walk_lets_seeded_dice_and_given_moments_pass(monkeypatch, tmp_path):
    monkeypatch.setattr(sys.modules[__name__], "ROOT", tmp_path)
    (tmp_path / "trade.py").write_text(
        "np.random.default_rng(7)\nrandom.Random(7)\nnow.isoformat()\nstrand.at.timestamp()"
    )
    assert list(impurities(tmp_path / "trade.py")) == []


def test_imports_run_one_way():
    command = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports())"
    ended = subprocess.run([sys.executable, "-c", command], cwd=ROOT, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_no_function_is_longer_than_one_can_see():
    long = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name} has {lines_of(node)} lines"
        for path in sources()
        for node in functions(path)
        if lines_of(node) > LONGEST_FUNCTION
    ]
    assert long == []


def test_no_file_is_longer_than_one_can_hold():
    sizes = {path.relative_to(ROOT): len(path.read_text().splitlines()) for path in sources()}
    assert {str(path): size for path, size in sizes.items() if size > LONGEST_FILE} == {}


def beyond(sizes: Mapping[str, int], usual: int) -> list[str]:
    """Return what is longer than usual, the longest first, where that is more than one in twenty; else nothing."""
    long = sorted((name for name, size in sizes.items() if size > usual), key=lambda name: -sizes[name])
    return [f"{name} has {sizes[name]} lines" for name in long] if len(long) * 20 > len(sizes) else []


def test_a_folder_of_more_than_twenty_files_is_two_rooms():
    held = Counter(path.parent.relative_to(ROOT) for path in sources() if path.name != "__init__.py")
    assert {str(folder): count for folder, count in held.items() if count > LARGEST_FOLDER} == {}


def test_nineteen_files_in_twenty_are_short():
    sizes = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in sources()}
    long = beyond(sizes, USUAL_FILE)
    assert not long, "\n" + "\n".join(long)


def test_nineteen_functions_in_twenty_are_short():
    sizes = {
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}": lines_of(node)
        for path in sources()
        for node in functions(path)
    }
    long = beyond(sizes, USUAL_FUNCTION)
    assert not long, "\n" + "\n".join(long)


def test_what_is_too_long_is_named_once_it_is_more_than_one_in_twenty():
    short = {f"file {nth}": 10 for nth in range(19)}
    assert beyond({**short, "long": 300}, 250) == []
    assert beyond({**short, "long": 300, "longer": 301}, 250) == ["longer has 301 lines", "long has 300 lines"]


def test_no_file_or_folder_is_a_drawer():
    names = {part for path in sources() for part in (*path.relative_to(ROOT).parts[:-1], path.stem)}
    assert names & DRAWERS == set()


def test_no_class_boasts():
    classes = (
        (path, node)
        for path in sources()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ClassDef)
    )
    assert [f"{path.relative_to(ROOT)} {node.name}" for path, node in classes if VAIN_CLASS.search(node.name)] == []


def test_the_top_level_is_the_one_that_was_agreed():
    found = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}
    assert found - NEVER_COMMITTED <= TOP


@pytest.mark.parametrize("lock", [bootstrap.RUN_LOCK, bootstrap.TEST_LOCK])
def test_a_lock_names_no_registry_and_pins_every_package_by_hash(lock):
    text = (ROOT / lock).read_text()
    assert "://" not in text
    assert not re.search(r"^\s*-(?!-hash=)", text, re.MULTILINE), "an option such as an index's address"
    blocks = re.split(r"\n(?=\S)", text)
    pinned = [block for block in blocks if re.match(r"[A-Za-z0-9]", block)]
    assert pinned
    assert [block.splitlines()[0] for block in pinned if "==" not in block or "--hash=sha256:" not in block] == []


def test_what_runs_in_tests_is_what_runs_on_the_desk():
    run, test = (
        dict(re.findall(r"^([\w.-]+)==([^\s;]+)", (ROOT / lock).read_text(), re.MULTILINE))
        for lock in bootstrap.HOLDS[bootstrap.TEST_LOCK]
    )
    assert {name: version for name, version in run.items() if test.get(name) != version} == {}
