"""Versions of policies: published by a strand alone, on what is in force, and by two people where that is asked for."""

from __future__ import annotations

import getpass
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import DatabaseError, connection, connections, transaction
from django.test import Client
from django.urls import reverse

from strands.models import PeopleStrand
from strands.wires.postgres import PostgresWire
from tests import deciding
from tests.factories import NOON
from tradingops import connections as connections_of_the_desk
from tradingops import environments
from tradingops.audit import acting
from tradingops.people import acts
from tradingops.policies import versions
from tradingops.policies.models import Approval, Author, State, Version
from tradingops.policies.versions import RefusedVersion

pytestmark = pytest.mark.django_db(transaction=True)

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


@contextmanager
def acting_as(person: User) -> Iterator[None]:
    with acting.acting(lambda: {"actor": person.get_username(), "actor_id": person.pk, "address": "", "path": ""}):
        yield


def a_person(name: str, *, role: str = "risk officer") -> User:
    person = User.objects.create_user(name, is_staff=True)
    person.groups.set([Group.objects.get(name=role)])
    return person


def asked(at: datetime = NOON) -> acts.Asked:
    return acts.Asked(by="ann", reason="calmer", at=at, asked_at=at)


def a_draft(content: dict[str, Any], *, policy: str = "dm", at: datetime = NOON, symbol: str = "") -> Version:
    own = environments.governed()[policy]
    return versions.draft(policy, content, own=own, at=at, reason="calmer", symbol=symbol)


def published(content: dict[str, Any], *, policy: str = "dm", at: datetime = NOON, **term: datetime) -> Version:
    version = a_draft(content, policy=policy, at=term.get("begins", at))
    versions.publish(version, asked=asked(at), term=acts.Term(**term))
    return version


def number(at: datetime) -> int:
    found = versions.in_force("dm", at=at)
    return found.number if found else 0


def raw(sql: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def code(fault: BaseException) -> str:
    return str(getattr(fault.__cause__, "sqlstate", ""))


def needing(*policies: str) -> None:
    published({"second_person": list(policies)}, policy="people")


def test_a_version_is_numbered_published_by_its_strand_and_retires_the_one_before() -> None:
    first, second = published({"approve_score": 0.8}), published({"approve_score": 0.9})
    first.refresh_from_db()
    assert [(each.number, each.base, each.state) for each in (first, second)] == [
        (1, 0, State.RETIRED),
        (2, 1, State.PUBLISHED),
    ]
    said = PeopleStrand.objects.get(pk=second.publication)
    assert (said.kind, said.tags, said.op_policy["content"]) == (
        "policy_published",
        ["dm:policy_changed"],
        {"approve_score": 0.9},
    )
    assert said.op_policy["hash"] == second.hash


def test_a_publication_with_an_end_gives_way_to_what_was_said_after_it_and_never_to_what_has_ended() -> None:
    six, eighteen = published({"approve_score": 0.86}), NOON + 6 * HOUR
    seven = published({"approve_score": 0.87}, ends=NOON + 5.5 * HOUR)
    published({"approve_score": 0.88}, ends=eighteen)
    assert [number(at) for at in (NOON, eighteen - timedelta(microseconds=1), eighteen)] == [3, 3, six.number]
    nine = published({"approve_score": 0.89}, at=NOON + 5 * HOUR)
    assert [number(at) for at in (NOON + 5 * HOUR, eighteen, eighteen + HOUR)] == [nine.number] * 3
    assert seven.number != nine.number


def test_a_draft_cut_from_another_version_than_is_in_force_is_refused_whoever_publishes_it() -> None:
    stale, fresh = a_draft({"approve_score": 0.8}), a_draft({"max_exposure": 0.3})
    versions.publish(fresh, asked=asked())
    with pytest.raises(RefusedVersion, match=r"cut from version 0, and 2 is in force.*Rebase") as refusal:
        versions.publish(stale, asked=asked())
    assert refusal.value.code == "STALE"
    assert PeopleStrand.objects.count() == 1


def test_of_two_published_in_the_same_second_one_wins_and_the_other_is_told() -> None:
    both, told = [a_draft({"approve_score": 0.8}), a_draft({"approve_score": 0.9})], []
    ready = threading.Barrier(2)

    def publish(version: Version) -> None:
        try:
            ready.wait()
            versions.publish(version, asked=asked())
            told.append("")
        except RefusedVersion as refused:
            told.append(refused.code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=publish, args=(each,)) for each in both]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(told) == ["", "STALE"]
    assert Version.objects.filter(state=State.PUBLISHED).count() == 1


