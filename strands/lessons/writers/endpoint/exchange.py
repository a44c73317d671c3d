"""One exchange with an endpoint: a POST and its reply, all of it within the time that is left.

The standard library's client carries it. One request a lesson needs no pool of connections, and what matters here, an
end to the whole exchange rather than to each read of it, is what other clients would have to be taught as well.
"""

from __future__ import annotations

import http.client
import io
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any

from strands.lessons.writers.endpoint import completion
from strands.lessons.writers.endpoint.completion import Fault, Reply
from strands.lessons.writers.endpoint.configuration import Configuration
from strands.lessons.writers.words import Status


@dataclass(frozen=True, slots=True)
class Left:
    """The time that is left, in seconds; raises TimeoutError once there is none."""

    until: float
    stopwatch: Callable[[], float]

    def __call__(self) -> float:
        left = self.until - self.stopwatch()
        if left <= 0:
            raise TimeoutError
        return left


def post(body: bytes, *, configuration: Configuration, trust: ssl.SSLContext, left: Left, largest: int) -> Reply:
    """Return the reply to one request, no larger than ``largest`` bytes; raises Fault where there is none."""
    sent = False
    try:
        with _opened(configuration, trust, left) as opened:
            sent = True
            return _reply(_posted(configuration, body, _Timed(opened, left)), largest)
    except TimeoutError:
        reason = f"no whole answer within {configuration.timeout:g} s"
        raise Fault(Status.TIMEOUT, reason, billed=sent) from None
    except ssl.SSLCertVerificationError as fault:
        raise Fault(Status.REFUSED, f"its certificate is not trusted: {fault.verify_message}") from None
    except (OSError, http.client.HTTPException) as fault:
        # Never the exception's own text: it may hold what the other side wrote, and that side knows the key.
        reason = getattr(fault, "strerror", None) or type(fault).__name__
        raise Fault(Status.FAILED, f"the connection failed: {reason}", billed=sent, again=True) from None


@contextmanager
def _opened(configuration: Configuration, trust: ssl.SSLContext, left: Left) -> Iterator[socket.socket]:
    """Hold a connection to the endpoint, encrypted where its address says so."""
    parts = configuration.parts
    host = parts.hostname or ""
    with closing(_connect(host, configuration.port, left)) as plain:
        if parts.scheme == "http":
            yield plain
            return
        with closing(trust.wrap_socket(plain, server_hostname=host)) as encrypted:
            yield encrypted


def _connect(host: str, port: int, left: Left) -> socket.socket:
    """Return a connection to the first of a host's addresses that answers; raises the last one's OSError.

    Only the look-up of the name keeps to a time of its own, the resolver's.
    """
    fault: OSError = socket.gaierror("the host has no address")
    for *_, found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        try:
            opened = socket.create_connection((str(found[0]), port), timeout=left())
        except OSError as refusal:
            fault = refusal
            continue
        opened.settimeout(left())
        return opened
    raise fault


def _posted(configuration: Configuration, body: bytes, timed: Any) -> http.client.HTTPResponse:
    """Send a question and return the head of the reply."""
    parts = configuration.parts
    headers = {
        "Host": parts.netloc,
        "Content-Type": "application/json",
        "Accept": "application/json",
        "User-Agent": "tradingops",
        "Connection": "close",
    }
    if configuration.key is not None:
        headers["Authorization"] = f"Bearer {configuration.key.get_secret_value()}"
    connection = http.client.HTTPConnection(parts.hostname or "", configuration.port)
    connection.sock = timed
    connection.request("POST", parts.path, body=body, headers=headers)
    return connection.getresponse()


def _reply(response: http.client.HTTPResponse, largest: int) -> Reply:
    """Return a reply, its body read only where it is a success and no larger than ``largest`` bytes."""
    known = response.status in set(HTTPStatus)
    reply = Reply(
        status=response.status,
        phrase=HTTPStatus(response.status).phrase if known else "",
        kind=response.headers.get_content_type(),
        retry_after=response.headers.get("Retry-After", "").strip(),
    )
    return replace(reply, body=_body(response, largest)) if reply.status == completion.OK else reply


def _body(response: http.client.HTTPResponse, largest: int) -> bytes:
    """Return a whole body; raises Fault for one that is too large, IncompleteRead for one that ends early."""
    announced = response.length or 0
    body = b"" if announced > largest else response.read(largest + 1)
    if max(announced, len(body)) > largest:
        raise Fault(Status.NONSENSE, f"the reply is larger than {largest} bytes", billed=True)
    # A read of so many bytes is silent about a body that ended before what was announced.
    if len(body) < announced:
        raise http.client.IncompleteRead(b"", announced - len(body))
    return body


class _Timed:
    """A socket as http.client uses one, every use of which ends when the time for all of them does.

    A socket's own timeout begins anew with each byte that drips in. Whoever opened the socket closes it.
    """

    def __init__(self, opened: socket.socket, left: Left) -> None:
        self._opened, self._left = opened, left

    def sendall(self, data: bytes) -> None:
        self._opened.settimeout(self._left())
        self._opened.sendall(data)

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Inflow(self._opened, self._left))

    def close(self) -> None:
        """Leave the closing to whoever opened it: http.client would do it before the body is read."""


class _Inflow(io.RawIOBase):
    """What comes in, as bytes."""

    def __init__(self, opened: socket.socket, left: Left) -> None:
        self._opened, self._left = opened, left

    def readable(self) -> bool:
        return True

    def readinto(self, into: Any) -> int:
        self._opened.settimeout(self._left())
        return self._opened.recv_into(into)
