"""A pooler in transaction mode before the test database, as a managed PostgreSQL may have one."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

import psycopg

PATIENCE = 20.0


def binary() -> str | None:
    """Return where PgBouncer is, None where it is not installed."""
    return shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin:/usr/local/sbin")


@contextmanager
def running(database_url: str, *, sessions: int) -> Iterator[str]:
    """Yield the pooler's address; all its clients share so many sessions of the server."""
    with tempfile.TemporaryDirectory(prefix="pooler-") as name:
        folder, port = Path(name), _free_port()
        reached = psycopg.conninfo.conninfo_to_dict(database_url)
        server = " ".join(f"{key}={reached[key]}" for key in ("host", "port") if key in reached)
        user, dbname = reached.get("user") or "postgres", str(reached["dbname"])
        (folder / "users").write_text(f'"{user}" ""\n')
        (folder / "ini").write_text(
            f"[databases]\n* = {server} user={user}\n[pgbouncer]\npool_mode = transaction\nlisten_addr = 127.0.0.1\n"
            f"listen_port = {port}\nunix_socket_dir =\nauth_type = any\nauth_file = {folder}/users\n"
            f"default_pool_size = {sessions}\nmax_client_conn = 100\nlogfile = {folder}/log\n"
        )
        started = _start(folder)
        try:
            address = f"postgresql://{quote(str(user))}@127.0.0.1:{port}/{quote(dbname)}"
            _await(address)
            yield address
        finally:
            started.terminate()
            started.wait(PATIENCE)


def _start(folder: Path) -> subprocess.Popen[bytes]:
    """Start it; where this one is root, which it refuses to be, as nobody with the right to enter a socket's folder."""
    command = [str(binary()), "-q", str(folder / "ini")]
    if os.getuid() == 0:
        nobody = pwd.getpwnam("nobody")
        for path in (folder, *folder.iterdir()):
            os.chown(path, nobody.pw_uid, nobody.pw_gid)
        may = ["--inh-caps", "+dac_override", "--ambient-caps", "+dac_override"]
        who = ["--reuid", str(nobody.pw_uid), "--regid", str(nobody.pw_gid), "--clear-groups"]
        command = ["setpriv", *who, *may, *command]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _free_port() -> int:
    with closing(socket.socket()) as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _await(address: str) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        with suppress(psycopg.OperationalError), closing(psycopg.connect(address, connect_timeout=2)):
            return
        threading.Event().wait(0.05)
    psycopg.connect(address, connect_timeout=2).close()
