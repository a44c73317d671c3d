"""Where the console listens, and who else already does."""

import os
import socket

import pytest

from tradingops.management import door


@pytest.mark.parametrize(
    ("given", "host", "port", "url"),
    [
        ("127.0.0.1:9000", "127.0.0.1", 9000, "http://127.0.0.1:9000/"),
        ("0.0.0.0:80", "0.0.0.0", 80, "http://127.0.0.1:80/"),
        ("[::1]:8000", "::1", 8000, "http://[::1]:8000/"),
        ("desk.example:8000", "desk.example", 8000, "http://desk.example:8000/"),
        ("8000", "127.0.0.1", 8000, "http://127.0.0.1:8000/"),
    ],
)
def test_an_address_is_read_and_shown_as_a_browser_wants_it(given, host, port, url):
    address = door.Address.parse(given)
    assert (address.host, address.port, address.url) == (host, port, url)


@pytest.mark.parametrize("given", ["", "localhost", "localhost:", "localhost:http", "127.0.0.1:70000"])
def test_what_is_no_address_is_refused_with_the_shape(given):
    with pytest.raises(ValueError, match=r"--bind: .* is not HOST:PORT"):
        door.Address.parse(given)


def test_a_taken_port_is_passed_over_when_nobody_asked_for_it(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setattr(door, "DEFAULT_PORT", taken.getsockname()[1])
        address, listening = door.open_door(None)
        with listening:
            assert address.port > taken.getsockname()[1]


def test_a_taken_port_that_was_asked_for_is_an_error():
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError, match="in use"):
        door.open_door(f"127.0.0.1:{taken.getsockname()[1]}")


def test_a_second_claim_learns_who_holds_the_first_and_where_it_answers(tmp_path):
    first = door.Claim(tmp_path)
    first.take()
    first.tell("http://127.0.0.1:8000/")
    second = door.Claim(tmp_path)
    with pytest.raises(door.AlreadyUp, match=rf"process {os.getpid()} runs it at http://127.0.0.1:8000/"):
        second.take()
    first.release()
    second.take()
    second.release()
