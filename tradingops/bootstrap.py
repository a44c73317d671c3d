"""From a bare Python to the project's environment: `.venv`, made from a hash-pinned lock.

Standard library only: this runs before anything is installed. An environment is built beside, stamped with the hashes
of the locks it holds, and then put in place, so that a half-built one is never entered and a kill heals by itself.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv"
WORKSHOP = ROOT / ".data" / "environment"
RUN_LOCK, TEST_LOCK = "requirements.lock", "requirements-dev.lock"
#: What an environment made from a lock can do: everything of the runtime's lock is in the developer's too.
HOLDS = {RUN_LOCK: (RUN_LOCK,), TEST_LOCK: (RUN_LOCK, TEST_LOCK)}
STAMP = "tradingops.json"
#: Set for the process that is entered, so that an environment that does not serve is an error and no endless loop.
ENTERED = "_TRADINGOPS_ENTERED"

_PIN = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==([^\s;\\]+)\s*(;[^\\]*)?")


class NotBuilt(RuntimeError):
    """The environment could not be built; the message says what to install."""


def enter(arguments: list[str]) -> None:
    """Return when this interpreter has what the command needs; otherwise build the environment and start anew in it.

    Raises NotBuilt.
    """
    lock = TEST_LOCK if arguments[1:2] == ["test"] else RUN_LOCK
    entered = os.environ.pop(ENTERED, None)
    if _runs_in(ENVIRONMENT) and _is_stamped(ENVIRONMENT, lock):
        return
    if not _runs_in(ENVIRONMENT) and _satisfies(lock, metadata.distributions()):
        return
    if entered == lock:
        raise NotBuilt(f"{ENVIRONMENT} was built from {lock} and does not serve; remove it and try again.")
    if not _is_stamped(ENVIRONMENT, lock):
        with _alone():
            if not _is_stamped(ENVIRONMENT, lock):
                _adopt_or_build(lock)
    _start_anew(lock, arguments)


def say(words: str) -> None:
    """Tell the person at the terminal what takes time; standard output stays the command's own."""
    sys.stderr.write(f"{words}\n")
    sys.stderr.flush()


def _start_anew(lock: str, arguments: list[str]) -> NoReturn:
    python = str(_python_of(ENVIRONMENT))
    os.execve(python, [python, *arguments], {**os.environ, ENTERED: lock})  # noqa: S606  (a program, not a shell)


def _python_of(environment: Path) -> Path:
    return environment / "bin" / "python"


def _runs_in(environment: Path) -> bool:
    return Path(sys.prefix).resolve() == environment.resolve()


def _is_stamped(environment: Path, lock: str) -> bool:
    """Say whether an environment was finished with this very lock, for a Python that is still there."""
    try:
        stamp = json.loads((environment / STAMP).read_text())
        python = _python_of(environment).resolve(strict=True)
    except (OSError, ValueError):
        return False
    named = re.fullmatch(r"python(\d+\.\d+)", python.name)
    runs = _version() if _runs_in(environment) else named[1] if named else stamp.get("python")
    return bool(runs == stamp.get("python") and stamp.get("locks", {}).get(lock) == _hash(lock))


def _stamp(environment: Path, lock: str, version: str) -> None:
    """Mark an environment as finished; the name appears with its whole content."""
    half = environment / f"{STAMP}.half"
    half.write_text(json.dumps({"python": version, "locks": {name: _hash(name) for name in HOLDS[lock]}}, indent=1))
    half.replace(environment / STAMP)


def _hash(lock: str) -> str:
    return hashlib.sha256((ROOT / lock).read_bytes()).hexdigest()


def _version() -> str:
    return f"{sys.version_info.major}.{sys.version_info.minor}"


@contextmanager
def _alone() -> Iterator[None]:
    """Hold the right to build; the kernel takes it back when its holder dies."""
    WORKSHOP.mkdir(parents=True, exist_ok=True)
    with open(WORKSHOP / "lock", "a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another command builds the environment; waiting for it …")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _adopt_or_build(lock: str) -> None:
    """Take over an environment that somebody made by hand when it holds the lock's versions; build one otherwise."""
    site = next(iter(ENVIRONMENT.glob(f"lib/python{_version()}/site-packages")), None)
    whole = site is not None and not (ENVIRONMENT / STAMP).exists() and _python_of(ENVIRONMENT).exists()
    for held in (TEST_LOCK, lock) if whole else ():
        if _satisfies(held, metadata.distributions(path=[str(site)])):
            _stamp(ENVIRONMENT, held, _version())
            return
    _build(lock)


