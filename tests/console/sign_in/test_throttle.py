"""The throttle at the sign-in."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.auth import hashers
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from strands.models import Halt
from tests import workers
from tests.console.consoles import Console
from tradingops.sign_in import throttle
from tradingops.sign_in.models import Attempt

RIGHT = "a right password"


@pytest.fixture
def ada(db: None) -> User:
    return User.objects.create_user("ada", password=RIGHT, is_staff=True)


@pytest.fixture
def frozen(monkeypatch: pytest.MonkeyPatch) -> datetime:
    """The moment at which everything is tried: waits are seconds, and a busy machine takes longer between two tries."""
    moment = timezone.now()
    monkeypatch.setattr(throttle.timezone, "now", lambda: moment)
    return moment


@pytest.fixture
def looked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The passwords that were hashed to be looked at."""
    seen: list[str] = []
    own = hashers.MD5PasswordHasher.encode
    monkeypatch.setattr(
        hashers.MD5PasswordHasher,
        "encode",
        lambda self, password, salt: (seen.append(password), own(self, password, salt))[1],
    )
    return seen


def tried(password: str, *, name: str = "ada", client: Client | None = None, **meta: Any) -> Any:
    address = reverse("admin:login") + "?next=/admin/"
    return (client or Client()).post(address, {"username": name, "password": password}, **meta)


def test_after_three_wrong_ones_none_is_looked_at_and_the_page_says_how_long(
    ada: User, looked: list[str], frozen: datetime
) -> None:
    answers = [tried(f"wrong {nth}") for nth in range(60)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, *[429] * 57]
    assert looked == ["wrong 0", "wrong 1", "wrong 2"]
    assert "wait 1 s" in answers[-1].content.decode()
    assert answers[-1].headers["Retry-After"] == "1"


def test_a_right_password_that_has_to_wait_does_not_sign_in_and_afterwards_does(ada: User, frozen: datetime) -> None:
    for nth in range(4):
        tried(f"wrong {nth}")
    assert tried(RIGHT).status_code == 429
    Attempt.objects.update(until=frozen)
    assert tried(RIGHT).status_code == 302
    assert Attempt.objects.count() == 0


def test_waits_grow_for_a_name_from_an_address(ada: User) -> None:
    now, waits = timezone.now(), []
    for _ in range(8):
        assert throttle.claim("ada", address="192.0.2.1", now=now) == 0
        waits.append(wait := throttle.claim("ada", address="192.0.2.1", now=now))
        now += timedelta(seconds=wait or 0)
        if not wait:
            waits.pop()
    assert waits == sorted(waits)
    assert waits[-1] >= 8


@pytest.mark.parametrize("written", ["ADA", "ada", "Ada"])
def test_a_name_is_one_however_it_is_written(ada: User, written: str, looked: list[str], frozen: datetime) -> None:
    for nth in range(3):
        tried(f"wrong {nth}", name=written)
    assert tried(RIGHT).status_code == 429


def test_many_at_once_are_counted_as_many(transactional_db: None) -> None:
    now = timezone.now()

    def claimed(_: int) -> int:
        try:
            return throttle.claim("ada", address="192.0.2.1", now=now)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as together:
        waits = list(together.map(claimed, range(24)))
    assert waits.count(0) == 3


def test_a_stranger_slows_the_owner_of_a_name_at_most_up_to_the_cap(ada: User) -> None:
    now = timezone.now()
    for nth in range(200):
        Attempt.objects.create(name="ada", address=f"198.51.100.{nth}", failures=50, until=now + timedelta(hours=1))
    wait = throttle.claim("ada", address="192.0.2.1", now=now)
    assert wait == throttle.POLICY.crowd_seconds
    later = now + timedelta(seconds=wait)
    assert throttle.claim("ada", address="192.0.2.1", now=later) == 0, "and others' tries meanwhile change nothing"


def test_one_bad_guesser_does_not_lock_out_the_others_behind_the_same_address(ada: User) -> None:
    now = timezone.now()
    for nth in range(300):
        throttle.claim(f"guess {nth}", address="192.0.2.1", now=now)
    wait = throttle.claim("ada", address="192.0.2.1", now=now)
    assert wait <= throttle.POLICY.crowd_seconds
    assert throttle.claim("ada", address="192.0.2.1", now=now + timedelta(seconds=wait)) == 0


