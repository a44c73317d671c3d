"""What happened that somebody is to be told of: found in what was said, and left in the outbox once a person and way.

Nothing here speaks to anybody outside: telling costs a desk a few queries, whatever becomes of what is sent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Set
from datetime import timedelta
from functools import partial
from typing import Any, NamedTuple

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Max
from django.db.models.functions import Now
from django.urls import reverse

from portfolio.reviews.models import Review
from strands.json_values import at
from strands.models import DecisionStrand, PeopleStrand, Worker
from tradingops.heartbeat import DEAD_AFTER
from tradingops.mandates import mandates
from tradingops.notices import events
from tradingops.notices.models import Notice, Place, Way
from tradingops.people import persons, recovery, reviewers, say
from tradingops.policies.models import State, Version

#: How many strands behind the last one are looked through again: what committed late.
OVERLAP = 2_000
#: The most of one sort that one round looks at, and what it remembers having told.
MOST, KNOWN = 500, 20_000
#: A deadline is near when no more than this is left of the time to answer [share], and no more than so long.
NEAR_SHARE, NEAR = 0.25, timedelta(minutes=5)
#: Whom a plan waits for, in words.
PEOPLE = {"one": "one person", "two": "two people"}
#: How long a notice is kept, and every how many rounds older ones are looked for.
KEPT, FORGET_EVERY = timedelta(days=30), 7_200


class Told(NamedTuple):
    """One thing to tell: in which words, and whom of those with the right it concerns, None for all of them."""

    event: str
    key: str
    words: str
    path: str
    about: dict[str, Any]
    people: Callable[[], Set[str]] | None = None
    symbol: str | None = None


class Looking:
    """Looks for what is new again and again; what it left in the outbox it remembers for a while.

    Another process that looks meanwhile finds the same, and leaves nothing twice: the outbox holds each once.
    """

    def __init__(self) -> None:
        self._known: dict[str, None] = {}
        self._rounds = 0

    def __call__(self) -> int:
        """Leave what is new in the outbox; return how many notices that may be."""
        if self._rounds % FORGET_EVERY == 0:
            forget()
        self._rounds += 1
        people: dict[str, list[User]] = {}
        made: list[Notice] = []
        found = [told for find in SOURCES for told in find() if told.key not in self._known]
        for told in found:
            right = events.EVENTS[told.event].right
            if right not in people:
                people[right] = reviewers.with_the_right(right)
            concerned = _concerned(told, people[right])
            made += [each for person in concerned for each in _notices(told, person)]
        Notice.objects.bulk_create(made, ignore_conflicts=True, batch_size=MOST)
        transaction.on_commit(lambda: self._remember([told.key for told in found]))
        return len(made)

    def _remember(self, keys: Iterable[str]) -> None:
        self._known.update(dict.fromkeys(keys))
        for key in list(self._known)[:-KNOWN]:
            del self._known[key]


def _concerned(told: Told, able: Iterable[User]) -> list[User]:
    """Return those of the people with the right whom something concerns, and whose mandates let them see it."""
    whom = told.people() if told.people else None
    return [
        each
        for each in able
        if (whom is None or persons.of_user(each) in whom)
        and (told.symbol is None or mandates.may_see(each, told.symbol))
    ]


def _notices(told: Told, person: User) -> Iterator[Notice]:
    """Yield what one person is told by each of their ways that wants to hear of it."""
    ways = _ways(person)
    if told.event in ways.get(Way.Sort.BELL, events.EVENTS):
        yield notice(told, person, None)
    for way in ways["ways"]:
        if told.event in way.events:
            yield notice(told, person, way)


def _ways(person: User) -> dict[str, Any]:
    kept: dict[str, Any] | None = getattr(person, "_notice_ways", None)
    if kept is None:
        rows = list(Way.objects.filter(person=person))
        kept = {"ways": [each for each in rows if each.sort != Way.Sort.BELL]}
        kept |= {each.sort: each.events for each in rows if each.sort == Way.Sort.BELL}
        person._notice_ways = kept  # type: ignore[attr-defined]
    return kept


def notice(told: Told, person: Any, way: Way | None) -> Notice:
    """Return one notice, not saved: on the bell where there is no way, else waiting to go out."""
    return Notice(
        person=person,
        way=way,
        event=told.event,
        key=told.key,
        words=told.words,
        path=told.path,
        about=told.about,
        state=Notice.State.BELL if way is None else Notice.State.WAITING,
    )


# --- what happened


def _said(model: Any, **wanted: Any) -> list[Any]:
    """Return the strands of a table since the last look, and those shortly before it, which may have come late."""
    table = model._meta.db_table
    newest = model.objects.aggregate(most=Max("said"))["most"] or 0
    place, is_new = Place.objects.get_or_create(table=table, defaults={"floor": newest, "said": newest})
    if is_new or newest == place.said:
        return []
    since = max(place.floor, place.said - OVERLAP)
    found = list(model.objects.filter(said__gt=since, said__lte=newest, **wanted).order_by("said")[:MOST])
    # Where there is more than one round takes, the next goes on from the last that was looked at.
    Place.objects.filter(pk=table).update(said=found[-1].said + OVERLAP if len(found) == MOST else newest)
    return found


def _waits() -> Iterator[Told]:
    """A plan waits: told as soon as the desk knows who may decide, to them."""
    for item in Review.objects.filter(outcome__isnull=True, may_decide__isnull=False).order_by("-asked_at")[:MOST]:
        yield _of_review(
            item, events.WAITS, f"{item.id}:{item.version}", f"waits for {PEOPLE[item.needs]} until {_until(item)}"
        )


def _near() -> Iterator[Told]:
    now = say.present()
    soon = Review.objects.filter(outcome__isnull=True, deadline__gt=now, deadline__lte=now + NEAR)
    for item in soon.order_by("deadline")[:MOST]:
        if item.deadline - now <= min(NEAR, (item.deadline - item.asked_at) * NEAR_SHARE):
            yield _of_review(item, events.NEAR, f"{item.id}:{item.deadline.isoformat()}", f"ends at {_until(item)}")


def _decided() -> Iterator[Told]:
    ended = _said(DecisionStrand, kind="decision", dm_decision__has_key="review")
    keys = [at(each.dm_decision, "review.item") for each in ended]
    for item in Review.objects.filter(pk__in=[key for key in keys if key], outcome__isnull=False):
        yield _of_review(item, events.DECIDED, item.id, f"{item.outcome}")._replace(people=None)


def _of_review(item: Review, event: str, key: str, words: str) -> Told:
    return Told(
        event=event,
        key=f"{event}:{key}",
        words=f"{item.direction} {item.symbol}: {words}",
        path=reverse("admin:console_inbox_item", args=[item.id]),
        about={"item": item.id, "symbol": item.symbol, "deadline": item.deadline.isoformat(), "outcome": item.outcome},
        people=partial(_eligible, item),
        symbol=item.symbol,
    )


def _eligible(item: Review) -> Set[str]:
    return set(reviewers.eligible(item).values())


def _until(item: Review) -> str:
    return f"{item.deadline:%Y-%m-%d %H:%M:%S} UTC"


def _halts() -> Iterator[Told]:
    for strand in _said(PeopleStrand, kind="halt"):
        says = strand.op_halt or {}
        scope = str(says.get("scope"))
        words = f"{scope} is {says.get('state')}, by {says.get('by')}: {says.get('reason')}"
        symbol = scope.partition(":")[2] if scope.startswith("symbol:") else None
        about = {"scope": scope, "state": says.get("state")}
        yield Told(events.HALT, f"halt:{strand.id}", words, reverse("admin:index"), about, symbol=symbol)


def _policies() -> Iterator[Told]:
    for version in Version.objects.filter(state=State.REVIEW).prefetch_related("authors")[:MOST]:
        wrote = {f"{persons.USER}:{each.person}" for each in version.authors.all()}
        words = f"version {version.number} of {version} waits for a second person: {version.reason}"
        path = reverse("admin:console_policy_version", args=[version.policy, version.number])
        about = {"policy": version.policy, "number": version.number}
        others = partial(_all_but, wrote)
        yield Told(events.POLICY, f"policy:{version.pk}", words, path, about, others, version.symbol or None)


def _all_but(wrote: Set[str]) -> Set[str]:
    able = reviewers.with_the_right(events.EVENTS[events.POLICY].right)
    return {persons.of_user(each) for each in able} - wrote


def _listeners() -> Iterator[Told]:
    """A listener whose last worker died: none is told that took its leave, nor one that another process runs."""
    dead = timedelta(seconds=DEAD_AFTER)
    alive = set(Worker.objects.filter(beat_at__gt=Now() - dead).values_list("listener", flat=True))
    last = Worker.objects.exclude(listener__in=alive).values("listener").annotate(beat=Max("beat_at"))
    for each in last:
        words = f"{each['listener']} has no living worker since {each['beat']:%Y-%m-%d %H:%M:%S} UTC"
        key, about = f"listener:{each['listener']}:{each['beat'].isoformat()}", {"listener": each["listener"]}
        yield Told(events.LISTENER, key, words, reverse("admin:strands_worker_changelist"), about)


def _failed() -> Iterator[Told]:
    for each in recovery.open_failures().order_by("-pk")[:20]:
        words = f"{each.listener} failed on {each.strand_id}: {each.error_message or ''}"[:300]
        about = {"listener": each.listener, "strand": each.strand_id}
        yield Told(events.FAILED, f"failed:{each.pk}", words, reverse("admin:console_messages"), about)


#: What finds what happened, each for one event.
SOURCES: tuple[Callable[[], Iterable[Told]], ...] = (
    _waits, _near, _decided, _halts, _policies, _listeners, _failed
)  # fmt: skip


def forget(older_than: timedelta = KEPT) -> int:
    """Delete notices of long ago that wait for nobody; return how many."""
    old = Notice.objects.filter(created_at__lt=Now() - older_than).exclude(state=Notice.State.WAITING)
    return old.delete()[0]