def test_a_publication_that_is_yet_to_count_is_withdrawn_wholly_and_one_that_counts_is_not() -> None:
    later = published({"approve_score": 0.9}, begins=NOON + HOUR)
    assert (number(NOON), number(NOON + HOUR)) == (0, 1)
    versions.withdraw(later, asked=asked())
    assert (number(NOON + HOUR), later.state) == (0, State.RETIRED)
    now = published({"approve_score": 0.8})
    with pytest.raises(RefusedVersion, match="yet to count"):
        versions.withdraw(now, asked=asked())


def test_every_way_in_needs_its_second_person() -> None:
    needing("dm")
    ann = a_person("ann")
    with acting_as(ann):
        version = a_draft({"approve_score": 0.8})
        versions.submit(version)
    says = {"policy": "dm", "number": 1, "content": version.content, "hash": version.hash}
    strand = (
        "INSERT INTO op_strands (id, kind, module, tags, at, hop, op_policy)"
        " VALUES ('01RAW', %s, 'op', '[\"dm:policy_changed\"]', now(), 0, %s::jsonb)"
    )
    ways = {
        "from the console": lambda: versions.publish(version, asked=asked()),
        "with an end": lambda: versions.publish(version, asked=asked(), term=acts.Term(ends=NOON + HOUR)),
        "a raw strand": lambda: raw(strand, "policy_published", json.dumps(says)),
        "a change laid over": lambda: raw(strand, "policy_changed", json.dumps({"approve_score": 0.8})),
        "the row": lambda: raw("UPDATE policy_versions SET state = 'published' WHERE id = %s", version.pk),
        "forged approval": lambda: Approval.objects.create(
            version=version, person=a_person("bob").pk, name="bob", hash=version.hash
        ),
        "an old content again": lambda: versions.publish(a_draft({"approve_score": 0.7}), asked=asked()),
        "the rule itself": lambda: published({}, policy="people"),
    }
    for way, go in ways.items():
        with pytest.raises((RefusedVersion, DatabaseError)) as refusal, transaction.atomic():
            go()
        assert getattr(refusal.value, "code", "") == "EYES4" or code(refusal.value) == "EYES4", way
    assert PeopleStrand.objects.filter(op_policy__policy="dm").count() == 0


def test_a_tag_added_later_is_no_way_round() -> None:
    raw(
        "INSERT INTO op_strands (id, kind, module, tags, at, hop, op_policy)"
        " VALUES ('01RAW', 'policy_changed', 'op', '[\"alpha:policy_changed\"]', now(), 0, '{\"approve_score\": 0.1}')"
    )
    needing("dm")
    with pytest.raises(DatabaseError, match="needs a second person"):
        raw("UPDATE op_strands SET tags = tags || '\"dm:policy_changed\"' WHERE id = '01RAW'")


