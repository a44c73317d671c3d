"""What every test may ask for."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest
import pytest_django

from tests import addresses, chromiums, emptying, sharing
from tradingops import localpg

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

TESTS = Path(__file__).parent
UNIT = TESTS / "unit"

hypothesis.settings.register_profile("default", deadline=None, max_examples=60)
hypothesis.settings.register_profile("ci", deadline=None, max_examples=60, derandomize=True, print_blob=True)
hypothesis.settings.register_profile("deep", deadline=None, max_examples=2000)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "default"))


@pytest.hookimpl(tryfirst=True, optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    return sharing.Sharing(config, log) if config.getvalue("dist") == "loadfile" else None


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    sharing.long_ones_first(items)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Start the tests' private PostgreSQL when the first test asks for a database."""
    from django.conf import settings

    if settings.PRIVATE_CLUSTER:
        localpg.private(settings.PRIVATE_CLUSTER).ensure()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: pytest_django.DjangoDbBlocker) -> Iterator[None]:
    """Let tests with real commits empty the tables, which the desk's triggers forbid to everyone, and do so quickly."""
    with django_db_blocker.unblock(), emptying.quick():
        yield
        emptying.end_other_sessions()


@pytest.fixture(autouse=True)
def tests_in_memory_touch_no_database(request: pytest.FixtureRequest) -> None:
    """Fail a unit test, or one in memory, that asks for a database; pytest-django refuses one that merely uses it."""
    if UNIT not in request.path.parents and not request.node.get_closest_marker("in_memory"):
        return
    asked = {"db", "transactional_db", "django_db_setup"} & set(request.fixturenames)
    if asked or request.node.get_closest_marker("django_db"):
        pytest.fail(f"{request.node.nodeid} runs in memory and asks for a database; move it to tests/integration")


@pytest.fixture
def database_url(transactional_db: None) -> str:
    """The address of the test database, as DATABASE_URL takes it."""
    from django.db import connection

    return addresses.url_of(connection.settings_dict)


@pytest.fixture
def desk_environment(transactional_db: None, tmp_path: Path) -> dict[str, str]:
    """The environment of a child process that works on the test database and keeps its files to itself."""
    from django.db import connection

    return addresses.desk_of(connection.settings_dict, tmp_path)


@pytest.fixture(scope="session")
def bars_folder() -> Path:
    """The folder of recorded bars that TRADINGOPS_BARS names."""
    given = os.environ.get("TRADINGOPS_BARS")
    if not given or not Path(given).is_dir():
        pytest.skip("TRADINGOPS_BARS names no folder of recorded bars")
    return Path(given)


@pytest.fixture
def chromium() -> Iterator[Browser]:
    """A browser for one test: while one is open, Django takes its thread for asyncio's and refuses the database."""
    with chromiums.running() as browser:
        yield browser


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A fresh window with cookies of its own."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(15_000)
    yield context.new_page()
    context.close()
