"""HTML of single values: moments, pills, figures, links."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote as urlquote

from django.contrib.admin.utils import quote
from django.db.models import Model
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from strands import figures, telling
from strands.calendar import Beyond
from strands.json_values import UNREADABLE, Unreadable
from tradingops.console.showing import looks


def moment(at: datetime | None) -> SafeString:
    """Return a moment that the page's script words: how long ago, the whole on hover."""
    if at is None:
        return format_html("{}", figures.ABSENT)
    if isinstance(at, Beyond):
        return unreadable("moment")
    return format_html('<time datetime="{}" data-moment>{}</time>', at.isoformat(), f"{at:%Y-%m-%d %H:%M:%S} UTC")


def absolute(at: datetime | None) -> SafeString:
    """Return a moment of the market's time, which is not the clock's: the day, the second, UTC."""
    if at is None:
        return format_html("{}", figures.ABSENT)
    if isinstance(at, Beyond):
        return unreadable("moment")
    at = at.astimezone(UTC)
    return format_html('<time datetime="{}">{}</time>', at.isoformat(), f"{at:%Y-%m-%d %H:%M:%S} UTC")


def setting(value: Any) -> str:
    """Return a value of a policy in words: lists of plain values by commas, whatever lies deeper as JSON."""
    if value is None or value == []:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple) and all(isinstance(each, str | int | float) for each in value):
        return ", ".join(map(setting, value))
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def clipped(text: str) -> SafeString:
    """Return words on one line that end where the room does, the whole on hover."""
    if not text:
        return format_html("{}", figures.ABSENT)
    return format_html('<span class="clipped" title="{0}">{0}</span>', text)


def story(identity: str, *, of: str = "") -> str:
    """Return the address of the page that tells the story of a strand, at one of its strands."""
    address = reverse("admin:console_lifecycle", args=[identity])
    return f"{address}#{urlquote(of)}" if of and of != identity else address


def part(told: telling.Part) -> SafeString:
    """Return a word or figure in its tone; a pill stands out."""
    look = "pill pill" if told.pill else "said said"
    title = format_html(' title="{}"', told.title) if told.title else ""
    return format_html('<span class="{}-{}"{}>{}</span>', look, told.tone.value, title, told.text)


def unreadable(field: str) -> SafeString:
    """Return the word for what cannot be read, its field on hover."""
    return part(telling.Part(UNREADABLE, title=field))


def is_unreadable(value: Any) -> bool:
    """Return whether a column holds what nobody can read: no number, no moment of the calendar, no document."""
    if isinstance(value, Decimal | float):
        return figures.decimal(value) is None
    return isinstance(value, Beyond | Unreadable)


def parts(told: Iterable[telling.Part]) -> SafeString:
    """Return a line in its parts."""
    return format_html('<span class="gist">{}</span>', format_html_join(" ", "{}", ((part(each),) for each in told)))


def pill(word: Any) -> SafeString:
    """Return a status as a pill; its tone repeats what the word says."""
    return part(telling.pill(word))


def chip(kind: str | None) -> SafeString:
    """Return a kind in its own look; one that nobody declared by its name alone."""
    look = looks.of(kind)
    return part(telling.Part(look.label, look.tone, pill=True))


def figure(text: str, *, tone: telling.Tone = telling.Tone.PLAIN) -> SafeString:
    """Return a number to be set to the right, its digits equally wide."""
    return format_html('<span class="figure said-{}">{}</span>', tone.value, text)


def signed(value: Any, text: str) -> SafeString:
    """Return a number in words, coloured by its sign."""
    return figure(text, tone=telling.gain(value))


def gain(value: Any) -> SafeString:
    """Return money won or lost, its sign spelled out."""
    return signed(value, figures.money(value, signed=True))


def link(address: str, text: str | SafeString) -> SafeString:
    """Return a link within the console."""
    return format_html('<a class="link" href="{}">{}</a>', address, text)


def short(identity: str | None) -> SafeString:
    """Return an id by its ends, the whole on hover."""
    if not identity:
        return format_html("{}", figures.ABSENT)
    text = str(identity)
    shown = text if len(text) <= 14 else f"{text[:6]}…{text[-6:]}"
    return format_html('<code class="identity" title="{}">{}</code>', text, shown)


def lifecycle(identity: str | None) -> SafeString:
    """Return a link to the page that tells a lifecycle from its first cause to its end.

    Of the id it shows a part of the moment and a part of the cause, for either alone is shared by many.
    """
    if not identity:
        return format_html("{}", figures.ABSENT)
    return format_html(
        '<a class="link" href="{}" title="Lifecycle {}">{}</a>',
        reverse("admin:console_lifecycle", args=[identity]),
        identity,
        f"{identity[4:10]}…{identity[-4:]}",
    )


def value(of: Any) -> SafeString:
    """Return the value of a plain column."""
    if isinstance(of, Unreadable):
        return unreadable(of.field)
    if isinstance(of, datetime):
        return moment(of)
    if isinstance(of, Decimal | float):
        return format_html('<span class="figure">{}</span>', figures.plain(of, figures=10))
    if isinstance(of, str) and of in telling.TONES:
        return pill(of)
    return format_html("{}", figures.plain(of or None) if isinstance(of, str | bool) or of is None else of)


def plain_list(words: Iterable[Any]) -> SafeString:
    """Return words side by side, a dash for none."""
    return format_html_join(" ", "<code>{}</code>", ((word,) for word in words)) or format_html("{}", figures.ABSENT)


def related(row: Model | None) -> SafeString:
    """Return a link to another row's page."""
    if row is None:
        return format_html("{}", figures.ABSENT)
    name = f"admin:{row._meta.app_label}_{row._meta.model_name}_change"
    return link(reverse(name, args=[quote(row.pk)]), str(row))