def test_the_second_person_is_active_has_the_right_and_wrote_none_of_it() -> None:
    needing("dm")
    ann, bob, eve, tom = a_person("ann"), a_person("bob"), a_person("eve"), a_person("tom", role="quant")
    with acting_as(ann):
        version = a_draft({"approve_score": 0.8})
    with acting_as(eve):
        versions.rewrite(version, {"approve_score": 0.85}, own=environments.governed()["dm"], reason="between")
        versions.submit(version)
    assert set(Author.objects.filter(version=version).values_list("name", flat=True)) == {"ann", "eve"}
    for person, why in ((ann, "wrote some"), (eve, "wrote some"), (tom, "may not approve")):
        with acting_as(person), pytest.raises(RefusedVersion, match=why):
            versions.approve(version, person=person, seen=version.hash)
    with acting_as(bob), pytest.raises(RefusedVersion, match="not in review with"):
        versions.approve(version, person=bob, seen="another")
    with acting_as(bob):
        versions.approve(version, person=bob, seen=version.hash)
        versions.approve(version, person=bob, seen=version.hash)
    User.objects.filter(pk=bob.pk).update(is_active=False)
    with acting_as(ann), pytest.raises(RefusedVersion, match="second person"):
        versions.publish(version, asked=asked())
    User.objects.filter(pk=bob.pk).update(is_active=True)
    with acting_as(ann):
        versions.publish(version, asked=asked())
    assert version.state == State.PUBLISHED


def test_what_was_written_at_the_command_line_needs_two() -> None:
    needing("dm")
    version = a_draft({"approve_score": 0.8})
    versions.submit(version)
    for name in ("ann", "bob"):
        with pytest.raises(RefusedVersion, match="needs two"):
            versions.publish(version, asked=asked())
        person = a_person(name)
        with acting_as(person):
            versions.approve(version, person=person, seen=version.hash)
    versions.publish(version, asked=asked())


@pytest.mark.parametrize(
    "change",
    ["content = '{}'", "hash = ''", "number = 7", "base = 3", "begins = now()", "withdrawn = 'x'", "state = 'retired'"],
)
def test_what_is_in_review_or_published_stays_as_it_is(change: str) -> None:
    version = a_draft({"approve_score": 0.8})
    versions.submit(version)
    for _ in range(2):
        if change != "state = 'retired'" or version.state == State.REVIEW:
            with pytest.raises(DatabaseError, match=r"stays|by its strand alone"):
                raw(f"UPDATE policy_versions SET {change} WHERE id = %s", version.pk)
        if version.state == State.REVIEW:
            versions.publish(version, asked=asked())
    with pytest.raises(DatabaseError, match="stays"):
        raw("DELETE FROM policy_versions")
    with pytest.raises(DatabaseError, match="stays"):
        raw("DELETE FROM policy_authors")


def test_nobody_alone_withdraws_what_two_published_for_later_and_publishing_again_takes_two() -> None:
    needing("dm")
    ann, bob = a_person("ann"), a_person("bob")
    later = a_draft({"approve_score": 0.8})
    versions.submit(later)
    for person in (ann, bob):
        with acting_as(person):
            versions.approve(later, person=person, seen=later.hash)
    versions.publish(later, asked=asked(), term=acts.Term(begins=NOON + HOUR))
    with pytest.raises(RefusedVersion, match="withdrawing version 1 needs a second person") as refused:
        versions.withdraw(later, asked=asked())
    assert refused.value.code == "EYES4"
    with acting_as(ann):
        again = versions.again(versions.numbered("dm", "", 0), own=environments.governed()["dm"], asked=asked())
    with acting_as(bob):
        versions.approve(again, person=bob, seen=again.hash)
    versions.publish(again, asked=asked())
    assert number(NOON + 2 * HOUR) == again.number


@pytest.mark.parametrize(
    ("actor", "why"),
    [
        ("", "nobody approves for somebody else"),
        ('{"actor": "bob", "actor_id": 0}', "nobody approves for somebody else"),
        ('{"actor": "tom", "actor_id": TOM}', "may not approve it"),
        ('{"actor": "ann", "actor_id": ANN}', "wrote some"),
    ],
)
def test_an_actor_forged_by_raw_sql_is_no_second_person(actor: str, why: str) -> None:
    needing("dm")
    ann, tom = a_person("ann"), a_person("tom", role="quant")
    with acting_as(ann):
        version = a_draft({"approve_score": 0.8})
        versions.submit(version)
    person = {"TOM": tom.pk, "ANN": ann.pk}
    told = actor.replace("TOM", str(tom.pk)).replace("ANN", str(ann.pk))
    approval = (
        "INSERT INTO policy_approvals (version_id, person, name, hash, note, at) VALUES (%s, %s, 'x', %s, '', now())"
    )
    claimed = next((key for name, key in person.items() if name in actor), ann.pk)
    with connections_of_the_desk.wire() as session:
        session.execute(acting.TELL.replace("true", "false"), [told])
        with pytest.raises(psycopg.Error, match=why):
            session.execute(approval, [version.pk, claimed, version.hash])
    with pytest.raises(RefusedVersion, match="second person"):
        versions.publish(version, asked=asked())


