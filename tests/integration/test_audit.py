"""The audit: every change of people, their rights and what they put in force leaves one record, by whatever road."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from strands.given import HaltState
from tradingops.audit import acting
from tradingops.audit.models import AuditRecord
from tradingops.people import halting, say

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def roles_are_there(transactional_db: None) -> None:
    for name in ("viewer", "operator"):
        Group.objects.get_or_create(name=name)


@pytest.fixture
def person() -> User:
    return User.objects.create_user("ada", password="a long one 17", is_staff=True)


def since(number: int, **wanted: Any) -> list[AuditRecord]:
    return list(AuditRecord.objects.filter(number__gt=number, **wanted).order_by("number"))


def last() -> int:
    return AuditRecord.objects.order_by("-number").values_list("number", flat=True).first() or 0


def raw(sql: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def test_what_only_reads_what_is_audited_tells_the_database_of_nobody() -> None:
    with CaptureQueriesContext(connection) as asked:
        raw("(SELECT id FROM op_strands) UNION ALL (SELECT name FROM auth_group)")
    assert len(asked) == 1


def test_a_role_given_by_the_admin_leaves_one_record_that_says_who_and_from_where(person: User) -> None:
    boss = User.objects.create_superuser("grace", password="a long one 17")
    browser, before = Client(REMOTE_ADDR="203.0.113.7"), last()
    browser.force_login(boss)
    operator = Group.objects.get(name="operator")
    address = reverse("admin:auth_user_change", args=[person.pk])
    form = {"username": "ada", "is_staff": "on", "is_active": "on", "groups": [operator.pk]}
    joined = {"date_joined_0": str(person.date_joined.date()), "date_joined_1": f"{person.date_joined:%H:%M:%S.%f}"}
    assert browser.post(address, {**form, **joined}).status_code == 302
    [given] = since(before, about="auth_user_groups")
    assert (given.actor, given.actor_id, given.address) == ("grace", boss.pk, "203.0.113.7")
    assert given.path == f"POST {address}"
    assert (given.action, given.before) == ("insert", None)
    assert (given.after["user_id"], given.after["group_id"]) == (person.pk, operator.pk)


def test_a_role_given_by_an_update_of_a_queryset_leaves_one_record(person: User) -> None:
    person.groups.add(Group.objects.get(name="viewer"))
    before, operator = last(), Group.objects.get(name="operator")
    assert User.groups.through.objects.filter(user=person).update(group=operator) == 1
    [given] = since(before)
    assert (given.action, given.about) == ("update", "auth_user_groups")
    assert (given.before["group_id"], given.after) == (Group.objects.get(name="viewer").pk, {"group_id": operator.pk})
    assert given.actor.startswith("command line: ")


def test_a_role_given_by_raw_sql_leaves_one_record(person: User) -> None:
    before = last()
    raw("INSERT INTO auth_user_groups (user_id, group_id) SELECT %s, id FROM auth_group WHERE name = 'operator'",
        person.pk)  # fmt: skip
    [given] = since(before)
    assert (given.action, given.about, given.role) == ("insert", "auth_user_groups", connection.settings_dict["USER"])


def test_a_role_given_in_bulk_leaves_a_record_each(person: User) -> None:
    before = last()
    User.groups.through.objects.bulk_create(
        User.groups.through(user=person, group=each) for each in Group.objects.filter(name__in=["viewer", "operator"])
    )
    assert [each.action for each in since(before)] == ["insert", "insert"]


def test_deleting_somebody_deletes_no_record(person: User) -> None:
    person.groups.add(Group.objects.get(name="operator"))
    before = set(AuditRecord.objects.values_list("number", flat=True))
    person.delete()
    assert before < set(AuditRecord.objects.values_list("number", flat=True))
    [gone] = since(max(before), about="auth_user")
    assert (gone.action, gone.before["username"], gone.after) == ("delete", "ada", None)


def test_a_password_is_never_in_a_record(person: User) -> None:
    before, hash_of_it = last(), person.password
    person.set_password("another long one 18")
    person.save()
    [changed] = since(before)
    assert (changed.before, changed.after) == ({"password": "not shown"}, {"password": "changed"})
    texts = [str((each.before, each.after)) for each in AuditRecord.objects.all()]
    assert not [text for text in texts if hash_of_it in text or person.password in text or "long one" in text]


def test_what_is_undone_leaves_no_record(person: User) -> None:
    before = last()
    with transaction.atomic():
        person.groups.add(Group.objects.get(name="operator"))
        transaction.set_rollback(True)
    assert since(before) == []


def test_a_halt_is_recorded_with_what_stood_before() -> None:
    halting.halt("symbol:BTC", HaltState.REDUCE_ONLY, asked=say.asked(by="ada", reason="thin book"))
    before = last()
    halting.halt("symbol:BTC", HaltState.HALTED, asked=say.asked(by="ada", reason="thinner"))
    [said] = since(before)
    assert (said.action, said.before["op_halt"]["state"], said.after["op_halt"]["state"]) == (
        *("halt", "reduce-only", "halted"),
    )


def test_a_halt_lifted_by_hand_is_recorded() -> None:
    halting.halt("desk", HaltState.HALTED, asked=say.asked(by="ada", reason="now"))
    before = last()
    raw("DELETE FROM halts")
    [lifted] = since(before)
    assert (lifted.action, lifted.about, lifted.before["scope"]) == ("delete", "halts", "desk")


def test_sign_ins_sign_outs_and_failed_ones_are_recorded(person: User) -> None:
    before, browser = last(), Client(REMOTE_ADDR="203.0.113.9")
    address = f"{reverse('admin:login')}?next={reverse('admin:index')}"
    browser.post(address, {"username": "ada", "password": "wrong"})
    browser.post(address, {"username": "my password in the wrong box", "password": "wrong"})
    browser.post(address, {"username": "ada", "password": "a long one 17"})
    browser.post(reverse("admin:logout"))
    found = [(each.action, each.key, each.address) for each in since(before)]
    assert found == [
        ("sign_in_failed", "ada", "203.0.113.9"),
        ("sign_in_failed", "unknown name", "203.0.113.9"),
        ("sign_in", "ada", "203.0.113.9"),
        ("sign_out", "ada", "203.0.113.9"),
    ]
    assert "wrong" not in str([(each.before, each.after) for each in since(before)])


def test_a_command_s_writes_are_the_account_s() -> None:
    before = last()
    with acting.acting(lambda: {"actor": "ada", "address": "198.51.100.4", "path": "POST /x/"}):
        Group.objects.create(name="night shift")
    Group.objects.create(name="day shift")
    assert [each.actor for each in since(before)] == ["ada", acting.command_line()["actor"]]


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE audit_records SET actor = 'somebody else'",
        "DELETE FROM audit_records",
        "TRUNCATE audit_records",
        "SET LOCAL session_replication_role = replica; UPDATE audit_records SET actor = 'somebody else'",
        "SET LOCAL session_replication_role = replica; TRUNCATE audit_records",
    ],
)
def test_even_its_owner_does_not_change_it(person: User, attack: str) -> None:
    with pytest.raises(Exception, match="the audit is append-only"), transaction.atomic():
        raw(attack)


def test_the_log_of_changes_goes_on_where_triggers_are_switched_to_replica(person: User) -> None:
    before = last()
    with transaction.atomic():
        raw("SET LOCAL session_replication_role = replica")
        raw("UPDATE auth_user SET is_superuser = true")
    assert [each.after for each in since(before, about="auth_user")] == [{"is_superuser": True}]
