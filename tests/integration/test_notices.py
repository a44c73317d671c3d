"""People are told once a way, by servers that answer, hang, redirect or are gone; what is sent holds nothing secret."""

from __future__ import annotations

import socket
import ssl
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core import mail
from django.db import connection
from django.test import Client
from django.urls import reverse

from portfolio.reviews.models import Review
from strands.given import HaltState
from strands.models import PeopleStrand, Worker
from tests import endpoints
from tests.console import desk
from tests.console.inbox.test_page import a_review
from tests.deciding import ETH, NOON
from tradingops.audit.models import AuditRecord
from tradingops.mandates.models import Mandate
from tradingops.notices import addresses, events, sending, signature, watching, ways, webhook
from tradingops.notices.models import Notice, Way
from tradingops.people import acts, say
from tradingops.policies.models import State, Version

pytestmark = pytest.mark.django_db

LEFT = "SELECT extract(epoch FROM not_before - statement_timestamp())::int FROM notices WHERE state = 'waiting'"


@pytest.fixture(autouse=True)
def settled(settings: Any) -> None:
    settings.NOTICES_PRIVATE, settings.HAS_MAIL = True, True
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.CONSOLE_URL = "https://desk.example"


def person(name: str, role: str = "operator") -> User:
    made = User.objects.create_user(name, is_staff=True)
    made.groups.set([Group.objects.get(name=role)])
    return made


def told(who: User) -> list[tuple[str, str]]:
    return [(each.event, each.words) for each in ways.bell(who).order_by("pk")]