def test_a_device_that_is_signed_in_never_waits_for_what_others_tried(ada: User, frozen: datetime) -> None:
    client = Client()
    client.force_login(ada)
    Attempt.objects.create(name="ada", address="198.51.100.1", failures=9_000, until=frozen)
    assert tried(RIGHT, client=client).status_code == 302
    assert tried(RIGHT).status_code == 429


def test_a_forged_header_changes_nothing(ada: User, settings: Any, frozen: datetime) -> None:
    answers = [tried("wrong", HTTP_X_FORWARDED_FOR=f"203.0.113.{nth}").status_code for nth in range(5)]
    assert answers == [200, 200, 200, 429, 429]
    settings.PROXIES = 1
    forged = [tried("wrong", HTTP_X_FORWARDED_FOR=f"203.0.113.{nth}, 192.0.2.9").status_code for nth in range(5)]
    assert forged == [200, 200, 200, 429, 429]
    assert Attempt.objects.filter(address="192.0.2.9").exists()


def test_what_was_tried_is_forgotten_and_no_password_is_kept(ada: User) -> None:
    tried("my secret")
    assert "my secret" not in str(Attempt.objects.values())
    throttle.claim("grace", address="192.0.2.1", now=timezone.now() + timedelta(hours=2))
    assert not Attempt.objects.filter(name="ada").exists()


def test_one_password_an_address_is_looked_at_at_a_time(ada: User) -> None:
    with throttle.one_at_a_time("127.0.0.1"):
        assert tried(RIGHT).status_code == 429
    assert tried(RIGHT).status_code == 302


TOKEN = "a" * 32


def sent(console: Console, address: str, told: dict[str, str], *, session: str = "") -> tuple[int, Any]:
    """Send a form and return the answer's status and headers."""
    cookies = f"tradingops_csrf={TOKEN}" + (f"; tradingops_session={session}" if session else "")
    headers = {"Cookie": cookies, "Content-Type": "application/x-www-form-urlencoded", "Referer": console.origin}
    caller = HTTPConnection("127.0.0.1", console.port, timeout=20)
    try:
        caller.request("POST", address, urlencode({**told, "csrfmiddlewaretoken": TOKEN}), headers)
        answer = caller.getresponse()
        answer.read()
        return answer.status, answer.headers
    finally:
        caller.close()


GUESSERS = 8
#: How many guesses may be answered while a halt is asked for: each guesser's own a few times, whatever they cost.
OVERTAKEN = 5 * GUESSERS


def test_while_many_wrong_tries_run_a_signed_in_operator_halts_before_they_are_worked_off(console: Console) -> None:
    """The tries come from eight threads without a pause, by names of their own, so that each may be looked at."""
    stop, answers = threading.Event(), []

    def guess(thread: int) -> None:
        while not stop.is_set():
            told = {"username": f"guess {thread} {len(answers)}", "password": "wrong"}
            answers.append(sent(console, "/admin/login/?next=/admin/", told)[0])

    threads = [threading.Thread(target=guess, args=(nth,)) for nth in range(GUESSERS)]
    for thread in threads:
        thread.start()
    workers.until(lambda: len(answers) > 2 * GUESSERS, what="the guesses are under way")
    before = len(answers)
    asked = {"scope": "desk", "state": "halted", "reason": "a bad day", "_form_submitted": "on"}
    status, headers = sent(console, "/admin/halts/stop/", asked, session=console.cookie)
    meanwhile = len(answers) - before
    stop.set()
    for thread in threads:
        thread.join()
    assert (status, headers.get("HX-Refresh")) == (200, "true")
    assert Halt.objects.filter(scope="desk", state="halted").exists()
    assert meanwhile <= OVERTAKEN
    assert set(answers) <= {200, 429}


def test_the_command_halts_without_signing_in(ada: User) -> None:
    for nth in range(10):
        tried(f"wrong {nth}")
    call_command("halt", reason="the console is under attack")
    assert Halt.objects.filter(scope="desk", state="halted").exists()
