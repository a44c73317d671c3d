"""Above a size closing takes two people: different ones, the same book, in time, and once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from strands.models import PeopleStrand, TraderStrand
from tests.integration.test_flatten import Desk
from tests.trading import BTC, QUIET, a_decision
from tradingops.audit.models import AuditRecord
from tradingops.countersigns import rule
from tradingops.countersigns.models import Countersign, SecondPerson
from tradingops.mandates.mandate import Outside
from tradingops.mandates.models import Mandate
from tradingops.people import acts, countersigning, flattening, halting, persons, say
from tradingops.people.countersigning import Refused

#: Below what the desk of these tests holds: 10 at 100.
ABOVE = Decimal(999)


@pytest.fixture
def desk(transactional_db: None) -> Iterator[Desk]:
    SecondPerson.objects.update_or_create(id=1, defaults={"above": ABOVE, "minutes": 15})
    desk = Desk()
    desk.hears(a_decision())
    desk.minutes(QUIET)
    yield desk
    desk.wire.close()


def a_user(name: str) -> User:
    return User.objects.create_superuser(name)


def by(user: User) -> acts.Asked:
    return say.asked_by(user, reason="a look at the tape")


def asked_for(user: User) -> countersigning.Request:
    identity = countersigning.ask(flattening.legs(), action="flatten", scope="desk", asked=by(user))
    return countersigning.find(identity)


def confirmed(request: countersigning.Request, user: User) -> None:
    countersigning.confirm(request, asked=by(user), seen=countersigning.digest(countersigning.seen_by(request)))


def said(kind: str) -> int:
    return PeopleStrand.objects.filter(kind=kind).count()


def test_one_person_closes_up_to_the_size_and_nobody_beyond_it(desk: Desk) -> None:
    asked = say.asked(by="root", reason="a look")
    assert countersigning.rule_for(flattening.legs()) == rule.Rule(ABOVE, 15)
    with pytest.raises(flattening.NotFlattened, match="size: 1000 is above 999"):
        flattening.close(flattening.legs(), asked=asked)
    SecondPerson.objects.update(above=1000)
    assert countersigning.rule_for(flattening.legs()) is None
    flattening.close(flattening.legs(), asked=asked)
    desk.goes_on()
    desk.minutes(QUIET)
    assert flattening.legs() == []


def test_a_second_person_closes_what_the_first_asked_for(desk: Desk) -> None:
    ada, grace = a_user("ada"), a_user("grace")
    request = asked_for(ada)
    assert (request.by, request.worth, request.legs) == ("ada", "1,000.00", {BTC: "10"})
    assert said("intervention") == 0
    confirmed(request, grace)
    [word] = PeopleStrand.objects.filter(kind="intervention").values_list("op_intervention", flat=True)
    assert (word["by"], word["countersigned"]) == ("ada", request.id)
    desk.goes_on()
    desk.minutes(QUIET)
    assert TraderStrand.objects.get(kind="position").tr_outcome["close_reason"] == "manual"
    assert countersigning.standing() == []
    recorded = AuditRecord.objects.filter(action__startswith="countersign_").order_by("number")
    assert [each.action for each in recorded] == ["countersign_asked", "countersign_answered"]
    with pytest.raises(Refused, match="ask again"):
        countersigning.find(request.id)


def test_nobody_confirms_their_own_whatever_they_are_called_by_now(desk: Desk) -> None:
    ada = a_user("ada")
    request = asked_for(ada)
    for name in ("ada", "eve"):
        User.objects.update(username=name)
        with pytest.raises(Refused, match="ada asked for this and may not confirm it"):
            confirmed(request, User.objects.get())
    account = replace(say.asked(by="Eve", reason="a look"), person=persons.of_account("Eve"))
    with pytest.raises(Refused, match="may not confirm it"):
        countersigning.confirm(request, asked=account, seen=request.hash)
    assert said("countersign_answered") == 0


def test_a_book_that_changed_is_not_closed_and_both_hashes_are_named(desk: Desk) -> None:
    ada, grace = a_user("ada"), a_user("grace")
    request = asked_for(ada)
    waits = [{"type": "price_below", "value": "99.5"}]
    desk.hears(a_decision(nth="W", plan_id="WAITS", entry_conditions=waits, at=desk.now, time_horizon="1h"))
    now = countersigning.digest(flattening.legs())
    assert now != request.hash
    for seen in (request.hash, now):
        with pytest.raises(Refused, match=f"{request.hash[:12]} was asked for and {now[:12]} is"):
            countersigning.confirm(request, asked=by(grace), seen=seen)
    assert said("intervention") == 0


def test_a_price_that_moves_changes_nothing_of_what_was_shown(desk: Desk) -> None:
    before = countersigning.digest(flattening.legs())
    desk.minutes(("100", "101", "100", "101"))
    assert countersigning.digest(flattening.legs()) == before


def test_a_request_is_over_when_declined_and_when_its_time_is_up(desk: Desk) -> None:
    ada, grace = a_user("ada"), a_user("grace")
    declined = asked_for(ada)
    countersigning.decline(declined, asked=by(ada))
    late = asked_for(ada)
    Countersign.objects.filter(request=late.id).update(until="2020-01-01T00:00:00Z")
    assert countersigning.standing() == []
    for request, why in ((declined, "it is declined already"), (late, "it expired at")):
        with pytest.raises(Refused, match=why):
            confirmed(request, grace)
    assert said("intervention") == 0


def test_what_waits_already_is_not_asked_for_twice(desk: Desk) -> None:
    asked_for(a_user("ada"))
    with pytest.raises(Refused, match="ada asked for this already"):
        asked_for(a_user("grace"))


def test_both_have_to_be_allowed_at_the_moment_of_closing(desk: Desk) -> None:
    ada, grace = a_user("ada"), a_user("grace")
    request = asked_for(ada)
    narrow = Mandate.objects.create(name="small", person=grace, most_notional=500)
    with pytest.raises(Outside, match="size"):
        confirmed(request, User.objects.get(pk=grace.pk))
    narrow.person = ada
    narrow.save()
    with pytest.raises(Outside, match="size"):
        confirmed(request, User.objects.get(pk=grace.pk))
    narrow.delete()
    User.objects.filter(pk=ada.pk).update(is_active=False)
    with pytest.raises(Refused, match="ada, who asked, may not do it any more"):
        confirmed(request, grace)
    assert said("intervention") == 0


def test_a_halt_never_takes_a_second_person(desk: Desk) -> None:
    halting.halt("desk", halting.HaltState.HALTED, asked=by(a_user("ada")))
    assert halting.standing()


def publish(kind: str, symbol: str | None = None, **columns: Any) -> None:
    with transaction.atomic():
        PeopleStrand.objects.create(
            id=f"BY HAND {kind} {PeopleStrand.objects.count()}", kind=kind, symbol=symbol, **columns
        )


def test_the_database_refuses_what_one_person_says_past_the_desk(desk: Desk) -> None:
    ada, grace = a_user("ada"), a_user("grace")
    request = asked_for(ada)
    close = {"action": "close", "by": "ada"}
    own = {"request": request.id, "verdict": "confirmed", "hash": request.hash}
    as_ada, as_grace = ({"person": persons.of_user(each), "by": each.username} for each in (ada, grace))
    for words, refusal in (
        ({"symbol": BTC, "op_intervention": close}, "it takes a second person"),
        ({"symbol": BTC, "op_intervention": {**close, "countersigned": request.id}}, "no request for it"),
        ({"op_verdict": {**own, **as_ada}}, "ada asked for it, and may not confirm it"),
        ({"op_verdict": {**own, **as_ada, "by": "another"}}, "ada asked for it"),
        ({"op_verdict": {**own, "person": "account:ADA", "by": "root"}}, "ada asked for it"),
        ({"op_verdict": {**own, "person": "user:0", "by": "grace"}}, "no active person"),
        ({"op_verdict": {**own, **as_grace, "hash": "another"}}, "was asked for, another is confirmed"),
        ({"op_verdict": {**own, **as_grace, "verdict": "perhaps"}}, "no verdict"),
    ):
        kind = "intervention" if "op_intervention" in words else "countersign_answered"
        with pytest.raises(IntegrityError, match=refusal):
            publish(kind, **words)
    publish("countersign_answered", op_verdict={**own, **as_grace})
    with pytest.raises(IntegrityError, match="is no request for it that is being confirmed"):
        publish("intervention", symbol=BTC, op_intervention={**close, "countersigned": request.id})


def test_nobody_answers_by_the_functions_of_the_rule(desk: Desk) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT proname FROM pg_proc WHERE proname ~ '^tradingops_(names_of|countersign|worth_of|closing_takes)'"
            " AND has_function_privilege('public', oid, 'EXECUTE')"
        )
        assert cursor.fetchall() == []


def test_the_command_line_follows_the_same_rule(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def flatten(*options: str) -> tuple[int, str]:
        out, err = StringIO(), StringIO()
        try:
            call_command("flatten", *options, "--json", "--wait", "0", stdout=out, stderr=err)
        except CommandError as fault:
            return fault.returncode, f"{out.getvalue()}{fault}"
        return 0, out.getvalue()

    monkeypatch.setenv("LOGNAME", "somebody else")
    code, told = flatten("--yes")
    identity = json.loads(told.splitlines()[0].partition("}")[0] + "}")["waits"]
    assert (code, f"--countersign {identity}" in told) == (3, True)
    code, told = flatten("--countersign", identity, "--yes")
    assert (code, "may not confirm it" in told) == (2, True)
    monkeypatch.setattr(persons, "account", lambda: "grace")
    assert flatten("--countersign", identity)[0] == 2
    assert said("intervention") == 0
    assert flatten("--countersign", identity, "--yes")[0] == 1
    desk.goes_on()
    desk.minutes(QUIET)
    assert flattening.legs() == []
    assert flatten("--decline", identity)[0] == 2
