"""A number for each test process that runs now, so that no two share a database."""

import fcntl
import os
from itertools import count
from pathlib import Path


def take_slot(folder: Path) -> int:
    """Return the smallest number that no running process holds in this folder; the kernel frees it with the process."""
    locks = folder / "test-slots"
    locks.mkdir(parents=True, exist_ok=True)
    return next(number for number in count() if _hold(locks / str(number)))


def _hold(lock: Path) -> bool:
    """Lock a file for as long as the process lives; say whether nobody else had it."""
    descriptor = os.open(lock, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return False
    return True