def _satisfies(lock: str, installed: Iterable[metadata.Distribution]) -> bool:
    """Say whether every pin holds; a pin for some systems only may be absent, yet not differ."""
    versions = {_normal(each.metadata["Name"]): each.version for each in installed}
    pins = filter(None, map(_PIN.match, (ROOT / lock).read_text().splitlines()))
    return all(versions.get(_normal(pin[1]), pin[2] if pin[3] else None) == pin[2] for pin in pins)


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _build(lock: str) -> None:
    """Build an environment in the workshop and put it in place of the old one."""
    for remains in WORKSHOP.glob("*-*"):
        shutil.rmtree(remains, ignore_errors=True)
    fresh = WORKSHOP / f"fresh-{os.getpid()}"
    say(f"Building {ENVIRONMENT} from {lock}; this happens once …")
    for name, way in _ways():
        try:
            way(fresh, ROOT / lock)
            break
        except (subprocess.CalledProcessError, OSError) as fault:
            say(f"{name} did not manage it ({fault}).")
            shutil.rmtree(fresh, ignore_errors=True)
    else:
        raise NotBuilt(_advice(lock))
    _move_scripts(fresh)
    _stamp(fresh, lock, _version())
    _put_in_place(fresh)
    say("The environment is ready.")


def _advice(lock: str) -> str:
    return (
        f"The environment could not be built from {lock}; what went wrong stands above. It takes `uv` on PATH, or a "
        "Python with `venv` and pip (on Debian: apt install python3-venv), and a package index that they can reach."
    )


def _put_in_place(fresh: Path) -> None:
    if ENVIRONMENT.exists() or ENVIRONMENT.is_symlink():
        ENVIRONMENT.rename(WORKSHOP / f"old-{os.getpid()}")
    fresh.rename(ENVIRONMENT)
    shutil.rmtree(WORKSHOP / f"old-{os.getpid()}", ignore_errors=True)


def _move_scripts(fresh: Path) -> None:
    """Rewrite the place that scripts were told they live in to the place where they will."""
    before, after = os.fsencode(fresh), os.fsencode(ENVIRONMENT)
    for script in (fresh / "bin").iterdir():
        if script.is_file() and not script.is_symlink() and before in (told := script.read_bytes()):
            script.write_bytes(told.replace(before, after))


def _ways() -> Iterator[tuple[str, Callable[[Path, Path], None]]]:
    """Yield the ways to build that this machine has, best first."""
    if uv := shutil.which("uv"):
        yield "uv", lambda fresh, lock: _with_uv(uv, fresh, lock)
    yield "venv with pip", _with_pip


def _with_uv(uv: str, fresh: Path, lock: Path) -> None:
    environment = {**os.environ, "UV_PYTHON_DOWNLOADS": "never"}
    environment.pop("VIRTUAL_ENV", None)
    if not os.access(Path.home(), os.W_OK):
        environment.setdefault("UV_NO_CACHE", "1")
    _run([uv, "venv", "--quiet", "--no-project", "--python", _base(), str(fresh)], environment)
    install = [uv, "pip", "install", "--quiet", "--compile-bytecode", "--require-hashes", "--requirement", str(lock)]
    _run([*install, "--python", str(_python_of(fresh))], environment)


def _with_pip(fresh: Path, lock: Path) -> None:
    """Use the environment's own pip, or the interpreter's where Python came without `ensurepip`."""
    try:
        _run([_base(), "-m", "venv", "--clear", str(fresh)])
        pip = [str(_python_of(fresh)), "-m", "pip"]
    except subprocess.CalledProcessError:
        _run([_base(), "-m", "venv", "--clear", "--without-pip", str(fresh)])
        pip = [_base(), "-m", "pip", "--python", str(_python_of(fresh))]
    quiet = ["--quiet", "--disable-pip-version-check", "--no-input"]
    _run([*pip, "install", *quiet, "--require-hashes", "--requirement", str(lock)])


def _base() -> str:
    """Return the interpreter behind the environment that this one may run in."""
    return str(getattr(sys, "_base_executable", None) or sys.executable)


def _run(command: list[str], environment: dict[str, str] | None = None) -> None:
    subprocess.run(command, env=environment, check=True, stdin=subprocess.DEVNULL, stdout=sys.stderr)
