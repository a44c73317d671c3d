"""What tests of the console may ask for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import psycopg
import pytest

from strands.wires.postgres import PostgresWire
from tests import addresses
from tests.console import consoles
from tests.console.consoles import Console


@pytest.fixture
def signed_in(transactional_db: None) -> str:
    """The key of a login session of a member of staff."""
    from django.contrib.auth.models import User
    from django.test import Client

    person = User.objects.create_superuser("operator", password="only for tests")
    client = Client()
    client.force_login(person)
    return str(client.session.session_key)


@pytest.fixture(scope="session")
def _served(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    """A console process on the test database that serves every test whose pages it only shows."""
    from django.conf import settings
    from django.db import connection

    desk = addresses.desk_of(connection.settings_dict, tmp_path_factory.mktemp("console"))
    environment = consoles.environment_of(desk, secret_key=settings.SECRET_KEY)
    with consoles.running(environment, cookie="") as running:
        yield running


@pytest.fixture
def console(_served: Console, signed_in: str) -> Console:
    """A console on the test database, and a login session of this test; it has shown other tests' pages before."""
    return replace(_served, cookie=signed_in)


@pytest.fixture
def own_console(desk_environment: dict[str, str], signed_in: str) -> Iterator[Console]:
    """A console process that has seen nothing but this test."""
    from django.conf import settings

    environment = consoles.environment_of(desk_environment, secret_key=settings.SECRET_KEY)
    with consoles.running(environment, cookie=signed_in) as running:
        yield running


@pytest.fixture
def connect(database_url: str) -> Iterator[Callable[[], psycopg.Connection[Any]]]:
    """Opens connections to the test database that end with the test."""
    opened: list[psycopg.Connection[Any]] = []

    def open_one(**options: Any) -> psycopg.Connection[Any]:
        opened.append(psycopg.connect(database_url, **{"autocommit": True, **options}))
        return opened[-1]

    yield open_one
    for connection in opened:
        connection.close()


@pytest.fixture
def wire(connect: Callable[[], psycopg.Connection[Any]]) -> Iterator[PostgresWire]:
    """A wire on the test database."""
    wire = PostgresWire(connect)
    yield wire
    wire.close()
