"""What the decision maker and the desk say of reviews, as rows of dm_reviews and changes of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from strands import figures, json_values
from strands.json_values import at
from strands.strand import Strand
from strands.written import Written

Row = dict[str, Any]

_TERMS = ("needs", "silence", "hash")
_PRICES = ("quantity", "entry_price", "stop_loss", "take_profit")

ASKED = Written(
    columns={
        **dict.fromkeys(("id", "plan_id", "lifecycle_id", "symbol", "direction", "regime", "timeframe"), "text"),
        **dict.fromkeys(("confidence", "size"), "float8"),
        **dict.fromkeys(_PRICES, "numeric"),
        **dict.fromkeys(("asked_at", "deadline"), "timestamptz"),
        **dict.fromkeys((*_TERMS, "shown_id", "due_id"), "text"),
        "version": "int",
        **dict.fromkeys(("have", "authors"), "jsonb"),
    }
)
ANSWERED = Written(
    columns={**dict.fromkeys(("id", "answer_id"), "text"), **dict.fromkeys(("have", "answer", "may_decide"), "jsonb")}
)
ENDED = Written(
    columns={**dict.fromkeys(("id", "outcome", "decision_id"), "text"), "ended_at": "timestamptz", "have": "jsonb"}
)

#: What of an answer a person reads.
_OF_AN_ANSWER = ("verdict", "verdict_id", "by", "comment", "counted", "outcome", "reason", "finding", "lapsed",
                 "changes", "hash")  # fmt: skip


def asked(review: Strand) -> Row | None:
    """Return the row of a question in its version; None for one that leaves out what every review has."""
    told = json_values.mapping(review.payload.get("dm_decision"))
    terms, plan = json_values.mapping(told.get("review")), json_values.mapping(told.get("plan"))
    needed = {
        "id": at(terms, "item") or review.id,
        "plan_id": told.get("plan_id"),
        "symbol": review.symbol,
        "direction": plan.get("direction"),
        "deadline": _moment(terms.get("deadline")),
        "version": terms.get("version"),
        **{name: terms.get(name) for name in _TERMS},
    }
    if any(value is None or value == "" for value in needed.values()) or needed["needs"] not in ("one", "two"):
        return None
    return {
        **needed,
        "lifecycle_id": review.lifecycle_id,
        "regime": review.regime,
        "timeframe": review.timeframe,
        "confidence": json_values.number(at(review.payload, "dm_alpha.confidence_score")),
        "size": json_values.number(plan.get("position_size")),
        **{name: _text(plan.get(name)) for name in _PRICES},
        "asked_at": review.at.isoformat(),
        "shown_id": review.id,
        "due_id": terms.get("due"),
        "have": terms.get("have"),
        "authors": terms.get("authors"),
    }


def answered(answer: Strand) -> Row | None:
    """Return what an answer adds to its review; None for one to a verdict on what waits for nobody."""
    terms = json_values.mapping(at(answer.payload, "dm_decision.review"))
    if not terms.get("item"):
        return None
    told = {name: terms.get(name) for name in _OF_AN_ANSWER}
    return {
        "id": terms.get("item"),
        "have": terms.get("have"),
        "answer_id": answer.id,
        "answer": {**told, "at": answer.at.isoformat()} if told["verdict"] or told["reason"] else None,
        "may_decide": terms.get("may_decide"),
    }


def ended(decision: Strand) -> Row | None:
    """Return how a review ended by its decision; None for a decision that nobody was asked about."""
    terms = at(decision.payload, "dm_decision.review")
    outcome = at(terms, "outcome")
    if not isinstance(outcome, str):
        return None
    return {
        "id": at(terms, "item"),
        "outcome": outcome,
        "decision_id": decision.id,
        "ended_at": decision.at.isoformat(),
        "have": at(terms, "have"),
    }


def _text(value: object) -> str | None:
    number = figures.decimal(value)
    return None if number is None else format(number, "f")


def _moment(value: object) -> str | None:
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return moment.isoformat() if moment and moment.tzinfo else None
