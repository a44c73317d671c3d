from typing import TYPE_CHECKING, Any

from django.apps import AppConfig
from django.core.exceptions import ImproperlyConfigured
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

#: The oldest PostgreSQL that the tables and triggers are tried on, as `server_version_num` counts.
OLDEST_POSTGRESQL = 150_000


class TradingopsConfig(AppConfig):
    name = "tradingops"
    label = "tradingops"
    verbose_name = "Tradingops"

    def ready(self) -> None:
        from tradingops import checks, connections  # noqa: F401  (registers the checks)

        post_migrate.connect(keep_roles, dispatch_uid="tradingops.keep_roles")
        connection_created.connect(refuse_old_postgresql, dispatch_uid="tradingops.refuse_old_postgresql")
        connection_created.connect(connections.read_every_moment, dispatch_uid="tradingops.read_every_moment")


def keep_roles(*, sender: AppConfig, using: str, **_: Any) -> None:
    """Let each role have what it is declared to have, once the last app has its permissions; other groups stay."""
    from django.apps import apps
    from django.contrib.auth.models import Group, Permission

    from tradingops.people import roles

    if sender is not [each for each in apps.get_app_configs() if each.models_module is not None][-1]:
        return

    rows = Permission.objects.using(using).select_related("content_type")
    known = {f"{each.content_type.app_label}.{each.codename}": each for each in rows}
    for role in roles.DOES:
        group, _new = Group.objects.using(using).get_or_create(name=role)
        group.permissions.set(known[name] for name in roles.permissions_of(role, known))


def refuse_old_postgresql(*, connection: "BaseDatabaseWrapper", **_: Any) -> None:
    """Raise ImproperlyConfigured when a new connection leads to a PostgreSQL older than 15."""
    version = int(getattr(connection, "pg_version", OLDEST_POSTGRESQL))
    if version < OLDEST_POSTGRESQL:
        raise ImproperlyConfigured(
            f"DATABASE_URL leads to PostgreSQL {version // 10_000}.{version % 10_000}; tradingops needs 15 or newer. "
            "Name a newer server, or unset DATABASE_URL to use the private one."
        )
