"""Sends one message to a webhook: to the address that was looked at, no further, and not for long."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
from contextlib import suppress
from typing import Any

from tradingops.notices import addresses, signature
from tradingops.notices.addresses import Target

#: How long connecting, and then each piece of an answer, may take, and a try in all [s].
TIMEOUT, LONGEST = 5.0, 15.0


class Unsent(Exception):
    """A message that was not taken; the message says why, and holds nothing secret."""


def send(url: str, told: dict[str, Any], *, secret: str, private: bool, trust: ssl.SSLContext | None = None) -> None:
    """Post a signed message, raise Unsent unless it is answered with 2xx; a redirect is followed nowhere."""
    try:
        where = addresses.target(url, private=private)
        status = _posted(where, signature.body(told), told_id=str(told["id"]), secret=secret, trust=trust)
    except addresses.Unsafe as fault:
        raise Unsent(str(fault)) from None
    except (OSError, http.client.HTTPException, UnicodeError) as fault:
        raise Unsent(f"{type(fault).__name__}: {fault}"[:200]) from None
    if not 200 <= status < 300:
        raise Unsent(f"answered with {status}; 2xx takes it")


def _posted(where: Target, text: bytes, *, told_id: str, secret: str, trust: ssl.SSLContext | None) -> int:
    stamp = int(time.time())
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "tradingops",
        "Connection": "close",
        signature.ID: told_id,
        signature.STAMP: str(stamp),
        signature.SIGNATURE: signature.signed(text, secret=secret, stamp=stamp),
    }
    connection = http.client.HTTPConnection(where.host, where.port, timeout=TIMEOUT)
    plain = socket.create_connection((where.address, where.port), timeout=TIMEOUT)
    # An answer that comes byte after byte would never be late.
    spare = plain.dup()
    late = threading.Event()
    watchdog = threading.Timer(LONGEST, _cut, [spare, late])
    watchdog.daemon = True
    watchdog.start()
    try:
        connection.sock = plain
        if where.scheme == "https":
            connection.sock = (trust or ssl.create_default_context()).wrap_socket(plain, server_hostname=where.host)
        connection.request("POST", where.path, body=text, headers=headers)
        status = connection.getresponse().status
        if late.is_set():
            raise TimeoutError(f"the answer took longer than {LONGEST} s")
        return status
    finally:
        watchdog.cancel()
        spare.close()
        connection.close()
        plain.close()


def _cut(connection: socket.socket, late: threading.Event) -> None:
    late.set()
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
