"""What tests of the console may ask for."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
import pytest_django

from strands.wires.postgres import PostgresWire
from tests import addresses, forks
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
def served(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[forks.Forks]:
    """What begins consoles on the test database."""
    from django.conf import settings
    from django.db import connection

    desk = addresses.desk_of(connection.settings_dict, tmp_path_factory.mktemp("desk"))
    with forks.of("tests.console.serving", consoles.environment_of(desk, secret_key=settings.SECRET_KEY)) as served:
        yield served


@pytest.fixture(scope="module")
def _shown(
    served: forks.Forks,
    django_db_blocker: pytest_django.DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Console]:
    """A console process on the test database that serves all tests of a file whose pages it only shows."""
    with consoles.running(served, tmp_path_factory.mktemp("console") / "console.log", cookie="") as running:
        yield running
    with django_db_blocker.unblock():
        _until_alone()


def _until_alone() -> None:
    """Wait until the console's last sessions have ended: the database is dropped next."""
    from django.db import connection

    others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    for _ in range(100):
        with connection.cursor() as cursor:
            cursor.execute(f"{others} AND backend_type = 'client backend'")
            if not cursor.fetchone()[0]:
                return
        time.sleep(0.1)


@pytest.fixture
def console(_shown: Console, signed_in: str) -> Console:
    """A console on the test database, and a login session of this test; other tests of its file have used it before."""
    return replace(_shown, cookie=signed_in)


@pytest.fixture
def own_console(served: forks.Forks, signed_in: str, tmp_path: Path) -> Iterator[Console]:
    """A console process that has seen nothing but this test."""
    with consoles.running(served, tmp_path / "console.log", cookie=signed_in) as running:
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
