"""Where a private cluster and its socket live."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from tradingops.localpg.cluster import Cluster

#: `sun_path` holds 104 bytes on the strictest system, and PostgreSQL appends `/.s.PGSQL.5432.lock`.
LONGEST_SOCKET_FOLDER = 80
SHARED_TEMPORARY = Path("/tmp")  # noqa: S108  (of mode 0700, its owner is checked)

#: Clusters whose name begins so are the tests'; they may lose their data in a power cut.
OF_TESTS = "pgtest"
DIFFERENCES_OF_TESTS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "128MB",
}

#: Commands that work without a database, or see to it themselves.
WITHOUT_DATABASE = frozenset(
    (
        "",
        "help",
        "version",
        "check",
        "makemessages",
        "compilemessages",
        "diffsettings",
        "drill",
        "pg",
        "replay",
        "sample",
        "test",
        "up",
    )
)


def data_folder() -> Path:
    """Return TRADINGOPS_DATA, by default `.data` beside `manage.py`."""
    given = os.environ.get("TRADINGOPS_DATA")
    return Path(given).expanduser().resolve() if given else Path(__file__).resolve().parents[2] / ".data"


def home_of(name: str) -> Path:
    """Return the folder of a private cluster."""
    return data_folder() / name


def socket_of(name: str) -> Path:
    """Return the folder of a cluster's socket, whether it runs or not.

    It is the cluster's own folder. Where that would not do (a long path, a space, or root, whose server runs under
    another account) it is a folder of mode 0700 in /tmp.
    """
    home = home_of(name)
    fits = len(os.fsencode(home)) < LONGEST_SOCKET_FOLDER and " " not in str(home)
    if fits and os.getuid() != 0:
        return home
    return SHARED_TEMPORARY / f"tradingops-{os.getuid()}-{hashlib.sha256(os.fsencode(home)).hexdigest()[:12]}"


def private(name: str = "pg") -> Cluster:
    """Return the private cluster of this name; it need not exist yet."""
    return Cluster(
        home_of(name), socket=socket_of(name), differences=DIFFERENCES_OF_TESTS if name.startswith(OF_TESTS) else {}
    )


def ensure(name: str = "pg") -> bool:
    """Start the private cluster unless DATABASE_URL names a database; return whether this call started it."""
    return not os.environ.get("DATABASE_URL") and private(name).ensure()


def ensure_for(arguments: list[str]) -> bool:
    """Start the private cluster when this command line works on a database; return whether it started."""
    command = next(iter(arguments[1:]), "")
    asks_for_help = command.startswith("-") or "--help" in arguments or "-h" in arguments
    return not asks_for_help and command not in WITHOUT_DATABASE and ensure()
