"""What runs under a process id, for lock files that name one."""

from __future__ import annotations

import subprocess
from pathlib import Path


def command_of(pid: int) -> str:
    """Return the command line of a running process; empty for none and for a zombie."""
    if Path("/proc/self").is_dir():  # `ps` is absent from minimal images
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            return ""
    return subprocess.run(["ps", "-o", "args=", "-p", str(pid)], capture_output=True, text=True).stdout


def holder_of(lock: Path) -> int | None:
    """Return the process id in the first line of a PostgreSQL lock file; None without one."""
    try:
        words = lock.read_text().split()
    except OSError:
        return None
    return abs(int(words[0])) if words and words[0].lstrip("-").isdigit() else None
