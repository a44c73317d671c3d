"""One POST to the world outside and its reply, all of it within the time that there is."""

from __future__ import annotations

import asyncio
import logging
import os
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import httpx

# What the client logs of an exchange holds what the other side wrote, and that side knows the key.
logging.getLogger("httpcore").setLevel(logging.WARNING)

#: What httpx tells of an exchange once a connection stands and a request goes out over it.
SENDING = "send_request_headers.started"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A status with its own phrase, the headers that matter, and the body of a success."""

    status: int
    phrase: str = ""
    kind: str = ""
    retry_after: str = ""
    body: bytes = b""


class NoReply(Exception):
    """There is no whole reply; ``sent`` where the other side may have read the question all the same.

    The message never holds what the other side wrote, as that side knows the key.
    """

    def __init__(self, reason: str, *, sent: bool) -> None:
        super().__init__(reason)
        self.reason, self.sent = reason, sent


class TooLate(NoReply):
    """The time was over before the reply was whole."""


class Untrusted(NoReply):
    """The other side's certificate is none that is trusted; nothing was sent."""


class TooLarge(NoReply):
    """The reply is larger than what is read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a question goes; ``name`` is whose certificate must answer, where the URL names an address of it."""

    url: str
    name: str = ""


@dataclass(slots=True)
class _Trace:
    """Whether a request was begun to be sent."""

    sent: bool = field(default=False)

    async def __call__(self, event: str, info: Mapping[str, Any]) -> None:
        self.sent = self.sent or event.endswith(SENDING)


def post(
    body: bytes, *, to: Address, headers: Mapping[str, str], trust: ssl.SSLContext, seconds: float, largest: int
) -> Reply:
    """Return the reply to one request, a success's body of at most ``largest`` bytes; raises NoReply.

    All of it ends within so many seconds, but for the look-up of a name, which keeps to the resolver's time. Nobody is
    followed elsewhere, and no proxy of the environment is asked.
    """
    trace = _Trace()
    try:
        return asyncio.run(_within(seconds, body, to=to, headers=headers, trust=trust, largest=largest, trace=trace))
    except (TimeoutError, httpx.TimeoutException):
        raise TooLate(f"no whole answer within {round(seconds, 1):g} s", sent=trace.sent) from None
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as fault:
        raise _no_reply(fault, sent=trace.sent) from None


async def _within(seconds: float, body: bytes, **asked: Any) -> Reply:
    async with asyncio.timeout(seconds):
        return await _posted(body, seconds=seconds, **asked)


async def _posted(
    body: bytes,
    *,
    to: Address,
    headers: Mapping[str, str],
    trust: ssl.SSLContext,
    seconds: float,
    largest: int,
    trace: _Trace,
) -> Reply:
    told = {"trace": trace, **({"sni_hostname": to.name} if to.name else {})}
    plain = {"Accept-Encoding": "identity", "Connection": "close", "User-Agent": "tradingops", **headers}
    async with (
        httpx.AsyncClient(verify=trust, timeout=seconds, trust_env=False) as client,
        client.stream("POST", to.url, content=body, headers=plain, extensions=told) as response,
    ):
        is_known = response.status_code in set(HTTPStatus)
        return Reply(
            status=response.status_code,
            phrase=HTTPStatus(response.status_code).phrase if is_known else "",
            kind=response.headers.get("Content-Type", "").partition(";")[0].strip().lower(),
            retry_after=response.headers.get("Retry-After", "").strip(),
            body=await _body(response, largest) if response.is_success else b"",
        )


async def _body(response: httpx.Response, largest: int) -> bytes:
    announced = response.headers.get("Content-Length", "")
    too_large = TooLarge(f"the reply is larger than {largest} bytes", sent=True)
    if announced.isdigit() and int(announced) > largest:
        raise too_large
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > largest:
            raise too_large
    return bytes(body)


def _no_reply(fault: BaseException, *, sent: bool) -> NoReply:
    """Return what a fault of the connection is, told by the system's own words or by its name."""
    causes = list(_causes(fault))
    for each in causes:
        if isinstance(each, ssl.SSLCertVerificationError):
            return Untrusted(f"its certificate is not trusted: {each.verify_message}", sent=False)
    words = (_words(each) for each in causes if isinstance(each, OSError) and each.errno)
    return NoReply(f"the connection failed: {next(words, type(fault).__name__)}", sent=sent)


def _words(fault: OSError) -> str:
    """Return the system's words for its number; those of a name that was looked up are its own."""
    number = fault.errno or 0
    return os.strerror(number) if number > 0 else str(fault.strerror)


def _causes(fault: BaseException | None) -> Iterator[BaseException]:
    """Yield a fault and whatever it came of."""
    while fault is not None:
        yield fault
        for each in getattr(fault, "exceptions", ()):
            yield from _causes(each)
        fault = fault.__cause__ or fault.__context__
