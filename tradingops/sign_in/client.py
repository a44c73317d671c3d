"""Where a request comes from: what its connection says, or the desk's own proxies, and never what it says itself."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any


def address(meta: Mapping[str, Any], *, proxies: int) -> str:
    """Return the client's address: the one that the outermost of so many proxies saw, the connection's without any.

    Each proxy appends whom it saw to X-Forwarded-For, so what stands before that is the client's own invention. Of an
    IPv6 address the network of one client, 64 bits; empty where there is none.
    """
    seen = str(meta.get("REMOTE_ADDR") or "")
    told = [part.strip() for part in str(meta.get("HTTP_X_FORWARDED_FOR", "")).split(",")]
    if proxies and len(told) >= proxies and _network(told[-proxies]):
        return _network(told[-proxies])
    return _network(seen) or seen


def _network(text: str) -> str:
    """Return an address as one client has it, empty for what is none."""
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return ""
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((int(found), 64), strict=False))