def test_a_risk_officer_tightens_alone_at_once_and_it_is_marked_until_somebody_else_confirms_it() -> None:
    needing("dm")
    own = environments.governed()["dm"]
    ann, bob, tom = a_person("ann"), a_person("bob"), a_person("tom", role="quant")
    with acting_as(ann):
        loose, tight = a_draft({"max_exposure": 0.9}), a_draft({"max_exposure": 0.2, "min_confidence": 0.8})
        with pytest.raises(RefusedVersion, match=r"max_exposure: .* is not known to tighten"):
            versions.publish_urgently(loose, own=own, asked=asked())
    with acting_as(tom), pytest.raises(RefusedVersion, match="needs a second person"):
        versions.publish_urgently(tight, own=own, asked=asked())
    with pytest.raises(RefusedVersion, match="needs a second person"):
        versions.publish_urgently(tight, own=own, asked=asked())
    with acting_as(ann):
        versions.publish_urgently(tight, own=own, asked=asked())
        assert tight.is_unconfirmed
        with pytest.raises(RefusedVersion, match="wrote some"):
            versions.approve(tight, person=ann, seen=tight.hash)
    with pytest.raises(DatabaseError, match="by its strand alone"):
        raw("UPDATE policy_versions SET urgent = false WHERE id = %s", tight.pk)
    assert number(NOON) == tight.number
    with acting_as(bob):
        versions.approve(tight, person=bob, seen=tight.hash)
    assert not Version.objects.get(pk=tight.pk).is_unconfirmed


# --- the commands


def run(command: str, *arguments: Any) -> Any:
    out = StringIO()
    call_command(command, *map(str, arguments), "--json", stdout=out, stderr=StringIO())
    return json.loads(out.getvalue())


def test_publish_makes_and_publishes_a_version_and_its_strand_is_what_modules_are_given() -> None:
    assert run("publish", "dm.approve_score=0.8")["changes"][0]["version"] == 1
    run("publish", "dm.max_exposure=0.3")
    run("publish", "dm.approve_score=null")
    assert [each.content for each in Version.objects.order_by("number")] == [
        {"approve_score": 0.8},
        {"approve_score": 0.8, "max_exposure": 0.3},
        {"max_exposure": 0.3},
    ]
    wire = environments.wire(connections_of_the_desk.wire)
    try:
        given = wire.rulings().given(NOON, "dm").policy
    finally:
        wire.close()
    assert (given.values, given.id) == ({"max_exposure": 0.3}, Version.objects.get(number=3).publication)


def test_where_a_second_person_is_asked_for_publish_is_refused_and_leaves_the_version_in_review() -> None:
    run("publish", 'people.second_person=["dm"]')
    with pytest.raises(CommandError, match="dm 1: needs a second person; it waits in review"):
        run("publish", "dm.approve_score=0.8", "risk.max_position=0.1")
    assert list(Version.objects.exclude(policy="people").values_list("policy", "state")) == [("dm", "review")]
    with pytest.raises(CommandError, match="dm 2: needs a second person"):
        run("policy", "rollback", "dm", 1)


