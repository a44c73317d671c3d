"""What people do about deliveries that went wrong: hand a strand over again, or pass over one that waits.

Both take the locks on lanes that a worker takes, so neither happens while the strand is being handled.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connections, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import Exists, OuterRef, Q, QuerySet

from strands import ids, models, roots, tags
from strands.triggers import lane_of
from tradingops.mandates import mandate
from tradingops.mandates.mandate import EVERY, Deed
from tradingops.people import acts, say
from tradingops.people.acts import Asked

_LANE = lane_of("partition").replace("%", "%%")

LANES_OF_TURNS = f"""
    SELECT DISTINCT listener, {_LANE}
      FROM module_messages WHERE message_id = ANY(%(keys)s) AND partition IS NOT NULL ORDER BY 1, 2
"""
LANES_OF_DELIVERIES = "SELECT DISTINCT listener, lane FROM deliveries WHERE seq = ANY(%(keys)s) ORDER BY 1, 2"
#: One requeueing or skipping takes so many at most.
MOST_AT_ONCE = 10_000
#: What the record of a skipped delivery takes over from it.
SAME = ("priority", "ttl_seconds", "listener", "partition", "tag", "strand_table", "strand_id")
HOLD_LANE = "SELECT pg_advisory_xact_lock(%s, %s)"

#: A new delivery for each strand whose turn failed or came too late; one that waits, or was handled, stays as it is.
REQUEUE = f"""
    WITH failed AS (
        SELECT DISTINCT ON (listener, strand_id) * FROM module_messages AS failed
         WHERE message_id = ANY(%(keys)s) AND status IN ('failed', 'expired') AND strand_id IS NOT NULL
           AND NOT EXISTS (SELECT FROM module_messages AS done
                            WHERE done.strand_id = failed.strand_id AND done.listener = failed.listener
                              AND done.status = 'delivered')
         ORDER BY listener, strand_id, sequence DESC)
    INSERT INTO deliveries (listener, strand_table, strand_id, tag, partition, lane, priority, ttl_seconds, not_before,
                            expires_at)
    SELECT listener, strand_table, strand_id, tag, partition,
           {_LANE}, priority, ttl_seconds, now(),
           now() + ttl_seconds * interval '1 second'
      FROM failed ORDER BY sequence
    ON CONFLICT (strand_id, listener) DO NOTHING
    RETURNING listener, strand_id
"""
TAKE_OUT = """
    WITH taken AS (SELECT * FROM deliveries WHERE seq = ANY(%(keys)s) FOR UPDATE)
    DELETE FROM deliveries USING taken WHERE deliveries.seq = taken.seq
    RETURNING taken.seq, taken.listener, taken.strand_table, taken.strand_id, taken.tag, taken.partition,
              taken.priority, taken.ttl_seconds, taken.attempts, taken.last_error
