from typing import TYPE_CHECKING, Any

from django.apps import AppConfig
from django.core.exceptions import ImproperlyConfigured
from django.db.backends.signals import connection_created

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

#: The oldest PostgreSQL that the tables and triggers are tried on, as `server_version_num` counts.
OLDEST_POSTGRESQL = 150_000


class TradingopsConfig(AppConfig):
    name = "tradingops"
    label = "tradingops"
    verbose_name = "Tradingops"

    def ready(self) -> None:
        from tradingops import checks  # noqa: F401  (registers the checks)

        connection_created.connect(refuse_old_postgresql, dispatch_uid="tradingops.refuse_old_postgresql")


def refuse_old_postgresql(*, connection: "BaseDatabaseWrapper", **_: Any) -> None:
    """Raise ImproperlyConfigured when a new connection leads to a PostgreSQL older than 15."""
    version = int(getattr(connection, "pg_version", OLDEST_POSTGRESQL))
    if version < OLDEST_POSTGRESQL:
        raise ImproperlyConfigured(
            f"DATABASE_URL leads to PostgreSQL {version // 10_000}.{version % 10_000}; tradingops needs 15 or newer. "
            "Name a newer server, or unset DATABASE_URL to use the private one."
        )
