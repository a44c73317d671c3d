"""Above which size closing takes a second person: what the database holds, from the environment."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connections

KEEP = """
    INSERT INTO second_person (id, above, minutes) VALUES (1, %s, %s)
        ON CONFLICT (id) DO UPDATE SET above = excluded.above, minutes = excluded.minutes
"""


class Rule(NamedTuple):
    """A notional in the desk's currency, above which a second person confirms within so many minutes."""

    above: Decimal | None
    minutes: int

    def takes_two(self, notional: Decimal) -> bool:
        """Return whether closing so much takes a second person; of what cannot be reckoned, it does."""
        return self.above is not None and (notional.is_nan() or notional > self.above)


def keep(*, using: str = "default", **_: Any) -> None:
    """Write the rule into the database, as its owner; the application may only read it."""
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT to_regclass('second_person') IS NOT NULL")
        if cursor.fetchone()[0]:
            cursor.execute(KEEP, [settings.SECOND_PERSON_ABOVE, settings.SECOND_PERSON_MINUTES])


def in_force(*, using: str = "default") -> Rule:
    """Return the rule that the database holds."""
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT above, minutes FROM second_person")
        row = cursor.fetchone()
    return Rule(None, 0) if row is None else Rule(*row)
