"""Under which versions of policies strands were made: a view over the records of the turns that said them."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from django.db import connection

from strands import tables

#: Whose strands are made in turns, by a policy: the market's stand at the entrance, people say theirs themselves.
MADE_IN_TURNS = tuple(each.name for each in tables.TABLES.values() if each.module not in ("market", "op"))
#: The smallest key of a turn whose cause is of a moment: the key's first 48 bits are its milliseconds.
_KEY = "(lpad(to_hex(floor(greatest(extract(epoch FROM {at}), 0) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid"
#: A strand and the turn that said it are of one moment, so the turn is found by its key. Its record names the last
#: ruling that it knew: of the versions said until then, and not withdrawn by then, the one said last that counted at
#: the turn's moment was in force; of all symbols, and of the turn's own. Number 0 is the defaults.
VIEW = f"""
CREATE VIEW made_under AS
    SELECT said.id AS strand_id, said.kind, turn.listener AS policy, about.symbol,
           COALESCE(version.number, 0) AS number, version.publication, version.content, turn.now AS at
      FROM ({" UNION ALL ".join(f"SELECT id, module, kind, at FROM {each}" for each in MADE_IN_TURNS)}) AS said
      JOIN module_messages AS turn
        ON turn.listener = said.module AND turn.status = 'delivered' AND turn.message_data -> 'answers' ? said.id
       AND turn.message_id >= {_KEY.format(at="said.at")}
       AND turn.message_id < {_KEY.format(at="said.at + interval '1 millisecond'")}
     CROSS JOIN LATERAL (SELECT '' AS symbol UNION SELECT COALESCE(turn.partition, '')) AS about
      LEFT JOIN LATERAL (SELECT ruling.said FROM op_strands AS ruling WHERE ruling.id = turn.given) AS known ON true
      LEFT JOIN LATERAL (
           SELECT each.number, each.publication, each.content FROM policy_versions AS each
            WHERE each.policy = turn.listener AND each.symbol = about.symbol AND each.said <= known.said
              AND (each.begins IS NULL OR each.begins <= turn.now) AND (each.ends IS NULL OR turn.now < each.ends)
              AND NOT EXISTS (SELECT FROM op_strands AS undone
                               WHERE undone.id = each.withdrawn AND undone.said <= known.said)
            ORDER BY each.said DESC LIMIT 1) AS version ON true
     WHERE about.symbol = '' OR version.number IS NOT NULL
"""
_OF = """
    SELECT policy, symbol, number, max(content::text)::jsonb::text, array_agg(DISTINCT kind ORDER BY kind)
      FROM made_under WHERE strand_id = ANY(%(strands)s) GROUP BY policy, symbol, number ORDER BY policy, symbol, number
"""


class MadeUnder(NamedTuple):
    """A version under which some strands were made, with their kinds; number 0 is the defaults, without content."""

    policy: str
    symbol: str
    number: int
    content: str | None
    kinds: list[str]


def versions(strands: Collection[str]) -> list[MadeUnder]:
    """Return the versions under which strands were made, by policy; none for what no turn is recorded of."""
    if not strands:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_OF, {"strands": list(strands)})
        return [MadeUnder(*row) for row in cursor.fetchall()]
