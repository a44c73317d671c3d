"""A server on 127.0.0.1 that answers each request as it is told to, well or badly."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from strands.endpoint.budget import Prices

#: answer(connection, gone): what is done with a connection whose request was read; ``gone`` is set when the test ends.
Answer = Callable[[socket.socket, threading.Event], None]

PRICES = Prices(prompt=Decimal("0.01"), answer=Decimal("0.03"))
#: What the 400 tokens of prompt and 100 of answer cost that `words` counts.
COST = Decimal("0.007")

LESSON: dict[str, Any] = {
    "title": "Breakouts on thin volume fail",
    "description": "Three of four breakouts below twice the usual volume came back within the hour.",
    "conditions": {"symbol": "BTC-PERP", "regime": "ranging"},
    "recommendations": [
        {
            "type": "curator_weight_adjustment",
            "curator_type": "pattern",
            "adjustment": 0.8,
            "because": "It approved all that failed.",
        }
    ],
    "confidence": 0.6,
}


@dataclass
class Server:
    """Where it listens, and the requests that it has read."""

    url: str
    requests: list[bytes] = field(default_factory=list)

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(request.partition(b"\r\n\r\n")[2]) for request in self.requests]


@contextmanager
def serving(*answers: Answer, trust: ssl.SSLContext | None = None) -> Iterator[Server]:
    """Answer one connection after the other, the last answer again and again."""
    gone = threading.Event()
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        server = Server(f"{'https' if trust else 'http'}://127.0.0.1:{listening.getsockname()[1]}/v1")
        thread = threading.Thread(target=_serve, args=(listening, server, answers, gone, trust), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            gone.set()
            with suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)
            thread.join(10)


def _serve(
    listening: socket.socket,
    server: Server,
    answers: Sequence[Answer],
    gone: threading.Event,
    trust: ssl.SSLContext | None,
) -> None:
    left = list(answers)
    while not gone.is_set():
        try:
            connection, _ = listening.accept()
        except OSError:
            return
        answer = left.pop(0) if len(left) > 1 else left[0]
        with closing(connection), suppress(OSError):
            connection.settimeout(10)
            if trust is not None:
                connection = trust.wrap_socket(connection, server_side=True)
            server.requests.append(_request(connection))
            answer(connection, gone)
            connection.close()


def _request(connection: socket.socket) -> bytes:
    """Read one request with its body."""
    read = b""
    while b"\r\n\r\n" not in read:
        read += _more(connection)
    head, _, body = read.partition(b"\r\n\r\n")
    length = next(
        int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")
    )
    while len(body) < length:
        body += _more(connection)
    return head + b"\r\n\r\n" + body


def _more(connection: socket.socket) -> bytes:
    if not (read := connection.recv(65_536)):
        raise ConnectionError("the caller left in the middle of a request")
    return read


# --- answers


def reply(status: int = 200, body: bytes = b"", kind: str = "application/json", **headers: str) -> Answer:
    """Send a whole reply."""
    named = {"Content-Type": kind, "Content-Length": str(len(body))}
    named |= {name.replace("_", "-"): value for name, value in headers.items()}
    head = f"HTTP/1.1 {status} As told\r\n" + "".join(f"{name}: {value}\r\n" for name, value in named.items())
    return lambda connection, gone: connection.sendall(head.encode() + b"\r\n" + body)


def completion(content: Any, *, usage: Any = None, **more: Any) -> bytes:
    """Return the body of a chat completion."""
    choice = {"index": 0, "message": {"role": "assistant", "content": content}, "finish_reason": "stop"}
    told = {"object": "chat.completion", "choices": [choice], **more}
    return json.dumps(told if usage is None else {**told, "usage": usage}).encode()


def words(lesson: Any = LESSON, *, usage: Any = None) -> Answer:
    """Answer with a lesson."""
    counted = {"prompt_tokens": 400, "completion_tokens": 100, "total_tokens": 500} if usage is None else usage
    return reply(body=completion(json.dumps(lesson), usage=counted))


def said(content: Any) -> Answer:
    """Answer with a text of the model's."""
    return reply(body=completion(content))


def hang(connection: socket.socket, gone: threading.Event) -> None:
    """Say nothing."""
    gone.wait(10)


def raw(sent: bytes) -> Answer:
    """Send some bytes and hang up."""
    return lambda connection, gone: connection.sendall(sent)


def drip(head: bytes, each: bytes = b" ", *, pause: float = 0.02) -> Answer:
    """Send a head, then byte after byte until the caller leaves."""

    def answer(connection: socket.socket, gone: threading.Event) -> None:
        connection.sendall(head)
        while not gone.wait(pause):
            connection.sendall(each)

    return answer


def flood(size: int, *, announced: bool) -> Answer:
    """Send so many bytes of JSON, announced or in chunks."""

    def answer(connection: socket.socket, gone: threading.Event) -> None:
        length = f"Content-Length: {size}" if announced else "Transfer-Encoding: chunked"
        connection.sendall(f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n{length}\r\n\r\n".encode())
        block = b" " * 65_536
        chunk = block if announced else b"%x\r\n%s\r\n" % (len(block), block)
        for _ in range(size // len(block)):
            connection.sendall(chunk)

    return answer


# --- encryption


def certificate(folder: Path, *, name: str = "127.0.0.1") -> tuple[Path, Callable[[], ssl.SSLContext]]:
    """Make a certificate for a name or an address that nobody trusts yet; return it and what a server needs."""
    x509 = pytest.importorskip("cryptography.x509")
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    issuer = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "an endpoint")])
    whose = x509.IPAddress(ip_address(name)) if name[0].isdigit() else x509.DNSName(name)
    today = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(issuer, issuer, key.public_key(), x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([whose]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "endpoint.pem"
    form = serialization.PrivateFormat.PKCS8
    secret = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    path.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))

    def of_the_server() -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context

    return path, of_the_server
