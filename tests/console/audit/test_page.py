"""The audit's page: it tells who changed what, finds it by any of its filters, and hands it out as a file."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.urls import reverse

from tradingops.audit.models import AuditRecord
from tradingops.console.audit import queries

pytestmark = pytest.mark.django_db


def at_commit() -> None:
    """Let the deferred rules run, as they would at the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


@pytest.fixture
def already() -> int:
    """How many records of groups there are from the migration, which makes the roles."""
    return AuditRecord.objects.filter(about="auth_group").count()


@pytest.fixture
def officer(already: int) -> Client:
    person = User.objects.create_user("ada", is_staff=True)
    person.groups.add(Group.objects.get(name="risk officer"))
    client = Client()
    client.force_login(person)
    for name in ("night shift", "=1+1"):
        Group.objects.create(name=name)
    Group.objects.filter(name="night shift").update(name="day <b>shift</b>")
    at_commit()
    return client


def page(client: Client, **asked: Any) -> str:
    return client.get(reverse("admin:console_audit"), asked).content.decode()


def test_it_tells_both_values_of_what_changed(officer: Client) -> None:
    shown = page(officer, about="auth_group", action="update")
    assert "<del>night shift</del>" in shown
    assert "day &lt;b&gt;shift" in shown
    assert "<b>shift</b>" not in shown


@pytest.mark.parametrize(
    ("asked", "made", "finds_the_roles"),
    [
        ({"about": "auth_group"}, 3, True),
        ({"about": "auth_group", "action": "update"}, 1, False),
        ({"actor": "nobody of this name"}, 0, False),
        ({"about": "auth_group", "since": "2001-01-01", "until": "2001-01-01"}, 0, False),
        ({"about": "auth_group", "since": "no day"}, 3, True),
    ],
)
def test_it_finds_by_each_filter(
    officer: Client, already: int, asked: dict[str, str], made: int, *, finds_the_roles: bool
) -> None:
    count = made + already * finds_the_roles
    assert queries.found(queries.Wanted.of(asked)).count() == count
    assert ("Nothing was recorded" in page(officer, **asked)) is (count == 0)


def test_the_file_holds_what_the_filter_finds_whole(officer: Client) -> None:
    answer = officer.get(reverse("admin:console_audit_csv"), {"about": "auth_group"})
    text = b"".join(answer.streaming_content).decode()
    header, *rows = csv.reader(io.StringIO(text))
    assert tuple(header) == queries.HEADER
    kept = AuditRecord.objects.filter(about="auth_group").order_by("-number")
    assert [row[header.index("hash")] for row in rows] == [each.hash for each in kept]


def test_older_records_are_a_page_further(officer: Client, already: int) -> None:
    Group.objects.bulk_create(Group(name=f"group {number}") for number in range(queries.PAGE))
    at_commit()
    rows, before = queries.page(queries.Wanted(about="auth_group"))
    assert (len(rows), before) == (queries.PAGE, rows[-1][0].number)
    older, none = queries.page(queries.Wanted(about="auth_group", before=before))
    assert (len(older), none) == (3 + already, None)


def test_a_secret_is_not_shown(officer: Client) -> None:
    person = User.objects.create_user("eve", password="a short one 7")
    person.set_password("a long one 17")
    person.save()
    at_commit()
    shown = page(officer, about="auth_user", action="update")
    assert "<ins>changed</ins>" in shown
    assert person.password not in shown


def test_whoever_may_not_see_it_is_refused(officer: Client) -> None:
    stranger = User.objects.create_user("eve", is_staff=True)
    stranger.groups.add(Group.objects.get(name="operator"))
    client = Client()
    client.force_login(stranger)
    for name in ("console_audit", "console_audit_csv"):
        assert client.get(reverse(f"admin:{name}")).status_code == 403
    assert reverse("admin:console_audit") not in client.get(reverse("admin:index")).content.decode()
    assert reverse("admin:console_audit") in officer.get(reverse("admin:index")).content.decode()
