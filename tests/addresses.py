"""Databases as URLs, and the environment of processes that work on them."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import quote


def desk_of(database: dict[str, Any], folder: Path) -> dict[str, str]:
    """Return the environment of a child process that works on a database and keeps its files in a folder."""
    return {
        **os.environ,
        "DATABASE_URL": url_of(database),
        "TRADINGOPS_DATA": str(folder),
        "DJANGO_SETTINGS_MODULE": "tradingops.settings",
    }


def url_of(database: dict[str, Any]) -> str:
    """Return Django's description of a database as a URL; a host that is a folder goes into the query."""
    host, user, password = str(database.get("HOST") or ""), database.get("USER") or "", database.get("PASSWORD") or ""
    name = quote(database["NAME"])
    if host.startswith("/") or not host:
        return f"postgresql:///{name}?user={quote(user)}&host={quote(host, safe='')}"
    port = f":{database['PORT']}" if database.get("PORT") else ""
    return f"postgresql://{quote(user)}:{quote(password)}@{host}{port}/{name}"
