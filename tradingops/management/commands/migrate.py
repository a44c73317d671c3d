"""`manage.py migrate`: Django's own, as the database's owner; then the application's role has its rights again."""

from __future__ import annotations

from typing import Any

from django.core.management.commands import migrate

from tradingops import connections
from tradingops.database_roles import grants


class Command(migrate.Command):
    help = (
        "Bring the tables up to date as the database's owner, and give the application's role its rights. "
        "Example: manage.py migrate"
    )

    def handle(self, *args: Any, **options: Any) -> None:
        using = options["database"]
        with connections.as_owner(using):
            super().handle(*args, **options)
        grants.give_to_application(using)
