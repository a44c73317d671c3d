"""Where a webhook may lead: to what everybody can reach, and into no network of one's own unless that is allowed."""

from __future__ import annotations

import ipaddress
import socket
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

MOST = 500
PORTS = {"https": 443, "http": 80}


class Unsafe(ValueError):
    """An address that no message goes to: the message names the field, the value, the rule and the way out."""


class Target(NamedTuple):
    """Where a message goes: the name is what the certificate must be for, an address what is connected to."""

    scheme: str
    host: str
    port: int
    path: str
    addresses: tuple[str, ...]

    @property
    def netloc(self) -> str:
        """What a request calls its host: the name, and the port where it is not the usual one."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == PORTS[self.scheme] else f"{name}:{self.port}"

    @property
    def urls(self) -> list[str]:
        """The addresses that may be connected to, as URLs."""
        named = [f"[{each}]" if ":" in each else each for each in self.addresses]
        return [f"{self.scheme}://{each}:{self.port}{self.path}" for each in named]


def check(url: str, *, private: bool) -> None:
    """Raise Unsafe for an address that is none of a webhook; a name is not looked up for that."""
    parts = _parts(url, private=private)
    try:
        ipaddress.ip_address(parts.hostname or "")
    except ValueError:
        return
    _refuse_private(str(parts.hostname), str(parts.hostname), private=private)


def target(url: str, *, private: bool) -> Target:
    """Return where a webhook leads now, every address of its name looked at; raises Unsafe, and OSError for no name.

    What is connected to is an address that was looked at: a name that changes in between leads nowhere else.
    """
    parts = _parts(url, private=private)
    port = parts.port or PORTS[parts.scheme]
    found = [str(info[4][0]) for info in socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)]
    for each in found:
        _refuse_private(str(parts.hostname), each, private=private)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, str(parts.hostname), port, path, tuple(dict.fromkeys(found)))


def _parts(url: str, *, private: bool) -> SplitResult:
    try:
        parts = urlsplit(url)
        sound = parts.scheme in ("http", "https") and parts.hostname and (parts.port or 1) > 0
    except ValueError:
        sound = False
    if not sound or len(url) > MOST or any(each.isspace() or ord(each) < 32 for each in url):
        raise Unsafe(f"address: {url[:60]!r} is no address of the web; write https://host.example/path")
    if parts.username or parts.password or parts.fragment:
        raise Unsafe("address: it holds a user, a password or a fragment; leave them out, messages are signed")
    if parts.scheme != "https" and not private:
        raise Unsafe(f"address: {parts.scheme} can be read on the way; use https, or allow private networks")
    return parts


def _refuse_private(host: str, address: str, *, private: bool) -> None:
    found = ipaddress.ip_address(address.partition("%")[0])
    inner = getattr(found, "ipv4_mapped", None) or getattr(found, "sixtofour", None) or found
    if not private and (not inner.is_global or inner.is_multicast):
        raise Unsafe(
            f"address: {host} leads to {address}, within a private network; name a host that everybody reaches, or set "
            "TRADINGOPS_NOTICES_PRIVATE=true"
        )
