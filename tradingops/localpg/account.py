"""As whom the private PostgreSQL runs: PostgreSQL refuses to run as root."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

NOBODY = 65534


class NoAccount(RuntimeError):
    """There is nobody to run the server as, or its folder is somebody else's."""


@dataclass(frozen=True)
class Account:
    """How to start a program that PostgreSQL accepts, and who then owns its files."""

    prefix: tuple[str, ...]
    owner: int

    def give(self, folder: Path) -> None:
        """Make a folder of mode 0700 that the account owns; raises NoAccount when it is somebody else's."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.lstat()
        ours = {os.getuid(), self.owner, *((NOBODY,) if os.getuid() == 0 else ())}
        if found.st_uid not in ours or folder.is_symlink():
            raise NoAccount(
                f"{folder} belongs to user {found.st_uid}; remove it, or give TRADINGOPS_DATA another folder."
            )
        if found.st_uid != self.owner:
            os.chown(folder, self.owner, -1)
        if found.st_mode & 0o077:
            folder.chmod(0o700)


@cache
def account() -> Account:
    """Return the account of the private server; raises NoAccount.

    An ordinary user is its own. Root is root to the file system and nobody to the program, in a user namespace of one
    user; where namespaces are forbidden it becomes nobody, keeping the right to pass through folders that are closed
    to nobody. No account is made and no folder is opened to others.
    """
    if os.getuid() != 0:
        return Account((), os.getuid())
    namespace = ("unshare", "--user", f"--map-user={NOBODY}", f"--map-group={NOBODY}", "--")
    dropped = (
        *("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"),
        *("--inh-caps=+dac_override", "--ambient-caps=+dac_override", "--"),
    )
    for prefix, owner in ((namespace, 0), (dropped, NOBODY)):
        if _works(prefix):
            return Account(prefix, owner)
    raise NoAccount(
        "PostgreSQL does not run as root, and neither `unshare --user` nor `setpriv` (both of util-linux) works here. "
        "Run as an ordinary user, or set DATABASE_URL."
    )


def _works(prefix: tuple[str, ...]) -> bool:
    if shutil.which(prefix[0]) is None:
        return False
    return subprocess.run([*prefix, "true"], capture_output=True, cwd="/").returncode == 0
