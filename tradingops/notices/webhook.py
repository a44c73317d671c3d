"""Sends one message to a webhook: to the address that was looked at, no further, and not for long."""

from __future__ import annotations

import ssl
import time
from collections.abc import Mapping
from typing import Any

from strands.endpoint import exchange
from tradingops.notices import addresses, signature
from tradingops.notices.addresses import Target

#: How long a try may take in all [s], and how much of an answer is read [bytes].
LONGEST, LARGEST = 15.0, 65_536


class Unsent(Exception):
    """A message that was not taken; the message says why, and holds nothing secret."""


def send(url: str, told: dict[str, Any], *, secret: str, private: bool, trust: ssl.SSLContext | None = None) -> None:
    """Post a signed message, raise Unsent unless it is answered with 2xx; a redirect is followed nowhere."""
    text, stamp = signature.body(told), int(time.time())
    headers = {
        "Content-Type": "application/json",
        signature.ID: str(told["id"]),
        signature.STAMP: str(stamp),
        signature.SIGNATURE: signature.signed(text, secret=secret, stamp=stamp),
    }
    try:
        where = addresses.target(url, private=private)
        reply = _posted(text, where, {"Host": where.netloc, **headers}, trust or ssl.create_default_context())
    except exchange.TooLarge:
        # It answered with a success, whatever more it has to say.
        return
    except (addresses.Unsafe, exchange.NoReply) as fault:
        raise Unsent(str(fault)) from None
    except (OSError, UnicodeError) as fault:
        raise Unsent(f"{type(fault).__name__}: {fault}"[:200]) from None
    if not 200 <= reply.status < 300:
        raise Unsent(f"answered with {reply.status}; 2xx takes it")


def _posted(text: bytes, where: Target, headers: Mapping[str, str], trust: ssl.SSLContext) -> exchange.Reply:
    """Return the reply of the first of a name's addresses that can be reached, the time shared among them."""
    until, urls = time.monotonic() + LONGEST, where.urls
    while True:
        seconds = max(0.0, until - time.monotonic()) / len(urls)
        to = exchange.Address(url=urls.pop(0), name=where.host)
        try:
            return exchange.post(text, to=to, headers=headers, trust=trust, seconds=seconds, largest=LARGEST)
        except exchange.NoReply as fault:
            if fault.sent or not urls:
                raise
