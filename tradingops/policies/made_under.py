"""Under which versions of policies answers were made, told from the records of the turns that made them."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from django.db import connection

#: A turn's record names the last ruling that it knew: of the versions said until then, and not withdrawn by then, the
#: one said last that counted at the turn's moment was in force; of all symbols, and of the turn's own.
_MADE = """
    SELECT DISTINCT turn.listener, about.symbol, COALESCE(version.number, 0)
      FROM module_messages AS turn
     CROSS JOIN LATERAL (SELECT '' AS symbol UNION SELECT COALESCE(turn.partition, '')) AS about
      LEFT JOIN LATERAL (SELECT said FROM op_strands WHERE id = turn.given) AS known ON true
      LEFT JOIN LATERAL (
           SELECT each.number FROM policy_versions AS each
            WHERE each.policy = turn.listener AND each.symbol = about.symbol AND each.said <= known.said
              AND (each.begins IS NULL OR each.begins <= turn.now) AND (each.ends IS NULL OR turn.now < each.ends)
              AND NOT EXISTS (SELECT FROM op_strands AS undone
                               WHERE undone.id = each.withdrawn AND undone.said <= known.said)
            ORDER BY each.said DESC LIMIT 1) AS version ON true
     WHERE turn.strand_id = ANY(%(causes)s) AND turn.message_data -> 'answers' ?| %(answers)s
       AND (about.symbol = '' OR version.number IS NOT NULL)
     ORDER BY turn.listener, about.symbol, 3
"""


class MadeUnder(NamedTuple):
    """A version under which some of the answers were made; number 0 is the defaults."""

    policy: str
    symbol: str
    number: int


def versions(*, causes: Collection[str], answers: Collection[str]) -> list[MadeUnder]:
    """Return the versions under which answers to these causes were made, by policy; none for what is not recorded."""
    if not causes or not answers:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_MADE, {"causes": list(causes), "answers": list(answers)})
        return [MadeUnder(*row) for row in cursor.fetchall()]
