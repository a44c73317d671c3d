"""The rules in the database are the rules on the models."""

from __future__ import annotations

import pgtrigger
import pgtrigger.core
import pgtrigger.registry
import pytest
from django.db import connection

from portfolio.reviews import rules as rules_of_reviews
from strands import models
from strands import triggers as rules
from tradingops.audit import audited, triggers
from tradingops.policies import rules as rules_of_policies

RULES = {
    "known_tags",
    "orders_obey_halts",
    "deliver",
    "deliver_added_tags",
    "content_stays",
    "tags_are_only_added_to",
    "nothing_is_erased",
    "nothing_is_truncated",
}
#: What rules the words of people besides.
OF_PEOPLE = {"rulings_in_order", "halts_are_kept"}
#: What rules the words of the risk manager besides.
OF_RISK = {"alerts_halt"}
#: What takes a second person.
TAKES_TWO = "takes_two"
#: What tells open screens that a right has changed.
OF_RIGHTS = "tradingops_rights_changed"
pytestmark = pytest.mark.django_db


def declared() -> list[tuple[type, pgtrigger.core.Trigger]]:
    return list(pgtrigger.registry.registered())


def test_every_strand_table_has_every_rule() -> None:
    by_model: dict[type, set[str]] = {}
    for model, trigger in declared():
        by_model.setdefault(model, set()).add(trigger.name)
    expected = dict.fromkeys(models.STRANDS.values(), RULES) | {models.PeopleStrand: RULES | OF_PEOPLE}
    expected |= {models.RiskStrand: RULES | OF_RISK}
    assert {model: by_model[model] for model in models.STRANDS.values()} == expected


def test_every_trigger_is_installed_as_it_is_declared_and_enabled() -> None:
    found = {
        f"{model._meta.db_table}.{trigger.name}": trigger.get_installation_status(model)[0]
        for model, trigger in declared()
    }
    assert found == dict.fromkeys(found, pgtrigger.core.INSTALLED)


def test_those_that_refuse_hold_in_every_session_and_the_others_in_ordinary_ones() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgrelid::regclass::text || '.' || tgname, tgenabled FROM pg_trigger WHERE NOT tgisinternal")
        enabled = dict(cursor.fetchall())
    expected = {
        f"{model._meta.db_table}.{trigger.get_pgid(model)}": "A" if trigger.name in rules.GUARDS else "O"
        for model, trigger in declared()
    }
    assert {name: enabled[name] for name in expected} == expected
    assert set(expected.values()) == {"A", "O"}


def test_no_other_trigger_is_installed() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text, tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid "
            "WHERE NOT tgisinternal AND NOT relispartition"
        )
        installed = set(cursor.fetchall())
    there = connection.introspection.table_names()
    of_the_audit = {
        *((each.table, triggers.TRIGGER) for each in audited.AUDITED if each.table in there),
        (audited.ACTS_TABLE, triggers.TRIGGER),
        ("audit_waiting", "chained"),
        ("audit_records", "audit_stays"),
        ("audit_records", "audit_is_not_emptied"),
        ("op_strands", TAKES_TWO),
        *((table, name) for name, table in (*rules_of_policies.TRIGGERS, *rules_of_reviews.TRIGGERS)),
    }
    assert {each for each in installed if each[1] != OF_RIGHTS} == {
        *((model._meta.db_table, trigger.get_pgid(model)) for model, trigger in declared()),
        *of_the_audit,
    }


def test_each_partition_has_the_row_rules_of_its_table() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, count(tgname) FROM pg_class "
            "LEFT JOIN pg_trigger ON tgrelid = pg_class.oid AND NOT tgisinternal "
            "WHERE relispartition AND relkind = 'r' AND relname LIKE '__\\_strands\\_%%' GROUP BY relname"
        )
        counted = dict(cursor.fetchall())
    assert len(counted) >= 8
    of_people = {name for name in counted if name.startswith("op_")}
    assert {counted[name] for name in of_people} == {13}
    of_risk = {name for name in counted if name.startswith("rm_")}
    assert {counted[name] for name in of_risk} == {6}
    assert {counted[name] for name in counted.keys() - of_people - of_risk} == {5}
