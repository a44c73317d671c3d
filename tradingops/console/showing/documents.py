"""HTML of JSON documents: cards and tables, with the whole as text to unfold below."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from strands import figures, telling
from strands.json_values import Unreadable
from tradingops.console.showing import html

#: Keys that a reader looks for first, in this order.
FIRST = (
    *("gate", "passed", "decision_type", "score", "reason", "status", "level", "outcome", "pnl", "symbol", "direction"),
    *("side", "intent", "quantity", "qty", "px", "value", "comparison", "limit", "distance"),
    *("entry_price", "stop_loss", "take_profit"),
)
#: Documents nested deeper than this are shown as JSON.
DEEPEST = 3


def document(value: Any) -> SafeString:
    """Return JSON as cards and tables, with the whole as text to unfold below."""
    if value is None:
        return format_html("{}", figures.ABSENT)
    if not isinstance(value, Mapping | list):
        return _scalar(value)
    text = json.dumps(value, indent=2, ensure_ascii=False)
    return format_html(
        '<div class="document">{}<details class="raw"><summary>JSON</summary><pre>{}</pre></details></div>',
        _shown(value, depth=0),
        text,
    )


def _shown(value: Any, *, depth: int) -> SafeString:
    if isinstance(value, Mapping) and value and depth < DEEPEST:
        return _card(value, depth=depth)
    if isinstance(value, list) and value and depth < DEEPEST:
        return _listed(value, depth=depth)
    if isinstance(value, Mapping | list):
        return format_html("<code>{}</code>", json.dumps(value, ensure_ascii=False)) if value else _scalar("none")
    return _scalar(value)


def _card(value: Mapping[str, Any], *, depth: int) -> SafeString:
    """Return the keys of an object with their values; objects within come after the plain values."""
    ordered = sorted(value.items(), key=lambda item: (_holds_more(item[1]), *_place(item[0])))
    facts = [
        ("fact wide" if _holds_more(inner) else "fact", figures.spaced(name), _named(name, inner, depth=depth + 1))
        for name, inner in ordered
    ]
    rows = format_html_join("", '<div class="{}"><dt>{}</dt><dd>{}</dd></div>', facts)
    return format_html('<dl class="facts">{}</dl>', rows)


def _holds_more(value: Any) -> bool:
    return isinstance(value, Mapping | list) and bool(value)


def _place(name: Any) -> tuple[int, str]:
    """Return where a key comes: first what a reader looks for, then by name; the database keeps no order."""
    return (FIRST.index(name) if name in FIRST else len(FIRST), str(name))


def _named(name: Any, value: Any, *, depth: int) -> SafeString:
    """Return a value whose name may say more than it does itself: a test that was passed, or was not."""
    if name == "passed" and isinstance(value, bool):
        tone = telling.Tone.GOOD if value else telling.Tone.BAD
        return html.part(telling.Part("passed" if value else "failed", tone, pill=True))
    if not isinstance(value, Mapping | list) and isinstance(figures.plain(value), Unreadable):
        return html.unreadable(str(name))
    return _shown(value, depth=depth)


def _listed(value: Sequence[Any], *, depth: int) -> SafeString:
    """Return a list of objects as a table, a list of plain values as a line."""
    if all(isinstance(each, Mapping) for each in value):
        return _table(value, depth=depth)
    return format_html_join(", ", "{}", ((_shown(each, depth=depth + 1),) for each in value))


def _table(rows: Sequence[Mapping[str, Any]], *, depth: int) -> SafeString:
    columns = sorted({name for row in rows for name in row}, key=_place)
    head = format_html_join("", "<th>{}</th>", ((figures.spaced(name),) for name in columns))
    body = format_html_join("", "<tr>{}</tr>", ((_table_row(row, columns, depth=depth),) for row in rows))
    return format_html(
        '<div class="table-scroll"><table class="plain"><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>',
        head,
        body,
    )


def _table_row(row: Mapping[str, Any], columns: Iterable[str], *, depth: int) -> SafeString:
    return format_html_join("", "<td>{}</td>", ((_named(name, row.get(name), depth=depth + 2),) for name in columns))


def _scalar(value: Any) -> SafeString:
    if isinstance(value, bool):
        return html.part(telling.Part("yes" if value else "no"))
    if isinstance(value, str) and (at := _as_moment(value)):
        return html.moment(at)
    if isinstance(value, str) and value in telling.TONES:
        return html.pill(value)
    if figures.decimal(value) is not None:
        return format_html('<span class="figure" title="{}">{}</span>', value, figures.plain(value, figures=8))
    return format_html("{}", figures.plain(value))


def _as_moment(text: str) -> datetime | None:
    """Return the moment that ISO text with a zone names, None for other text."""
    if len(text) < 20 or text[4] != "-" or text[10] != "T":
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else None


def json_text(text: str) -> SafeString:
    """Return JSON text as cards when it is small, else indented; text that is no JSON as it is."""
    try:
        value = json.loads(text)
    except ValueError:
        return format_html("<pre>{}</pre>", text)
    return document(value)
