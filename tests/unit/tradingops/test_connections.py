"""Our own connections reach the database by all that its address says."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from tradingops import connections


@pytest.fixture
def address(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The options of the configured database, to be changed at will."""
    options: dict[str, Any] = {}
    monkeypatch.setitem(connection.settings_dict, "OPTIONS", options)
    return options


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("sslmode", "verify-full"),
        ("sslrootcert", "/etc/desk.pem"),
        ("target_session_attrs", "read-write"),
        ("connect_timeout", 10),
        ("keepalives_idle", 30),
        ("channel_binding", "require"),
    ],
)
def test_whatever_the_address_says_is_kept(address: dict[str, Any], name: str, value: Any) -> None:
    address[name] = value
    assert connections.parameters()[name] == value


def test_what_a_connection_says_in_its_own_way_is_left_to_it(address: dict[str, Any]) -> None:
    address.update(application_name="somebody", options="-c search_path=desk")
    assert not {"application_name", "options", "autocommit", "cursor_factory"} & connections.parameters().keys()


def test_the_address_s_session_options_hold_beside_ours(address: dict[str, Any]) -> None:
    address["options"] = "-c search_path=desk"
    assert connections.options(connections.LISTENING) == "-c search_path=desk -c timezone=UTC"


def test_without_options_of_the_address_ours_stand_alone(address: dict[str, Any]) -> None:
    assert connections.options(connections.LISTENING) == connections.LISTENING
