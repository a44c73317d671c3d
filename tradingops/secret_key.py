"""The secret key of a desk that was given none: made once, kept with its data."""

from __future__ import annotations

import os
import secrets
import tempfile
from pathlib import Path

BYTES = 50


def kept_in(folder: Path) -> str:
    """Return the key in `folder/secret-key`, making it on first use; only the owner may read it."""
    path = folder / "secret-key"
    if not path.exists():
        _make(path)
    return path.read_text().strip()


def _make(path: Path) -> None:
    """Write a whole key under another name and link it: of two who come at once, the first one's key stays."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix="secret-key.")
    own = Path(name)
    with open(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(BYTES) + "\n")
    try:
        os.link(own, path)
    except FileExistsError:
        pass
    finally:
        own.unlink()
