"""A row that cannot be read, in any table: no page falls over it, it is said to be unreadable, and the others stand."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.utils import quote
from django.contrib.auth.models import Group, User
from django.core.cache import cache
from django.db import connection, transaction
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.console import poisons
from tests.console.poisons import Bad
from tests.console.test_bad_input import ANSWERS, MARK, pages, status_of
from tradingops.console.records.columns import Column
from tradingops.mandates.models import Mandate
from tradingops.whatif.models import Job, Shadow

pytestmark = pytest.mark.django_db
LINK = re.compile(r'href="(/admin/[^"?#]*)"')
READ = re.compile(r'(?:FROM|JOIN)\s+"?(\w+)"?')
#: A table that so many pages ask is asked by what is around every page, which a few of them show.
AROUND = 40
FEW = ("index", "console_trades", "console_inbox", "console_policies")


#: Of these a page shows the newest alone, bad or not.
NEWEST_ALONE = (Job, Shadow)
#: The page of a row is a form, which holds what the table holds.
EDITED = (Group, Mandate)


@dataclass
class Console:
    """The pages of a desk of which every table has one sound row, and which tables each of them asks."""

    client: Client
    reading: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    links: dict[str, set[str]] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)

    def look(self, addresses: Iterable[str]) -> None:
        """Ask pages while all is sound, and remember what they read and where they lead."""
        for each in addresses:
            with CaptureQueriesContext(connection) as asked:
                status, text = self.ask(each)
            assert status in {200, 204, 302, 403, 404}, (each, status)
            self.links[each] = set(LINK.findall(text))
            for table in set(READ.findall(" ".join(query["sql"] for query in asked))):
                self.reading[table].append(each)

    def ask(self, address: str) -> tuple[int, str]:
        cache.clear()
        answer: Any = self.client.get(address)
        status = status_of(answer)
        return status, "" if answer.streaming else answer.content.decode()

    def asking(self, table: str) -> list[str]:
        """Return the pages that ask a table; of those around which it is asked, a few."""
        found = self.reading[table]
        few = {reverse(f"admin:{name}") for name in FEW}
        return [each for each in found if each in few] if len(found) > AROUND else found


def room(model: type[Model], page: str, *key: str) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=[quote(each) for each in key])


@pytest.fixture
def console(client: Client) -> Console:
    """A desk in a transaction of the owner's, who has put every rule aside that is no rule of a column."""
    client.force_login(User.objects.create_superuser("chief"))
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for model in poisons.tables():
            cursor.execute(f'ALTER TABLE "{model._meta.db_table}" DISABLE TRIGGER ALL')
    for model in poisons.tables():
        assert poisons.inserted(model, poisons.sound(model)) is not None, model
    console = Console(client)
    lists = [room(model, "changelist") for model in poisons.tables() if model in admin.site._registry]
    console.look(dict.fromkeys([reverse("admin:index"), *pages(), *lists]))
    own = {each for page, links in console.links.items() if page not in lists for each in links}
    further = sorted(each for each in own - set(console.links) if not each.endswith("/change/"))
    console.look(further)
    return console


def test_no_page_falls_over_a_row_that_cannot_be_read(console: Console, subtests: Any) -> None:
    for model in poisons.tables():
        with subtests.test(table=model._meta.db_table):
            place = transaction.savepoint()
            try:
                bad = poisons.laid(model)
                wrong = [*fallen(console, model), *misread(console, model, bad)]
            finally:
                transaction.savepoint_rollback(place)
            assert wrong == []


def fallen(console: Console, model: type[Model]) -> Iterator[tuple[str, Any]]:
    """Yield the pages that ask a table and fall, or lose a sound row; and those that fall where its bad rows lead."""
    known = set().union(*console.links.values(), console.links)
    leads: set[str] = set()
    for address in console.asking(model._meta.db_table):
        status, text = console.ask(address)
        found = set(LINK.findall(text))
        if status not in ANSWERS:
            yield address, status
        if text and model not in NEWEST_ALONE and (lost := console.links[address] - found):
            yield address, f"lost {sorted(lost)}"
        leads |= {each for each in found - known if not each.endswith("/change/")}
    yield from ((each, status) for each in sorted(leads) if (status := console.ask(each)[0]) not in ANSWERS)


def misread(console: Console, model: type[Model], bad: list[Bad]) -> Iterator[tuple[str, Any]]:
    """Yield what the list of a table, and the page of each bad row, do not say to be unreadable."""
    if model not in admin.site._registry:
        return
    names = {each.column: each.name for each in model._meta.concrete_fields}
    listed = console.client.get(room(model, "changelist"))
    marks = MARK.findall(listed.content.decode())
    unreadable = {names[column] for row in bad for column in row.unreadable}
    for shown in map(_fields, listed.context["cl"].list_display):
        if unreadable & set(shown) and not set(marks) & set(shown):
            yield "list", shown
    if model in EDITED:
        return
    for row in _telling(bad):
        status, text = console.ask(room(model, "change", row.key))
        silent = {names[each] for each in row.unreadable} - set(MARK.findall(text))
        if status != 200 or silent:
            yield row.key, (status, silent)


def _telling(bad: list[Bad]) -> Iterator[Bad]:
    """Yield rows until each column has been unreadable in one of them."""
    told: set[str] = set()
    for row in bad:
        if row.key and not row.unreadable <= told:
            told |= row.unreadable
            yield row


def _fields(column: Any) -> tuple[str, ...]:
    return column.of if isinstance(column, Column) else (column,)
