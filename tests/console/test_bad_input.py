"""Whatever is asked of the console, and whatever row lies in its tables, no page falls over it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, ClassVar

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.core.handlers import wsgi
from django.db import DatabaseError, connection, transaction
from django.db.models import JSONField
from django.http import QueryDict
from django.test import Client
from django.urls import reverse
from django.urls.converters import IntConverter

from strands import ids, models
from tests.console import desk

pytestmark = pytest.mark.django_db

ANSWERS = {200, 302, 400, 404, 405}
NUL = "%00"
#: Values that a key, a place or a number in an address may never have.
ODD = (NUL, "BTC%00", "9" * 40, "-1", "x" * 3_000, "NaN", "1e999", "%ff%fe", "%ED%A0%80", "../../x", "'%22;--")
ROOMS = [model for model in admin.site._registry if model._meta.app_label != "auth"]


@pytest.fixture
def chief(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("chief"))
    return client


def pages() -> Iterator[str]:
    for resolver in admin.site.get_urls():
        name = getattr(resolver, "name", None)
        if name and name.startswith("console_") and not resolver.pattern.converters:
            yield reverse(f"admin:{name}")


def status_of(answer: Any) -> int:
    """How a page answered once the whole of it was read."""
    if answer.streaming:
        answer.getvalue()
    return int(answer.status_code)


LISTS = [reverse(f"admin:console_{name}") for name in ("decisions", "signals", "orders", "fills")]
#: A parameter that no page knows.
UNKNOWN = "figment"


class Read(QueryDict):
    """A query that remembers what a page reads of it: what it does not read it cannot fall over."""

    names: ClassVar[set[str]] = set()

    def __getitem__(self, key: str) -> Any:
        self.names.add(key)
        return super().__getitem__(key)

    def __contains__(self, key: object) -> bool:
        self.names.add(str(key))
        return super().__contains__(key)

    def get(self, key: str, default: Any = None) -> Any:
        self.names.add(key)
        return super().get(key, default)

    def getlist(self, key: str, default: Any = None) -> Any:
        self.names.add(key)
        return super().getlist(key, default)


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> Iterator[set[str]]:
    """The names of the parameters that were read so far."""
    monkeypatch.setattr(wsgi, "QueryDict", Read)
    Read.names.clear()
    yield Read.names
    Read.names.clear()


def fallen(chief: Client, page: str, odd: str, read: set[str]) -> dict[tuple[str, str], int]:
    """Return how a page answered where it may not have: about every parameter it reads, also then."""
    told: dict[tuple[str, str], int] = {}
    read.clear()
    read.add(UNKNOWN)
    while left := sorted(read - {parameter for _, parameter in told}):
        told |= {(page, each): status_of(chief.get(page, QUERY_STRING=f"{each}={odd}")) for each in left}
    return {asked: status for asked, status in told.items() if status not in ANSWERS}


@pytest.mark.parametrize("odd", ODD)
def test_no_page_falls_over_an_odd_parameter(chief: Client, read: set[str], odd: str) -> None:
    asked = [each for each in (reverse("admin:index"), *pages()) if not each.startswith(tuple(LISTS))]
    found = {page: fallen(chief, page, odd, read) for page in asked}
    assert {page: wrong for page, wrong in found.items() if wrong} == {}


def test_a_page_is_asked_about_what_it_reads(chief: Client, read: set[str]) -> None:
    assert fallen(chief, reverse("admin:console_audit"), "x", read) == {}
    assert {"actor", "since", "before", UNKNOWN} <= read


FILTERS = ("verdict", "gate", "day", "outcome", "symbol", "before", "o", "p", "q", "id", "kind")


@pytest.mark.parametrize("address", LISTS)
def test_no_list_of_one_kind_falls_over_an_odd_filter(chief: Client, address: str) -> None:
    """A list and its file hear every odd value, and each of their parameters every other of them."""
    told = {}
    for place, odd in enumerate(ODD):
        for name in FILTERS[place % 2 :: 2]:
            for asked in (address, f"{address}csv/"):
                told[asked, name, odd] = status_of(chief.get(f"{asked}?{name}={odd}"))
    assert {asked: status for asked, status in told.items() if status not in ANSWERS} == {}


LIST_PARAMETERS = ("before", "q", "p", "o", "id", "kind", "symbol__exact", "e")


@pytest.mark.parametrize("odd", ODD)
def test_no_list_falls_over_an_odd_parameter(chief: Client, odd: str) -> None:
    """Every list hears every odd value, and with one or the other of them each of its parameters."""
    told = {}
    for place, model in enumerate(ROOMS):
        address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        parameter = LIST_PARAMETERS[(place + ODD.index(odd)) % len(LIST_PARAMETERS)]
        told[address, parameter] = chief.get(f"{address}?{parameter}={odd}").status_code
    assert {asked: status for asked, status in told.items() if status not in ANSWERS} == {}


NUMBER = 987_654_321


@pytest.mark.parametrize("odd", [each for each in ODD if "/" not in each])
def test_no_address_of_a_row_or_a_story_falls_over_an_odd_key(chief: Client, odd: str) -> None:
    addresses = [
        reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=["KEY"]) for model in ROOMS
    ]
    for resolver in admin.site.get_urls():
        name, converters = getattr(resolver, "name", None), resolver.pattern.converters
        if name and name.startswith("console_") and list(converters) != [] and len(converters) == 1:
            (converter,) = converters.values()
            key = NUMBER if isinstance(converter, IntConverter) else "KEY"
            addresses.append(reverse(f"admin:{name}", args=[key]))
    told = {
        address: chief.get(address.replace("KEY", odd).replace(str(NUMBER), odd)).status_code for address in addresses
    }
    assert any("lifecycle" in address for address in addresses)
    assert {address: status for address, status in told.items() if status not in ANSWERS} == {}


def test_a_null_character_is_refused_with_where_it_stands(chief: Client) -> None:
    answer = chief.get("/admin/?before=%00")
    assert (answer.status_code, answer.content) == (400, b"'before': holds a NUL character, which no text here may")
    assert chief.get("/admin/lifecycle/%00/").status_code == 400
    assert chief.post("/admin/login/", {"username": "a\x00", "password": "b"}).status_code == 400
    assert Client(headers={"cookie": 'sessionid="a\\000b"'}).get("/admin/").status_code == 400


# -- rows that cannot be read

DEEP = "[" * 1_500 + "]" * 1_500
LONG = f'{{"number": 1{"0" * 5_000}, "score": 1{"0" * 5_000}, "reason": 1{"0" * 5_000}}}'
ENDLESS = (
    '{"close": "1e999", "open": "1e999", "entry_price": "1e999", "px": "NaN", "fill": {"px": "1e999", "qty": "-1e9"}}'
)
WORDS = '{"peak_value": "a lot", "drawdown": "x", "daily_pnl": [], "score": {}, "fills": 3, "entry_price": {"a": 1}}'
POISONS = {"words": WORDS, "deep": DEEP, "long": LONG, "endless": ENDLESS, "list": "[1]", "word": '"x"', "null": "null"}


@pytest.mark.parametrize("poison", POISONS.values(), ids=POISONS)
def test_no_page_falls_over_rows_that_cannot_be_read(chief: Client, poison: str) -> None:
    """A poisoned row of every kind in every table, a story a table."""
    desk.said([desk.a_plan(1)])
    addresses = [
        *(f"{page}?ticks=1" for page in (reverse("admin:index"), reverse("admin:console_dashboard"))),
        *(page + order for page in pages() for order in (("", "?o=4", "?o=-9") if page in LISTS else ("",))),
    ]
    for model in models.STRANDS.values():
        table, identities = model._meta.db_table, [f"ODD-{kind}" for kind in sorted(_kinds(model))]
        for kind, identity in zip(sorted(_kinds(model)), identities, strict=True):
            _poisoned(table, kind, _columns(model), poison, id=identity, story=f"ODD-{table}")
        room = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        stories = (f"ODD-{table}", identities[0])
        addresses += [
            reverse(f"{room}_changelist"),
            *(reverse(f"{room}_change", args=[each]) for each in identities),
            *(reverse("admin:console_lifecycle", args=[each]) for each in stories),
        ]
    told = {address: status_of(chief.get(address)) for address in addresses}
    assert {address: status for address, status in told.items() if status not in {200, 302}} == {}


#: What the database itself reads as it is said, and refuses where it cannot.
READ_BY_RULES = {
    *("countersign_asked", "countersign_answered", "policy_published", "publication_withdrawn"),
    *("verdict", "review_due"),
}


def _kinds(model: Any) -> set[str]:
    from strands import kinds, tables

    return set(kinds.ROLES[tables.BY_NAME[model._meta.db_table].module].names) - READ_BY_RULES


@pytest.mark.parametrize("poison", POISONS.values(), ids=POISONS)
@pytest.mark.parametrize("kind", sorted(READ_BY_RULES))
def test_what_the_database_reads_and_cannot_is_refused_by_it(kind: str, poison: str) -> None:
    columns = _columns(models.STRANDS["op"])
    with pytest.raises(DatabaseError), transaction.atomic():
        _poisoned_to_the_end("op_strands", kind, columns, poison)


def _poisoned_to_the_end(*poisoned: Any) -> None:
    """Insert a row and let the rules look at it that wait for the end of its transaction."""
    _poisoned(*poisoned)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


SHAPELESS = {name: POISONS[name] for name in ("deep", "list", "word")}


def _poisoned(table: str, kind: str, columns: list[str], poison: str, *, id: str = "ODD", story: str = "ODD") -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (id, kind, symbol, timeframe, lifecycle_id, {', '.join(columns)})"
            f" VALUES (%s, %s, 'BTC-PERP', '1m', %s, {', '.join(['%s'] * len(columns))})",
            [id, kind, story, *[poison] * len(columns)],
        )


def _columns(model: Any) -> list[str]:
    return [each.name for each in model._meta.concrete_fields if isinstance(each, JSONField) and each.name != "tags"]


@pytest.mark.parametrize("poison", SHAPELESS.values(), ids=SHAPELESS)
@pytest.mark.parametrize("model", models.STRANDS.values(), ids=lambda model: model._meta.db_table)
def test_a_row_that_cannot_be_read_is_shown_as_unreadable_with_the_name_of_its_field(
    chief: Client, model: Any, poison: str
) -> None:
    for kind in sorted(_kinds(model)):
        _poisoned(model._meta.db_table, kind, _columns(model), poison, id=f"ODD-{kind}")
    room = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    listed = _marks(chief, reverse(f"{room}_changelist"))
    assert len(listed) >= len(_kinds(model)), listed
    for kind in _kinds(model):
        assert _marks(chief, reverse(f"{room}_change", args=[f"ODD-{kind}"])), kind
    assert len(_marks(chief, reverse("admin:console_lifecycle", args=["ODD"]))) >= len(_kinds(model))


MARK = re.compile(r'title="([^"]+)">[^<]*unreadable')


def _marks(chief: Client, address: str) -> list[str]:
    """What a page says of what is unreadable: the names of its fields."""
    return MARK.findall(chief.get(address).content.decode())


@pytest.mark.parametrize(
    ("table", "kind", "column", "poison", "fields"),
    [
        ("md_strands", "bar", "md_bar", '{"close": "1e999", "open": "12 apples", "high": "2"}', {"close"}),
        ("ad_strands", "signal", "trading_plan", '{"entry_price": [], "stop_loss": "NaN"}', {"entry", "stop"}),
        ("dm_strands", "decision", "dm_decision", f'{{"decision_type": "reject", "score": 1{"0" * 5_000}}}', {"score"}),
        ("dm_strands", "decision", "dm_decision", '{"decision_type": ["reject"], "plan": "none"}', {"plan"}),
        ("tr_strands", "position", "tr_outcome", '{"outcome": "win", "hold_seconds": "a while"}', {"after"}),
    ],
)
def test_a_value_that_cannot_be_read_is_named_where_it_is_told(
    chief: Client, table: str, kind: str, column: str, poison: str, fields: set[str]
) -> None:
    _poisoned(table, kind, [column], poison)
    model = next(each for each in models.STRANDS.values() if each._meta.db_table == table)
    room = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    for address in (
        reverse(f"{room}_changelist"),
        reverse(f"{room}_change", args=["ODD"]),
        reverse("admin:console_lifecycle", args=["ODD"]),
    ):
        assert fields & set(_marks(chief, address)) == fields, address


@pytest.mark.parametrize("poison", SHAPELESS.values(), ids=SHAPELESS)
def test_the_dashboard_shows_decisions_and_a_book_that_cannot_be_read(chief: Client, poison: str) -> None:
    desk.said([desk.a_plan(1)])
    at = ids.strand_id(datetime.now(UTC), 0, "odd")
    _poisoned("dm_strands", "decision", ["dm_decision"], poison, id=at)
    _poisoned("rm_strands", "risk_update", ["rm_portfolio_risk"], poison, id=at)
    page = chief.get(reverse("admin:index")).content.decode()
    tiles = re.findall(r"<dt>.*?</div>", page, re.DOTALL)
    assert [title for title in ("Drawdown", "Exposure") if any(title in t and "unreadable" in t for t in tiles)] == [
        "Drawdown",
        "Exposure",
    ]
    assert re.search(r"Decisions, last 24 h.*unreadable", page, re.DOTALL)
    assert "nothing that can be read" in page


@pytest.mark.parametrize("poison", SHAPELESS.values(), ids=SHAPELESS)
def test_why_not_shows_a_message_whose_strand_cannot_be_read(chief: Client, poison: str) -> None:
    [said] = desk.failed()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE ad_strands DISABLE TRIGGER USER")
        cursor.execute("UPDATE ad_strands SET trading_plan = %s, sig_direction = NULL WHERE id = %s", [poison, said.id])
    assert "unreadable" in chief.get(f"{reverse('admin:console_messages')}?tab=failed").content.decode()
