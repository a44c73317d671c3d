"""Sends what waits in the outbox: claimed for a while, tried again after growing waits, and told as dead in the end.

No transaction is open and no row is held while the world outside is spoken to. Two processes may send at once; a
process that dies leaves its claim to run out, so a message goes out at least once, with one id by which to tell.
"""

from __future__ import annotations

import smtplib
from datetime import timedelta
from typing import Any

import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import F
from django.db.models.functions import Now

from tradingops.notices import events, signature, webhook
from tradingops.notices.models import Notice, Way
from tradingops.notices.webhook import Unsent

log = structlog.get_logger("tradingops.notices")

#: How long each try is waited for before the next, in seconds; after the last the message is dead.
WAITS = (10, 60, 300, 1_800, 7_200, 21_600)
#: How long a process that took a message may keep it to itself, in seconds: longer than any try.
CLAIM = 60
#: The most that one round sends.
MOST = 50

CLAIMED = """
    UPDATE notices SET attempts = attempts + 1, not_before = statement_timestamp() + %s * interval '1 second'
     WHERE id = (SELECT id FROM notices WHERE state = 'waiting' AND not_before <= statement_timestamp()
                  ORDER BY not_before, id LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING *
"""


def send_all() -> int:
    """Send what is due, one after the other; return how many were tried."""
    tried = 0
    while tried < MOST and (notice := _claimed()) is not None:
        tried += 1
        try:
            _send(notice)
        except (Unsent, OSError, smtplib.SMTPException) as fault:
            _put_off(notice, str(fault) or type(fault).__name__)
        else:
            _end(notice, Notice.State.SENT)
    return tried


def _claimed() -> Notice | None:
    return next(iter(Notice.objects.raw(CLAIMED, [CLAIM])), None)


def _send(notice: Notice) -> None:
    """Send one message by its way; raises what the way there raises."""
    way = notice.way
    if way is None or not notice.person.is_active:
        raise Unsent("nobody hears it any more")
    if way.sort == Way.Sort.WEBHOOK:
        secret = secret_of(way)
        webhook.send(way.address, message(notice), secret=secret, private=settings.NOTICES_PRIVATE)
        return
    told = message(notice)
    lines = (told["words"], "", f"Look at it: {told['link']}", "", "Opening the link decides nothing.")
    subject = " ".join(f"[tradingops] {told['words']}".split())[:200]
    mail = EmailMessage(subject, "\n".join(lines), settings.DEFAULT_FROM_EMAIL, [way.address])
    mail.send()


def message(notice: Notice) -> dict[str, Any]:
    """Return what a message says, as JSON values: what happened, of what, and where it is seen."""
    return {
        "id": f"notice-{notice.pk}",
        "event": notice.event,
        "words": notice.words,
        "link": f"{settings.CONSOLE_URL}{notice.path}",
        "at": notice.created_at.isoformat(),
        "about": notice.about,
    }


def secret_of(way: Way) -> str:
    """Return the secret that a webhook's messages are signed with."""
    return signature.secret(settings.SECRET_KEY, way=way.pk, salt=way.salt)


def _put_off(notice: Notice, reason: str) -> None:
    """Try again later, or give up and tell the person on the bell."""
    if notice.attempts <= len(WAITS):
        wait = timedelta(seconds=WAITS[notice.attempts - 1])
        Notice.objects.filter(pk=notice.pk).update(not_before=Now() + wait, last_error=reason)
        return
    Notice.objects.filter(pk=notice.pk).update(last_error=reason)
    _end(notice, Notice.State.DEAD)
    log.warning("message is dead", notice=notice.pk, tries=notice.attempts)
    words = f"{notice.way} was not reached in {notice.attempts} tries ({reason}): {notice.words}"
    Notice.objects.bulk_create(
        [
            Notice(
                person=notice.person,
                event=events.DEAD,
                key=f"dead:{notice.pk}",
                words=words[:500],
                path=notice.path,
                about=notice.about,
                state=Notice.State.BELL,
            )
        ],
        ignore_conflicts=True,
    )


def _end(notice: Notice, state: str) -> None:
    Notice.objects.filter(pk=notice.pk).update(state=state, ended_at=Now(), attempts=F("attempts"))