def test_a_policy_is_listed_shown_compared_and_rolled_back_to_its_old_content() -> None:
    run("publish", "dm.approve_score=0.8")
    run("publish", "dm.approve_score=0.9", "--reason", "tighter")
    assert [(each["number"], each["in_force"], each["reason"]) for each in run("policy", "list", "dm")] == [
        (2, True, "tighter"),
        (1, False, "from the command line"),
    ]
    shown = run("policy", "show", "dm", 1)
    assert (shown["content"], shown["whole"]["approve_score"]) == ({"approve_score": 0.8}, 0.8)
    assert shown["authors"] == [f"command line: {getpass.getuser()}"]
    assert run("policy", "diff", "dm", 0, 2) == [{"field": "approve_score", "before": None, "after": 0.9}]
    again = run("policy", "rollback", "dm", 1)
    assert (again["number"], again["in_force"], again["base"]) == (3, True, 2)
    assert again["hash"] == shown["hash"]
    with pytest.raises(CommandError, match=r"number: 9: dm has no such version; list them"):
        run("policy", "show", "dm", 9)


def test_a_version_goes_out_as_a_file_and_what_is_in_force_comes_in_as_nothing(tmp_path: Path) -> None:
    run("publish", "dm.approve_score=0.8")
    file = tmp_path / "dm.json"
    file.write_text(json.dumps(run("policy", "export", "dm", 1)))
    assert run("policy", "import", file)["changes"] == []
    file.write_text("policy: dm\nsymbol: null\ncontent:\n  approve_score: 0.85\n  max_exposure: 0.5\n")
    change = [{"field": "approve_score", "before": 0.8, "after": 0.85}]
    assert run("policy", "import", file, "--dry-run") == {"policy": "dm", "version": None, "changes": change}
    assert Version.objects.count() == 1
    made = run("policy", "import", file, "--publish")
    assert (made["number"], made["in_force"], made["changes"]) == (2, True, change)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "neither JSON nor YAML"),
        ('{"policy": "tarot", "content": {}}', "policy: 'tarot' is none"),
        ('{"policy": "dm", "content": {"approve_score": 2}}', "dm.approve_score: 2: Input should be less than"),
        ('{"policy": "dm", "content": {"approve_scor": 0.2}}', "dm.approve_scor: 0.2: Extra inputs are not permitted"),
        ('{"policy": "dm", "content": {"initial_cash": 2}}', "dm.initial_cash: 2: the book is counted from it"),
        ('{"policy": "dm", "symbol": "X", "content": {}}', "dm has one policy for all symbols"),
        ('{"policy": "dm", "contents": {}}', "contents: no such field"),
    ],
)
def test_a_file_that_is_no_sound_version_is_refused_by_field_and_value(tmp_path: Path, text: str, why: str) -> None:
    file = tmp_path / "draft.json"
    file.write_text(text)
    with pytest.raises(CommandError, match=re.escape(why)):
        run("policy", "import", file, "--publish")
    assert not Version.objects.exists()


# --- what was made under it


def test_the_page_of_a_story_names_the_version_that_each_answer_was_made_under(real_wire: PostgresWire) -> None:
    real_wire.publish([deciding.a_bar(), deciding.a_risk_update()])
    client, stories = Client(), []
    client.force_login(User.objects.create_superuser("root"))
    for nth, setting in enumerate(("", "dm.min_confidence=0.61", "dm.min_confidence=0.62")):
        if setting:
            run("publish", setting)
        signal = deciding.a_signal(at=deciding.NOON + nth * MINUTE)
        real_wire.publish([signal])
        call_command("run_module", "dm", "--once", stderr=StringIO())
        stories.append(signal.lifecycle_id)
    for nth, story in enumerate(stories):
        shown = client.get(reverse("admin:console_lifecycle", args=[story])).content.decode()
        assert [each for each in range(3) if f"dm version {each}</a>" in shown] == [nth]
        assert ("<b>0.6" in shown) == bool(nth)
        assert shown.count(f"<dt>min_confidence</dt><dd><b>0.6{nth}</b>") == (2 if nth else 0)
    with connection.cursor() as cursor:
        cursor.execute("SELECT number FROM made_under WHERE kind = 'decision' ORDER BY at")
        assert [number for (number,) in cursor.fetchall()] == [0, 1, 2]
        cursor.execute("SELECT count(*) FROM dm_strands WHERE id NOT IN (SELECT strand_id FROM made_under)")
        assert cursor.fetchone() == (0,)
