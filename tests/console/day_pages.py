"""Every page of the console as a filled desk makes it: the addresses, and what is wrong with what they answer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from curators.dsi.models import Evidence
from strands import kinds, models, tables
from strands.lessons.models import Lesson
from tests.console import page_words, rows

MOST_QUERIES = 12
#: The dashboard shows the whole desk at once, within the mandates of who looks, and counts for the menu now and then.
MOST_QUERIES_OF_THE_DASHBOARD = 18
#: What begins or ends a story besides a plan's fate.
STORIES = (
    *(("alpha", "counterfactual"), ("alpha", "anomaly"), ("risk", "risk_update"), ("trader", "fill")),
    *(("op", "halt"), ("op", "policy_changed"), ("op", "note"), ("op", "lesson_verdict")),
)
TABS = ("failed", "retrying", "waiting", "expired", "delivered")


def opened(chief: Client, address: str) -> str:
    """Return a page that answers, with few queries."""
    with CaptureQueriesContext(connection) as asked:
        answer = chief.get(address)
    assert answer.status_code == 200, address
    is_dashboard = address.partition("?")[0] in (at("index"), at("console_dashboard"))
    most = MOST_QUERIES_OF_THE_DASHBOARD if is_dashboard else MOST_QUERIES
    assert len(asked) <= most, (address, len(asked))
    return str(answer.content.decode())


def faults(chief: Client, addresses: Iterable[str], *, of_records: bool = False) -> list[tuple[str, str]]:
    """Return what pages say as none may, each with the page's address."""
    return [(address, fault) for address in addresses for fault in _faults(opened(chief, address), of_records)]


def _faults(html: str, of_records: bool) -> list[str]:
    empty = ["a strand told in no word"] if "" in page_words.cells(html, "in short") else []
    return [*page_words.faults(html, of_a_record=of_records), *empty]


def at(name: str, *arguments: Any, **asked: Any) -> str:
    address = reverse(f"admin:{name}", args=arguments)
    return f"{address}?{urlencode(asked)}" if asked else address


def room(model: type[Model], page: str, *arguments: Any) -> str:
    return at(f"{model._meta.app_label}_{model._meta.model_name}_{page}", *arguments)


def lists(chief: Client, model: type[Model]) -> list[str]:
    """Return the addresses of a table's list: all of it, what each kind leaves, and the first choice of each filter."""
    whole = room(model, "changelist")
    shown = chief.get(whole).context["cl"].filter_specs
    choices = {each.parameter_name: [word for word, _ in getattr(each, "lookup_choices", ())] for each in shown}
    chosen = [(name, word) for name, words in choices.items() for word in (words if name == "kind" else words[:1])]
    return [whole, *(f"{whole}?{urlencode({name: word})}" for name, word in chosen)]


def strands_of(role: str, kind: str) -> Any:
    [model] = [each for each in models.STRANDS.values() if each._meta.db_table == kinds.ROLES[role].table]
    return model._default_manager.filter(kind=kind).order_by("-id")


def payload(strand: Any) -> dict[str, Any]:
    names = tables.BY_NAME[strand._meta.db_table].payload
    return {name: value for name in names if (value := getattr(strand, name)) is not None}


def example(role: str, kind: str) -> Any:
    """Return the newest strand of a kind; of a lesson's changes the newest that changed something."""
    found = strands_of(role, kind)
    if kind != "lesson":
        return found[0]
    return next(each for each in found if each.lesson_metadata["before"] != each.lesson_metadata["standing"])


def decisions(reason: str) -> list[Any]:
    return list(strands_of("dm", "decision").filter(dm_decision__decision_type="reject", dm_decision__reason=reason))


# --- addresses


def _home() -> list[str]:
    return [at("index"), *(at("console_dashboard", span=span) for span in ("all", "1d", "1h"))]


def _live() -> list[str]:
    asked = [{}, {"ticks": "1"}, {"symbol": "BTC"}, {"kind": "decision"}, *({"module": role} for role in kinds.ROLES)]
    return [at("console_live", **each) for each in asked]


def _messages() -> list[str]:
    return [at("console_messages", tab=tab, **more) for tab in TABS for more in ({}, {"q": "BTC"}, {"listener": "dm"})]


def _dialogs() -> list[str]:
    """Return the dialogs of what failed, of what is tried again, and of the first that waits."""
    failed = models.Message.objects.filter(status="failed")
    tried, waiting = models.Delivery.objects.filter(attempts__gt=0), models.Delivery.objects.filter(attempts=0)
    keys = {"failed": _keys(failed), "retrying": _keys(tried), "waiting": _keys(waiting)[:1]}
    why = [at("console_messages_action", "why", tab=tab, one=key) for tab, found in keys.items() for key in found]
    doing = {"requeue": "failed", "skip": "waiting"}
    return [*why, *(at("console_messages_action", action, tab=tab) for action, tab in doing.items())]


def _keys(rows: Any) -> list[Any]:
    """Return the keys of the first few rows."""
    return list(rows.order_by("pk").values_list("pk", flat=True)[:4])


def _lessons() -> list[str]:
    learned = Lesson.objects.values_list("lesson_id", flat=True)
    doing = [at("console_lesson_action", each, action) for each in learned for action in ("activate", "retire")]
    return [*(at("console_lesson", each) for each in learned), *doing]


def _evidence() -> list[str]:
    return [at("console_evidence", each) for each in Evidence.objects.values_list("evidence_id", flat=True)]


def _scorecards() -> list[str]:
    return [at("console_scorecard", module=module) for module in ("alpha", "dm", "trader")]


def _curators() -> list[str]:
    scored = {
        "alpha": "AlphaCuratorPerformance",
        "dm": "DecisionCuratorPerformance",
        "trader": "TraderCuratorPerformance",
    }
    by_name = {model.__name__: model for model in rows.models()}
    return [
        at("console_scorecard_curator", module, name)
        for module, model in scored.items()
        for name in by_name[model]._default_manager.values_list("curator_type", flat=True).distinct().order_by()
    ]


def _stories() -> list[str]:
    """Return a story of each fate and of each that began in another way."""
    decided = strands_of("dm", "decision")
    told = [
        *(decided.filter(dm_decision__decision_type=fate).first() for fate in ("approve", "modify", "reject")),
        *(strands_of("trader", "position").filter(tr_outcome__outcome=fate).first() for fate in ("win", "loss")),
        decided.filter(dm_decision__reason="halted").first(),
        *strands_of("alpha", "withheld"),
        *(strands_of(*said).first() for said in STORIES),
    ]
    return [at("console_lifecycle", each) for each in sorted({each.lifecycle_id for each in told if each})]


def _searches() -> list[str]:
    words = [strands_of("dm", "decision")[0].id.lower(), "live", "BTC"]
    return [at("search", s=word, extended="1") for word in words]


PAGES = {
    "home": _home,
    "live": _live,
    "messages": _messages,
    "dialogs": _dialogs,
    "lessons": _lessons,
    "evidence": _evidence,
    "scorecards": _scorecards,
    "curators": _curators,
    "stories": _stories,
    "searches": _searches,
}
