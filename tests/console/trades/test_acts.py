"""Who may act on what is held, what the page says of it, and what a dialog does."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from strands.models import PeopleStrand, TraderStrand
from tests.integration.test_flatten import Desk
from tests.trading import BTC, QUIET, a_decision

PAGE = "admin:console_trades"
SENT = {"_form_submitted": "on", "reason": "a look at the tape"}
CODENAMES = ("view_trade", "intervene")


def do(action: str, symbol: str = BTC) -> str:
    return f"{reverse('admin:console_trades_action', args=[action])}?symbol={symbol}"


def signed_in(client: Client, *permissions: str) -> Client:
    person = User.objects.create_user("ada", is_staff=True)
    person.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client.force_login(person)
    return client


@pytest.fixture
def desk(transactional_db: None) -> Iterator[Desk]:
    desk = Desk()
    desk.hears(a_decision())
    desk.minutes(QUIET)
    yield desk
    desk.wire.close()


def test_a_position_shows_its_stop_and_target_with_the_distance(desk: Desk, client: Client) -> None:
    told = signed_in(client, *CODENAMES).get(reverse(PAGE)).content.decode()
    for words in (BTC, "long", "98.00 (-2.00 %)", "104.00 (+4.00 %)", "hyperliquid"):
        assert words in told


def test_a_close_is_said_and_done(desk: Desk, client: Client) -> None:
    ada = signed_in(client, *CODENAMES)
    assert "about" in ada.get(do("close")).content.decode()
    assert ada.post(do("close"), SENT).headers["HX-Refresh"] == "true"
    desk.goes_on()
    desk.minutes(QUIET)
    assert TraderStrand.objects.get(kind="position").tr_outcome["close_reason"] == "manual"
    assert "Nothing is held" in ada.get(reverse(PAGE)).content.decode()


def test_a_moved_stop_rests_where_it_was_moved(desk: Desk, client: Client) -> None:
    ada = signed_in(client, *CODENAMES)
    assert ada.post(do("move"), {**SENT, "stop_loss": "99", "take_profit": "104"}).headers["HX-Refresh"] == "true"
    desk.goes_on()
    assert "99.00 (-1.00 %)" in ada.get(reverse(PAGE)).content.decode()


def test_everything_is_closed_only_after_the_word(desk: Desk, client: Client) -> None:
    ada = signed_in(client, *CODENAMES)
    for wrong in ("", "yes", "Flatten"):
        assert "HX-Refresh" not in ada.post(do("flatten"), {**SENT, "word": wrong}).headers
    assert not PeopleStrand.objects.exists()
    assert ada.post(do("flatten"), {**SENT, "word": "flatten"}).headers["HX-Refresh"] == "true"
    assert PeopleStrand.objects.get().op_intervention["action"] == "close"


def test_who_may_only_look_sees_no_button_and_a_forged_post_is_refused(desk: Desk, client: Client) -> None:
    viewer = signed_in(client, "view_trade")
    assert (
        "#modal-content"
        not in viewer.get(reverse(PAGE)).content.decode().split('id="open-trades"')[1].split("</main>")[0]
    )
    for action in ("close", "move", "cancel", "flatten"):
        assert viewer.post(do(action), {**SENT, "word": "flatten"}).status_code == 403
    assert not PeopleStrand.objects.exists()


def test_who_may_not_see_positions_sees_no_page(client: Client, db: None) -> None:
    assert signed_in(client).get(reverse(PAGE)).status_code == 403


@pytest.mark.parametrize(
    ("action", "symbol"), [("forget", BTC), ("close", "ETH-PERP"), ("move", "SOL"), ("cancel", BTC)]
)
def test_what_is_not_there_is_not_found(desk: Desk, client: Client, action: str, symbol: str) -> None:
    assert signed_in(client, *CODENAMES).get(do(action, symbol)).status_code == 404


def test_one_order_that_waits_is_taken_back_with_a_reason(desk: Desk, client: Client) -> None:
    ada = signed_in(client, *CODENAMES)
    waits = [{"type": "price_below", "value": "99.5"}]
    desk.hears(a_decision(nth="W", plan_id="WAITS", entry_conditions=waits, at=desk.now, time_horizon="1h"))
    asked = f"{do('cancel')}&order=WAITS"
    assert "waits to be entered" in ada.get(reverse(PAGE)).content.decode()
    assert "which waits to be entered" in ada.get(asked).content.decode()
    assert ada.post(asked, SENT).headers["HX-Refresh"] == "true"
    assert PeopleStrand.objects.get().op_intervention["reason"] == "a look at the tape"
    desk.goes_on()
    assert "waits to be entered" not in ada.get(reverse(PAGE)).content.decode()
    assert ada.post(asked, SENT).status_code == 404


def test_what_protects_a_position_cannot_be_taken_back(desk: Desk, client: Client) -> None:
    from tradingops.people import flattening

    [leg] = flattening.legs()
    ada = signed_in(client, *CODENAMES)
    assert [each.purpose for each in leg.resting] == ["stop", "target"]
    for order in leg.resting:
        assert ada.post(f"{do('cancel')}&order={order.identity}", SENT).status_code == 404
    assert not PeopleStrand.objects.exists()
