"""A draft tried from its page: what-if, whole period and shadow, asked by a form and worked off by a worker."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.db import connection as django_connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from strands.wires.lockstep import Lockstep
from tests.acceptance import markets
from tradingops import connections, engine, environments
from tradingops.mandates.models import Mandate
from tradingops.people import say
from tradingops.policies import versions
from tradingops.policies.models import Version
from tradingops.whatif.models import Job, Shadow

pytestmark = pytest.mark.django_db(transaction=True)

BARS = markets.simulated("BTC", "ETH", "SOL", moments=700, seed=markets.LIVELY)
STRICT = {"min_confidence": 0.74}
MOST_QUERIES = 12


def played() -> None:
    wire = environments.wire(connections.wire)
    told = [strands for _, strands in environments.market_data().moments([[BARS]])]
    Lockstep(wire, list(environments.modules().values()), engine.market_time).play(told)
    wire.close()


def signed_in(name: str, *, role: str) -> Client:
    person = User.objects.create_user(name, is_staff=True)
    person.groups.set([Group.objects.get(name=role)])
    client = Client()
    client.force_login(person)
    return client


def draft(content: dict[str, Any]) -> Version:
    own = environments.governed()["dm"]
    return versions.draft("dm", content, own=own, at=say.present(), reason="calmer")


def see(client: Client, name: str, *filled: Any, most: int = MOST_QUERIES) -> str:
    with CaptureQueriesContext(django_connection) as asked:
        answer = client.get(reverse(f"admin:console_{name}", args=filled))
    assert answer.status_code == 200
    assert len(asked) <= most, "\n".join(each["sql"][-200:] for each in asked)
    return re.sub(r"\s+", " ", re.sub(r"</?(b|small)>|<b class=[^>]*>", "", answer.content.decode()))


def do(client: Client, action: str, version: Version, **told: str) -> Any:
    address = reverse("admin:console_policy_action", args=["dm", version.number, action])
    return client.post(address, {"_form_submitted": "True", **told})


def test_a_draft_is_tried_from_its_page_in_three_ways_before_anybody_goes_by_it(capsys: Any) -> None:
    tom, strict, same = signed_in("tom", role="quant"), draft(STRICT), draft({})
    for each in (strict, same):
        assert do(tom, "shadow", each).headers["HX-Redirect"].endswith(f"/dm/{each.number}/")
        do(tom, "shadow", each)
    assert Shadow.objects.count() == 2
    call_command("try_drafts", "--once")
    played()
    assert "is no count" not in do(tom, "try", strict, last="500").content.decode()
    do(tom, "try", strict, last="500")
    do(tom, "try", same, last="500")
    do(tom, "replay", strict)
    assert list(Job.objects.values_list("asks", "state", "last")) == [
        ("alone", "waiting", 500), ("alone", "waiting", 500), ("period", "waiting", None)
    ]  # fmt: skip
    waits = see(tom, "policy_version", "dm", strict.number)
    assert "waits for a worker" in waits
    assert 'hx-trigger="every 2s"' in see(tom, "policy_trials", "dm", strict.number)
    assert waits.index("What it would have done") < waits.index("Submit…")
    call_command("try_drafts", "--once")

    tells = see(tom, "policy_version", "dm", strict.number)
    alone = Job.objects.get(version=strict, asks="alone").result["each_decision_alone"]
    flips, decisions = alone["flips"]["stricter"], alone["decisions"]
    assert flips > 0
    for words in (
        f"{decisions} decided again + 0 not decidable = {decisions} recorded decisions",
        f"{flips} stricter yes before, no under the draft",
        "0 looser",
        'data-label="Gate">',
        "recorded decisions said again, word for word",
        f"{decisions} compared: 0 looser, {flips} stricter",
    ):
        assert words in tells, words
    assert 'id="policy-trials" hx-get' not in tells
    unchanged = see(tom, "policy_version", "dm", same.number)
    assert f"{decisions} compared: 0 looser, 0 stricter, 0 of another size" in unchanged
    assert "0 stricter yes before" in unchanged
    for job in Job.objects.all():
        see(tom, "policy_job", job.pk)
    shadow = Shadow.objects.get(of=strict)
    told = see(tom, "policy_shadow", shadow.pk)
    assert f"{decisions} compared + 0 missing = {decisions} decisions of the desk" in told
    assert told.count('<span class="policy-stricter">') == flips
    home = signed_in("ann", role="viewer").get(reverse("admin:console_dashboard")).content.decode()
    assert f"{flips} stricter, 0 of another size</a> of {decisions} decisions" in home

    do(tom, "unshadow", strict)
    assert Shadow.objects.get(of=strict).state == "stopped"
    narrow = signed_in("nan", role="viewer")
    Mandate.objects.create(name="one", person=User.objects.get(username="nan"), symbols=["NONE-PERP"])
    hidden = see(narrow, "policy_version", "dm", strict.number, most=MOST_QUERIES + 3)
    assert "0 stricter" in hidden
    assert "shown to whoever may see all symbols" in hidden

    versions.publish(draft({"min_confidence": 0.5}), asked=say.asked(by="ann", reason="another"))
    assert "Made on version 0, and version 3 is in force: ask again." in see(
        tom, "policy_version", "dm", strict.number, most=MOST_QUERIES + 3
    )