def due_now() -> None:
    """Let every wait be over."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE notices SET not_before = now() - interval '1 second' WHERE state = 'waiting'")


def test_a_plan_that_waits_is_told_once_to_those_who_may_decide_and_whose_mandates_hold_it() -> None:
    ann, vic, narrow = person("ann"), person("vic", "viewer"), person("narrow")
    Mandate.objects.create(name="ether", person=narrow, symbols=[ETH])
    Review.objects.bulk_create([a_review(0, may_decide=["ann"]), a_review(1, may_decide=None)])
    for look in (watching.Looking(), watching.Looking()):
        look()
        look()
    assert [event for event, _ in told(ann)] == ["waits"]
    assert "long BTC-PERP: waits for one person until" in told(ann)[0][1]
    assert (told(vic), told(narrow)) == ([], [])


def test_a_deadline_that_is_near_and_an_end_are_told() -> None:
    ann = person("ann")
    look = watching.Looking()
    look()
    Review.objects.bulk_create(
        [a_review(0, may_decide=["ann"], asked_at=say.present(), deadline=say.present() + timedelta(minutes=30))]
    )
    look()
    Review.objects.update(asked_at=say.present() - timedelta(minutes=28), deadline=say.present() + timedelta(minutes=2))
    look()
    ended = {"decision_type": "reject", "review": {"item": "ITEM000000", "outcome": "expired"}}
    desk.said([desk.a_plan(1).answer(module="dm", kind="decision", payload={"dm_decision": ended})])
    Review.objects.update(outcome="expired")
    look()
    look()
    assert [event for event, _ in told(ann)] == ["waits", "near", "decided"]


def test_halts_dead_listeners_failures_and_policies_are_told_to_those_with_the_right() -> None:
    ann, rita, vic = person("ann"), person("rita", "risk officer"), person("vic", "viewer")
    look = watching.Looking()
    look()
    asked = acts.Asked(by="ada", reason="news", at=NOON, asked_at=NOON)
    say.publish(acts.halt("desk", HaltState.HALTED, asked=asked))
    say.publish(acts.halt(f"symbol:{ETH}", HaltState.HALTED, asked=asked))
    desk.failed(1)
    Worker.objects.create(id="a:1:dm", listener="dm", host="a", pid=1)
    Worker.objects.update(beat_at=NOON)
    Version.objects.create(policy="risk", content={}, hash="h", reason="tighter")
    Version.objects.update(state=State.REVIEW)
    look()
    assert {event for event, _ in told(ann)} == {"halt", "listener", "failed"}
    assert {event for event, _ in told(rita)} == {"halt", "policy"}
    assert any("desk is halted, by ada: news" in words for _, words in told(ann))
    assert told(vic) == []


def test_a_person_chooses_by_event_and_way() -> None:
    ann = person("ann")
    hook = ways.add(ann, "webhook", "http://127.0.0.1:1/x")
    ways.choose(ann, None, ["decided"])
    ways.choose(ann, hook.pk, ["waits"])
    Review.objects.bulk_create([a_review(0, may_decide=["ann"])])
    watching.Looking()()
    assert [(each.way_id, each.event) for each in Notice.objects.all()] == [(hook.pk, "waits")]
    with pytest.raises(ways.Refused, match="events: 'all' is none"):
        ways.choose(ann, None, ["all"])
    with pytest.raises(ways.Refused, match="is none of yours"):
        ways.choose(person("bob"), hook.pk, [])


def waiting_for(who: User, address: str, sort: str = "webhook") -> Way:
    way = ways.add(who, sort, address)
    Review.objects.bulk_create([a_review(0, may_decide=[who.username])])
    watching.Looking()()
    return way


def test_a_message_is_signed_and_dated_and_told_apart_and_links_to_the_item() -> None:
    ann = person("ann")
    with endpoints.serving(endpoints.reply()) as server:
        way = waiting_for(ann, server.url)
        assert (sending.send_all(), sending.send_all()) == (1, 0)
    [request], [body] = server.requests, server.bodies
    head = dict(line.split(": ", 1) for line in request.partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:])
    secret = sending.secret_of(way)
    sent = {"stamp": head[signature.STAMP], "signature": head[signature.SIGNATURE]}
    text, now = request.partition(b"\r\n\r\n")[2], int(time.time())
    assert signature.holds(text, secret=secret, now=now, **sent)
    assert not signature.holds(text + b" ", secret=secret, now=now, **sent)
    assert not signature.holds(text, secret=secret, now=now + 301, **sent)
    assert not signature.holds(text, secret=secret + "x", now=now, **sent)
    assert head[signature.ID] == body["id"] == f"notice-{Notice.objects.get(way=way).pk}"
    assert body["link"] == f"https://desk.example{reverse('admin:console_inbox_item', args=['ITEM000000'])}"
    assert (body["event"], body["about"]["item"]) == ("waits", "ITEM000000")
    assert Notice.objects.get(way=way).state == "sent"


@pytest.mark.parametrize(
    ("answer", "because"),
    [
        (endpoints.reply(500), "answered with 500"),
        (endpoints.reply(302, Location="http://127.0.0.1:9/"), "answered with 302"),
        (endpoints.hang, "no whole answer within 0.6 s"),
        (endpoints.drip(b"HTTP/1.1 200 OK\r\nX: ", pause=0.02), "no whole answer within 0.6 s"),
        (endpoints.raw(b"nothing of the web"), "RemoteProtocolError"),
        (endpoints.raw(b""), "RemoteProtocolError"),
    ],
    ids=["refused", "redirected", "hangs", "drips", "babbles", "hangs up"],
)
def test_what_is_not_taken_is_tried_again_later(answer: Any, because: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook, "LONGEST", 0.6)
    with endpoints.serving(answer) as server:
        way = waiting_for(person("ann"), server.url)
        assert (sending.send_all(), sending.send_all()) == (1, 0)
    notice = Notice.objects.get(way=way)
    assert (notice.state, notice.attempts, len(server.requests)) == ("waiting", 1, 1)
    assert because in notice.last_error


@pytest.mark.parametrize(("name", "taken"), [("localhost", True), ("127.0.0.1", False), ("other.example", False)])
def test_the_certificate_must_be_for_the_name_that_was_given_whatever_address_it_leads_to(
    name: str, taken: bool, tmp_path: Path
) -> None:
    path, of_the_server = endpoints.certificate(tmp_path, name=name)
    trust = ssl.create_default_context(cafile=str(path))
    with endpoints.serving(endpoints.reply(204), trust=of_the_server()) as server:
        url = server.url.replace("127.0.0.1", "localhost")
        told = {"id": "notice-1"}
        if taken:
            webhook.send(url, told, secret="s", private=True, trust=trust)
            host = url.split("/")[2]
            assert f"Host: {host}".encode() in server.requests[0]
        else:
            with pytest.raises(webhook.Unsent, match="its certificate is not trusted"):
                webhook.send(url, told, secret="s", private=True, trust=trust)
            assert server.requests == []


def test_a_name_of_several_addresses_is_reached_at_the_first_that_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    look_up = socket.getaddrinfo

    def several(host: str, port: int, **options: Any) -> list[Any]:
        return [found for each in ("127.0.0.2", "127.0.0.1") for found in look_up(each, port, **options)]

    monkeypatch.setattr(addresses.socket, "getaddrinfo", several)
    with endpoints.serving(endpoints.reply(204)) as server:
        webhook.send(server.url.replace("127.0.0.1", "localhost"), {"id": "notice-1"}, secret="s", private=True)
    assert len(server.requests) == 1


def test_after_the_last_try_it_is_dead_and_the_bell_says_so() -> None:
    ann = person("ann")
    with endpoints.serving(endpoints.reply(503)) as server:
        way = waiting_for(ann, server.url)
        waits = []
        for _ in range(len(sending.WAITS) + 3):
            due_now()
            sending.send_all()
            with connection.cursor() as cursor:
                cursor.execute(LEFT)
                waits += [seconds for (seconds,) in cursor.fetchall()]
    notice = Notice.objects.get(way=way)
    assert (notice.state, len(server.requests)) == ("dead", len(sending.WAITS) + 1)
    assert waits == list(sending.WAITS)
    assert told(ann)[-1][0] == events.DEAD
    assert "was not reached in 7 tries (answered with 503" in told(ann)[-1][1]


def test_a_process_that_dies_leaves_its_message_to_another() -> None:
    with endpoints.serving(endpoints.reply()) as server:
        waiting_for(person("ann"), server.url)
        assert sending._claimed() is not None
        assert sending.send_all() == 0
        due_now()
        assert sending.send_all() == 1


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1/x",
        "https://127.0.0.1/x",
        "https://10.1.2.3/",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://0.0.0.0/",
        "https://224.0.0.1/",
        "ftp://host.example/",
        "https://user:secret@host.example/",
        "https://host.example/#x",
        "https://host.example/a b",
        "//host.example",
        "",
    ],
)
def test_a_webhook_leads_into_no_private_network_unless_that_is_allowed(address: str, settings: Any) -> None:
    settings.NOTICES_PRIVATE = False
    with pytest.raises(ways.Refused, match="address: "):
        ways.add(person("ann"), "webhook", address)


def test_a_name_that_leads_into_a_private_network_is_refused_as_it_is_sent(settings: Any) -> None:
    settings.NOTICES_PRIVATE = False
    way = waiting_for(person("ann"), "https://localhost/x")
    assert sending.send_all() == 1
    assert "within a private network" in Notice.objects.get(way=way).last_error


def test_no_secret_is_kept_or_audited_or_shown_again() -> None:
    ann = person("ann")
    client = Client()
    client.force_login(ann)
    address = reverse("admin:console_notices_action", args=["add"])
    shown = client.post(address, {"sort": "webhook", "address": "https://host.example/x"})
    way = Way.objects.get()
    secret = sending.secret_of(way)
    assert secret.encode() in shown.content
    assert secret.encode() not in client.get(reverse("admin:console_notices")).content
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(kept)::text FROM notice_ways AS kept")
        assert secret not in cursor.fetchone()[0]
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    kept = " ".join(str(each) for each in AuditRecord.objects.filter(about__startswith="notice_ways").values())
    assert "host.example" in kept
    assert secret not in kept
    assert way.salt not in kept
    again = client.post(reverse("admin:console_notices_action", args=["renew"]), {"way": way.pk})
    assert secret.encode() not in again.content
    assert sending.secret_of(Way.objects.get()).encode() in again.content


def test_a_mail_server_that_says_nothing_is_left_after_its_time_and_asked_again_later(settings: Any) -> None:
    way = waiting_for(person("ann"), "ann@host.example", sort="email")
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.EMAIL_HOST, settings.EMAIL_PORT = silent.getsockname()[:2]
        settings.EMAIL_TIMEOUT = 0.3
        assert (sending.send_all(), sending.send_all()) == (1, 0)
    notice = Notice.objects.get(way=way)
    assert (notice.state, notice.attempts) == ("waiting", 1)
    assert "timed out" in notice.last_error


def test_an_e_mail_tells_what_waits_and_a_server_that_is_gone_delays_nothing_else(
    settings: Any, tmp_path: Path
) -> None:
    ann = person("ann")
    way = waiting_for(ann, "ann@host.example", sort="email")
    assert sending.send_all() == 1
    [sent] = mail.outbox
    assert (sent.to, sent.subject[:30]) == (["ann@host.example"], "[tradingops] long BTC-PERP: wa")
    assert "https://desk.example/admin/inbox/plan/ITEM000000/" in sent.body
    assert "Opening the link decides nothing" in sent.body
    settings.EMAIL_BACKEND, settings.EMAIL_HOST = "django.core.mail.backends.smtp.EmailBackend", "127.0.0.1"
    settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = 1, 0.5
    Review.objects.bulk_create([a_review(1, may_decide=["ann"])])
    watching.Looking()()
    before = list(Review.objects.values())
    assert sending.send_all() == 1
    assert "refused" in Notice.objects.get(way=way, state="waiting").last_error
    assert list(Review.objects.values()) == before
    settings.EMAIL_BACKEND, settings.EMAIL_FILE_PATH = "django.core.mail.backends.filebased.EmailBackend", str(tmp_path)
    due_now()
    sending.send_all()
    assert "ITEM000001" in next(tmp_path.iterdir()).read_text()
    settings.HAS_MAIL = False
    with pytest.raises(ways.Refused, match="no mail server is set"):
        ways.add(ann, "email", "other@host.example")


def test_looking_at_the_bell_marks_nothing_as_seen_and_each_sees_their_own() -> None:
    ann, bob = person("ann"), person("bob")
    Review.objects.bulk_create([a_review(0, may_decide=["ann", "bob"])])
    watching.Looking()()
    client = Client()
    client.force_login(ann)
    for _ in range(20):
        assert b'<span class="bell-count">1</span>' in client.get(reverse("admin:console_notices_bell")).content
        assert client.get(reverse("admin:console_notices")).status_code == 200
        assert client.head(reverse("admin:console_inbox_item", args=["ITEM000000"])).status_code == 200
    assert client.get(reverse("admin:console_notices_action", args=["see"])).status_code == 405
    assert not Notice.objects.exclude(seen_at=None).exists()
    assert not PeopleStrand.objects.filter(kind="verdict").exists()
    newest = ways.bell(bob).latest("pk").pk
    client.post(reverse("admin:console_notices_action", args=["see"]), {"up_to": max(newest, 10**6)})
    assert (ways.unseen(ann), ways.unseen(bob)) == (0, 1)
    assert client.post(reverse("admin:console_notices_action", args=["see"]), {"up_to": "x"}).status_code == 302
    assert client.post(reverse("admin:console_notices_action", args=["burn"])).status_code == 404
