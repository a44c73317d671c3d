"""Which plans the inbox shows to whom, the nearest deadline first, and what is known of one of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Now

from portfolio.reviews.models import Review
from portfolio.trades.models import Trade
from strands.lessons.models import Lesson
from strands.models import DecisionStrand, MarketStrand, PeopleStrand
from tradingops.mandates import mandates
from tradingops.people import asides

TABS = ("waiting", "ended")
PAGE = 50
#: How many ended plans like one are told beside it.
ALIKE = 5


class Misasked(ValueError):
    """A filter that means nothing: the message names the field, the value, the rule and the way out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A filter of the inbox as the address names it; ``after`` is the key of the last row of the page before."""

    tab: str = TABS[0]
    symbol: str = ""
    needs: str = ""
    after: str = ""

    @property
    def parameters(self) -> dict[str, str]:
        named = {"tab": self.tab if self.tab != TABS[0] else "", "symbol": self.symbol, "needs": self.needs}
        return {name: value for name, value in named.items() if value}

    def address(self, **more: str) -> str:
        return "?" + urlencode({**self.parameters, **more})


def wanted(given: Mapping[str, str]) -> Wanted:
    """Return what an address asks for; raises Misasked for a value that is none of its field's."""
    tab, needs = given.get("tab") or TABS[0], given.get("needs", "")
    for field, value, known in (("tab", tab, TABS), ("needs", needs, ("", *Review.Needs.values))):
        if value not in known:
            raise Misasked(f"{field}: {value!r} is none; it is one of {', '.join(filter(None, known))}")
    return Wanted(tab=tab, symbol=given.get("symbol", "").strip(), needs=needs, after=given.get("after", ""))


def found(asked: Wanted, user: Any) -> QuerySet[Review]:
    """Return the plans of a filter that a user may see, in the order in which they are stated."""
    waits = asked.tab == TABS[0]
    rows = mandates.bounded(Review.objects.filter(outcome__isnull=waits), user)
    rows = rows.filter(symbol=asked.symbol) if asked.symbol else rows
    rows = rows.filter(needs=asked.needs) if asked.needs else rows
    return rows.order_by("deadline", "id") if waits else rows.order_by("-asked_at", "-id")


def page(asked: Wanted, user: Any) -> tuple[list[Review], str]:
    """Return one page of rows, and the key of its last row where more follow; raises Misasked for no key."""
    rows = found(asked, user)
    if asked.after:
        rows = rows.filter(_beyond(asked))
    shown = list(rows[: PAGE + 1])
    more, shown = len(shown) > PAGE, shown[:PAGE]
    return shown, _key(asked, shown[-1]) if more else ""


def waiting(user_symbols: frozenset[str] | None) -> QuerySet[Review]:
    """Return the plans that wait, as far as somebody's mandates let them see symbols."""
    rows = Review.objects.filter(outcome__isnull=True)
    return rows if user_symbols is None else rows.filter(symbol__in=sorted(user_symbols))


def one(key: str) -> tuple[Review, datetime] | None:
    """Return a plan by its key, with the desk's present, in one question."""
    newest = MarketStrand.objects.filter(kind="bar").order_by("-id").values("at")[:1]
    found = Review.objects.annotate(present=Coalesce(Subquery(newest), Now())).filter(pk=key).first()
    return None if found is None else (found, found.present)


def shown(item: Review) -> DecisionStrand | None:
    """Return the strand that holds what people see of a plan: the newest question, or the decision in the end."""
    return DecisionStrand.objects.filter(pk=item.decision_id or item.shown_id).first()


class Alike(NamedTuple):
    """A trade like a plan, or a plan like it that people were asked about: when and how it ended, what it earned."""

    was_asked: bool
    id: str
    at: datetime
    earned: Decimal | None
    ended: str


def alike(item: Review) -> list[Alike]:
    """Return the last trades of the same symbol and direction, then the last plans like it, in one question."""
    same = {"symbol": item.symbol, "direction": item.direction}
    traded = Trade.objects.filter(**same).order_by(F("closed_at").desc(), F("id").desc())
    asked = Review.objects.filter(**same, outcome__isnull=False).exclude(pk=item.pk).order_by("-asked_at", "-id")
    earned = Trade.objects.filter(lifecycle_id=OuterRef("lifecycle_id")).order_by("-closed_at").values("pnl")[:1]
    trades = traded.values_list(Value(False), F("lifecycle_id"), "closed_at", "pnl", "close_reason")
    plans = asked.values_list(Value(True), "id", "asked_at", Subquery(earned), "outcome")
    found = [Alike(*each) for each in trades[:ALIKE].union(plans[:ALIKE], all=True)]
    return sorted(found, key=lambda each: (each.was_asked, -each.at.timestamp()))


def beside(item: Review, user: Any, *, way: str) -> str | None:
    """Return the plan that waits next, or the one before, in the order of the list; None where there is none."""
    rows = found(Wanted(), user)
    here = {"deadline": item.deadline, "id": item.id}
    if way == "next":
        rows = rows.filter(Q(deadline__gt=here["deadline"]) | Q(deadline=here["deadline"], id__gt=here["id"]))
    else:
        rows = rows.filter(Q(deadline__lt=here["deadline"]) | Q(deadline=here["deadline"], id__lt=here["id"])).reverse()
    return rows.values_list("id", flat=True).first()


def titles(lessons: Sequence[str]) -> list[tuple[str, str]]:
    """Return the ids and titles of lessons, those that are known."""
    if not lessons:
        return []
    return list(Lesson.objects.filter(lesson_id__in=lessons).values_list("lesson_id", "title"))


def notes(lifecycles: Iterable[str | None]) -> list[PeopleStrand]:
    """Return what people said beside the plans of these lifecycles, and whom they gave them to, in order."""
    wanted = [each for each in lifecycles if each]
    found = PeopleStrand.objects.filter(kind="note", lifecycle_id__in=wanted)
    return list(found.filter(op_note__action__in=asides.ACTIONS).order_by("said"))


def _key(asked: Wanted, row: Review) -> str:
    at = row.deadline if asked.tab == TABS[0] else row.asked_at
    return f"{at.isoformat()}~{row.id}"


def _beyond(asked: Wanted) -> Q:
    text, _, identity = asked.after.partition("~")
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None or not identity:
        raise Misasked(f"after: {asked.after!r} is no place in the list; begin with its first page")
    if asked.tab == TABS[0]:
        return Q(deadline__gt=at) | Q(deadline=at, id__gt=identity)
    return Q(asked_at__lt=at) | Q(asked_at=at, id__lt=identity)
