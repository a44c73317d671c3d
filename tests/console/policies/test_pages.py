"""The pages of policies: what is in force, the editor's fields, and a version's way by two people."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import Group, User
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from strands.models import PeopleStrand
from tradingops import environments
from tradingops.console.policies import dialogs
from tradingops.mandates.models import Mandate
from tradingops.people import say
from tradingops.policies import fields, versions
from tradingops.policies.models import State, Version
from tradingops.whatif.models import Job, Shadow

pytestmark = pytest.mark.django_db


def signed_in(name: str, *, role: str = "risk officer") -> Client:
    person = User.objects.create_user(name, is_staff=True)
    person.groups.set([Group.objects.get(name=role)])
    client = Client()
    client.force_login(person)
    return client


def see(client: Client, name: str, *filled: Any, **asked: Any) -> str:
    answer = client.get(f"{reverse(f'admin:console_{name}', args=filled)}?{urlencode(asked)}")
    assert answer.status_code == 200
    return answer.content.decode()


def keep(client: Client, *, number: int | None = None, **asked: str) -> Any:
    query = f"?number={number}" if number else ""
    form = {name.replace("__", "."): value for name, value in asked.items()}
    return client.post(reverse("admin:console_policy_draft", args=["dm"]) + query, {"reason": "calmer", **form})


def do(client: Client, action: str, number: int, **told: str) -> Any:
    form = {
        "_form_submitted": "True",
        "reason": "as agreed",
        "seen": Version.objects.get(number=number, policy="dm").hash,
        **told,
    }
    return client.post(reverse("admin:console_policy_action", args=["dm", number, action]), form)


def needing(*policies: str) -> None:
    version = versions.draft(
        "people",
        {"second_person": list(policies)},
        own=environments.governed()["people"],
        at=say.present(),
        reason="two",
    )
    versions.publish(version, asked=say.asked(by="ann", reason="two"))


def test_a_desk_as_made_lists_every_policy_under_version_0() -> None:
    shown = see(signed_in("ann", role="viewer"), "policies")
    assert shown.count(">version 0</a>") == len(environments.governed())
    assert "New draft" not in shown


def test_the_editor_has_a_field_for_each_of_the_schema_with_unit_range_default_and_meaning() -> None:
    shown = see(signed_in("tom", role="quant"), "policy_draft", "dm")
    for each in fields.of(environments.governed()["dm"]):
        assert f'name="{each.path}"' in shown, each.path
    assert "initial_cash" not in shown
    for told in ("least confidence after lessons", "from 0 to 1", ">0-1<", ">0.6<"):
        assert told in shown, told


def test_a_draft_keeps_only_what_differs_and_a_wrong_value_is_told_at_its_field() -> None:
    client = signed_in("tom", role="quant")
    wrong = keep(client, approve_score="2", max_exposure="0.3")
    assert wrong.status_code == 422
    told = wrong.content.decode()
    assert 'id="fault-approve_score">dm.approve_score: 2: Input should be less than or equal to 1' in told
    assert 'name="max_exposure" value="0.3"' in told
    assert not Version.objects.exists()
    assert keep(client, approve_score="0.8", min_confidence="0.6", cost__margin="").status_code == 302
    made = Version.objects.get()
    assert (made.content, made.state, made.reason) == ({"approve_score": 0.8}, State.DRAFT, "calmer")
    assert keep(client, number=1, approve_score="0.81").status_code == 302
    assert Version.objects.get().content == {"approve_score": 0.81}


def test_a_draft_goes_by_review_and_a_second_person_into_force_and_back() -> None:
    needing("dm")
    ann, bob = signed_in("ann"), signed_in("bob")
    keep(ann, approve_score="0.8")
    assert do(ann, "submit", 1).headers["HX-Redirect"].endswith("/policies/dm/1/")
    assert "needs a second person" in do(ann, "publish", 1).content.decode()
    assert "wrote some of version 1" in do(ann, "approve", 1).content.decode()
    assert "not in review with" in do(bob, "approve", 1, seen="what was before").content.decode()
    assert "HX-Redirect" in do(bob, "approve", 1).headers
    assert not PeopleStrand.objects.filter(op_policy__policy="dm").exists()
    assert "HX-Redirect" in do(ann, "publish", 1).headers
    shown = see(ann, "policy_version", "dm", 1, against=0)
    for told in ("in force", "ann", "bob (", "<mark>0.8</mark>", "<ins>0.8</ins>"):
        assert told in shown, told
    assert "HX-Redirect" in do(bob, "rollback", 1).headers
    assert Version.objects.get(number=2, policy="dm").state == State.REVIEW


def test_a_stale_draft_shows_the_difference_three_ways_and_a_rebase_keeps_what_both_changed() -> None:
    ann = signed_in("ann")
    for content in ({"approve_score": "0.8"}, {"max_exposure": "0.3", "approve_score": "0.9"}):
        keep(ann, **content)
    do(ann, "publish", 2)
    shown = see(ann, "policy_version", "dm", 1)
    for told in ("It was cut from version 0, and version 2 is in force", "both changed it", "Rebase…"):
        assert told in shown, told
    assert "Publish…" not in shown
    assert "cut from version 0, and 2 is in force" in do(ann, "publish", 1).content.decode()
    do(ann, "rebase", 1)
    again = Version.objects.get(number=3)
    assert (again.content, again.base) == ({"approve_score": 0.8, "max_exposure": 0.3}, 2)
    assert not again.approvals.exists()


def test_no_get_changes_anything() -> None:
    User.objects.create_superuser("ann")
    ann = Client()
    ann.force_login(User.objects.get(username="ann"))
    keep(ann, approve_score="0.8")
    for action in dialogs.RIGHTS:
        for ask in (ann.get, ann.head):
            with CaptureQueriesContext(connection) as asked:
                assert ask(reverse("admin:console_policy_action", args=["dm", 1, action])).status_code == 200, action
            assert [each["sql"][:60] for each in asked if not each["sql"].lstrip(" (\n").startswith("SELECT")] == []


def test_a_version_is_compared_with_what_is_in_force_and_that_with_what_it_was_cut_from() -> None:
    ann = signed_in("ann")
    for score in ("0.8", "0.81"):
        keep(ann, approve_score=score)
        do(ann, "publish", Version.objects.count())
    for number, against in ((1, 2), (2, 1)):
        page = ann.get(reverse("admin:console_policy_version", args=["dm", number]))
        assert page.context["against"].number == against
        assert [each.field for each in page.context["differences"]] == ["approve_score"]


def test_the_editor_groups_its_fields_and_leads_to_each_group() -> None:
    shown = signed_in("tom", role="quant").get(reverse("admin:console_policy_draft", args=["dm"]))
    groups = shown.context["groups"]
    assert sum(len(each.rows) for each in groups) == len(fields.of(environments.governed()["dm"]))
    assert {"own numbers", "cost", "curators, risk"} <= {each.name for each in groups}
    page = shown.content.decode()
    for each in groups:
        assert page.count(f'id="group-{each.key}"') == page.count(f'href="#group-{each.key}"') == 1, each.key


OTHER, OWN = "ETH-PERP", "BTC-PERP"


@pytest.fixture
def narrow() -> Client:
    """Somebody who may do everything, about one symbol."""
    person = User.objects.create_superuser("narrow")
    Mandate.objects.create(name="one symbol", person=person, symbols=[OWN])
    client = Client()
    client.force_login(person)
    return client


def a_draft(policy: str, symbol: str = "") -> Version:
    own = environments.governed()[policy]
    content = {"min_confidence": 0.7} if policy == "dm" else {"base_size": 0.04}
    return versions.draft(policy, content, own=own, at=say.present(), reason="calmer", symbol=symbol)


def test_a_policy_of_another_symbol_is_neither_read_nor_written_nor_tried(narrow: Client) -> None:
    draft, before = a_draft("alpha", OTHER), Version.objects.values_list("state", "content").order_by("pk")
    kept, asked = list(before), f"?symbol={OTHER}"
    pages = {
        "policy": ["alpha"],
        "policy_draft": ["alpha"],
        "policy_version": ["alpha", draft.number],
        "policy_trials": ["alpha", draft.number],
    }
    for name, filled in pages.items():
        assert narrow.get(reverse(f"admin:console_{name}", args=filled) + asked).status_code == 403, name
    form = {"reason": "mine", "seen": draft.hash, "_form_submitted": "True", "last": "5", "base_size": "0.1"}
    for action in dialogs.RIGHTS:
        address = reverse("admin:console_policy_action", args=["alpha", draft.number, action]) + asked
        assert narrow.post(address, form).status_code == narrow.get(address).status_code == 403, action
    for edited in ("", f"&number={draft.number}"):
        address = reverse("admin:console_policy_draft", args=["alpha"]) + asked + edited
        assert narrow.post(address, form).status_code == 403
    assert OTHER not in see(narrow, "policies")
    assert list(before.all()) == kept
    assert not Job.objects.exists()
    assert not Shadow.objects.exists()


def test_a_policy_of_all_symbols_is_read_and_tried_by_who_is_bounded_and_changed_by_others(narrow: Client) -> None:
    draft, mine = a_draft("dm"), a_draft("alpha", OWN)
    page = see(narrow, "policy_version", "dm", draft.number)
    for told, is_there in (("What if…", True), ("Run beside", False), ("Submit…", False), ("than your mandate", True)):
        assert (told in page) is is_there, told
    form = {"reason": "mine", "seen": draft.hash, "_form_submitted": "True", "last": "5"}
    for action in dialogs.RIGHTS:
        answer = narrow.post(reverse("admin:console_policy_action", args=["dm", draft.number, action]), form)
        assert (answer.status_code == 403) is (action not in ("try", "replay")), action
    assert narrow.get(reverse("admin:console_policy_draft", args=["dm"])).status_code == 403
    assert Version.objects.get(pk=draft.pk).state == State.DRAFT
    assert "Submit…" in see(narrow, "policy_version", "alpha", mine.number, symbol=OWN)


def test_the_list_asks_a_dozen_times_and_tells_what_is_in_force_of_each_policy() -> None:
    needing("dm")
    ann = signed_in("ann")
    mine = a_draft("alpha", OWN)
    versions.publish(mine, asked=say.asked(by="ann", reason="two"))
    cache.clear()
    with CaptureQueriesContext(connection) as asked:
        rows = ann.get(reverse("admin:console_policies")).context["rows"]
    assert len(asked) <= 12, "\n".join(each["sql"][:120] for each in asked)
    told = {(each.policy, each.symbol): (each.counts and each.counts.number, each.needs_second) for each in rows}
    assert told["alpha", OWN] == (mine.number, False)
    assert told["people", ""][0] == 1
    assert told["dm", ""] == (None, True)


def test_the_page_of_a_stale_draft_asks_a_dozen_times_also_for_who_is_bounded() -> None:
    ann, vic = signed_in("ann"), signed_in("vic", role="quant")
    Mandate.objects.create(name="one symbol", person=User.objects.get(username="vic"), symbols=[OWN])
    keep(ann, approve_score="0.8")
    keep(ann, max_exposure="0.3")
    do(ann, "publish", 2)
    keep(ann, approve_score="0.9")
    keep(ann, approve_score="0.7")
    do(ann, "publish", 4)
    stale = Version.objects.get(number=3)
    Job.objects.create(draft={}, version=stale, hash=stale.hash, state=Job.State.DONE, result={})
    address = reverse("admin:console_policy_version", args=["dm", 3]) + "?against=1"
    vic.get(address)
    cache.clear()
    with CaptureQueriesContext(connection) as asked:
        page = vic.get(address)
    assert page.context["partings"]
    assert page.context["trials"]
    assert len(asked) <= 12, "\n".join(each["sql"][:120] for each in asked)


def test_how_often_pages_ask_does_not_grow_with_a_thousand_versions() -> None:
    ann, counts = signed_in("ann"), []
    keep(ann, approve_score="0.8")
    for many in (0, 999):
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO policy_versions (policy, symbol, number, state, content, hash, base, reason, answer,"
                " created_at) SELECT 'dm', '', 0, 'draft', '{}', 'x', 0, '', '', now() FROM generate_series(1, %s)",
                [many],
            )
        with CaptureQueriesContext(connection) as asked:
            for name, filled in (("policies", ()), ("policy", ("dm",)), ("policy_version", ("dm", 1))):
                see(ann, name, *filled)
        counts.append(len(asked))
    assert Version.objects.count() == 1000
    assert counts[1] <= counts[0] + 2
