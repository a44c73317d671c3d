"""The chain, read back from PostgreSQL as it is stored."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import connections

from tradingops.audit import chain

PAGE = 5_000
STORED = """
    SELECT number, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), actor, actor_id::text, address, path,
           role, action, about, key, before::text, after::text, previous, hash
      FROM audit_records WHERE number > %s ORDER BY number LIMIT %s
"""


def records(*, using: str = "default") -> Iterator[chain.Record]:
    """Yield every record in the order of the numbers, a page at a time."""
    after = -(2**63)
    while True:
        with connections[using].cursor() as cursor:
            cursor.execute(STORED, [after, PAGE])
            page = cursor.fetchall()
        for number, *texts, previous, hashed in page:
            yield chain.Record(number, texts, previous, hashed)
        if len(page) < PAGE:
            return
        after = page[-1][0]


def head(*, using: str = "default") -> chain.Head | None:
    """Return where the chain says that it ends; None where it never began."""
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT number, hash FROM audit_head")
        row = cursor.fetchone()
    return None if row is None else chain.Head(number=row[0], hash=row[1])