"""


@dataclass(frozen=True)
class Recovered:
    """How many strands were requeued or skipped, and which, by listener."""

    count: int = 0
    strands: dict[str, list[str]] = field(default_factory=dict)


def open_failures(using: str = "default") -> QuerySet[models.Message]:
    """Return turns that failed for good and that nothing was done about: not skipped, not waiting again, none later."""
    same = {"strand_id": OuterRef("strand_id"), "listener": OuterRef("listener")}
    failed = models.Message.objects.using(using).filter(status=models.Message.Status.FAILED)
    return failed.exclude(message_data__has_key="skipped_by").exclude(
        Exists(models.Delivery.objects.filter(**same))
        | Exists(models.Message.objects.filter(**same, sequence__gt=OuterRef("sequence")))
    )


def keys(rows: QuerySet[Any]) -> list[Any]:
    """Return the keys of messages or deliveries to requeue or skip, as many as are taken at once."""
    return list(rows.values_list("pk", flat=True)[:MOST_AT_ONCE])


def requeue(messages: Iterable[Any], *, asked: Asked, using: str = "default") -> Recovered:
    """Deliver strands again whose turns failed or expired, each with no attempts counted; the records stay.

    ``messages`` are keys of module_messages. A strand that waits already, or that its listener has handled, is left.
    """
    keys: dict[str, Any] = {"keys": list(messages)}
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        _hold_lanes(cursor, LANES_OF_TURNS, keys)
        _must_be_allowed(models.Message.objects.using(using).filter(pk__in=keys["keys"]), asked=asked)
        cursor.execute(REQUEUE, keys)
        done = _by_listener(cursor.fetchall())
        for listener in done.strands:
            cursor.execute("SELECT pg_notify(%s, '')", [tags.LISTENERS[listener].channel])
        _note("requeue", done, asked=asked, using=using)
    return done


def skip(deliveries: Iterable[int], *, asked: Asked, using: str = "default") -> Recovered:
    """Take waiting deliveries out, each recorded as a failed turn that says by whom it was skipped and why.

    ``deliveries`` are the ``seq`` of deliveries; one that is no longer there is passed over.
    """
    keys: dict[str, Any] = {"keys": list(deliveries)}
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        _hold_lanes(cursor, LANES_OF_DELIVERIES, keys)
        _must_be_allowed(models.Delivery.objects.using(using).filter(pk__in=keys["keys"]), asked=asked)
        cursor.execute(TAKE_OUT, keys)
        names = [column.name for column in cursor.description or ()]
        taken = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        models.Message.objects.using(using).bulk_create(_record(row, asked=asked) for row in taken)
        done = _by_listener([(row["listener"], row["strand_id"]) for row in taken])
        _note("skip", done, asked=asked, using=using)
    return done


def within(rows: QuerySet[Any], symbols: Iterable[str] | None) -> QuerySet[Any]:
    """Return the messages or deliveries that are about some symbols; all of them for None."""
    if symbols is None:
        return rows
    named = list(symbols)
    about = Q(partition__in=named)
    for model in models.STRANDS.values():
        of_table = rows.filter(strand_table=model._meta.db_table).values("strand_id")
        about |= Q(strand_id__in=model._default_manager.filter(id__in=of_table, symbol__in=named).values("id"))
    return rows.filter(about)


def _must_be_allowed(rows: QuerySet[Any], *, asked: Asked) -> None:
    """Raise Outside where one of these rows is about a symbol outside a mandate, or about all of them."""
    symbols = mandate.symbols(asked.within)
    inside = within(rows, symbols).values("pk")
    for partition in rows.exclude(pk__in=inside).values_list("partition", flat=True)[:1] if symbols is not None else ():
        asked.must_be_allowed(Deed(symbol=partition or EVERY))
    asked.must_be_allowed(Deed())


def _hold_lanes(cursor: CursorWrapper, lanes: str, keys: dict[str, Any]) -> None:
    """Wait until no worker is at these lanes, and keep them to the end; always in one order, so that none deadlocks."""
    cursor.execute(lanes, keys)
    for listener, lane in cursor.fetchall():
        cursor.execute(HOLD_LANE, [tags.LISTENERS[listener].lock_key, lane])


def _record(row: dict[str, Any], *, asked: Asked) -> models.Message:
    """Return the record of a turn that a person decided should not happen."""
    root = roots.ROOTS.get(row["listener"])
    at = ids.moment(row["strand_id"]) or asked.at
    attempt = (row["seq"], row["attempts"], "skipped")
    return models.Message(
        message_id=ids.message_id(at, row["listener"], row["strand_id"], row["tag"], "failed", *attempt),
        receiver_module_id=root.module_id if root else None,
        message_type=tags.TAGS[row["tag"]].message_type,
        message_data={"skipped_by": asked.by, "reason": asked.reason, "last_error": row["last_error"]},
        status=models.Message.Status.FAILED,
        given="",
        delivery_attempts=row["attempts"],
        last_delivery_attempt=asked.asked_at,
        error_message=f"skipped by {asked.by}: {asked.reason}",
        **{name: row[name] for name in SAME},
    )


def _by_listener(rows: Sequence[tuple[str, str]]) -> Recovered:
    strands: dict[str, list[str]] = {}
    for listener, strand in rows:
        strands.setdefault(listener, []).append(strand)
    return Recovered(len(rows), strands)


def _note(action: str, done: Recovered, *, asked: Asked, using: str) -> None:
    """Say on the wire what a person did, one note a listener; nothing done, nothing said."""
    for listener, strands in done.strands.items():
        about = {"listener": listener, "strand_ids": strands}
        say.publish(acts.note(action, asked=asked, about=about), using=using)
