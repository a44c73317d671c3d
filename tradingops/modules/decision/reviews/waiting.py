"""A plan that waits for people: what was asked, of what they are shown, until when, and who has answered so far."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from portfolio import ledger
from strands.strand import Strand
from tradingops.modules.decision.reviews.policy import Needs, Silence

#: What of a signal is needed to judge its plan again; a review keeps no more of it.
_OF_A_SIGNAL = ("trading_plan", "sig_sigma", "sig_confidence", "sig_direction", "dsi_evidence", "regime_context")


class PriceBand(NamedTuple):
    """Between which prices the market must lie for a verdict to count, both included."""

    low: Decimal
    high: Decimal

    def holds(self, price: Decimal) -> bool:
        return self.low <= price <= self.high

    def to_json(self) -> list[str]:
        return [ledger.text(self.low), ledger.text(self.high)]


class Waiting(NamedTuple):
    """One plan that waits.

    ``item`` is the id of the strand that asked first; ``shown`` the hash of what people see of it now, in its
    ``version``. ``signal`` holds the plan as people left it, ``changes`` what they changed. ``approvals`` are the
    people whose word for the plan as it is shown counts, ``authors`` those who changed it. ``policy`` tells the
    version of the policy that it was judged under, ``may_decide`` who may say something, None before that was told.
    """

    item: str
    signal: Strand
    needs: Needs
    deadline: datetime
    silence: Silence
    price_band: PriceBand
    shown: str
    policy: str
    version: int = 1
    approvals: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    changes: Mapping[str, Any] = {}
    #: What the fields that people changed held as alpha made the plan.
    before: Mapping[str, Any] = {}
    #: The verdicts that counted, with who gave each, when and why.
    verdicts: tuple[Mapping[str, Any], ...] = ()
    escalated: bool = False
    may_decide: tuple[str, ...] | None = None

    def is_open(self, now: datetime) -> bool:
        """Return whether a verdict at a moment is in time: at the very deadline it is not."""
        return now < self.deadline

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values; ``load`` undoes it."""
        return {
            **self._asdict(),
            "signal": _signal_to_json(self.signal),
            "needs": self.needs.value,
            "deadline": self.deadline.isoformat(),
            "silence": self.silence.value,
            "price_band": self.price_band.to_json(),
            "approvals": list(self.approvals),
            "authors": list(self.authors),
            "changes": dict(self.changes),
            "before": dict(self.before),
            "verdicts": list(self.verdicts),
            "may_decide": None if self.may_decide is None else list(self.may_decide),
        }


#: By the id of the plan, in the order in which they were asked about.
Reviews = Mapping[str, Waiting]
#: What became of the last ones, in words, by the id of the plan.
Ended = Mapping[str, str]


def load(kept: Mapping[str, Any]) -> Waiting:
    """Return what ``to_json`` wrote."""
    able = kept.get("may_decide")
    return Waiting(
        **{
            **kept,
            "signal": _signal_from(kept["signal"]),
            "needs": Needs(kept["needs"]),
            "deadline": datetime.fromisoformat(kept["deadline"]),
            "silence": Silence(kept["silence"]),
            "price_band": PriceBand(*map(Decimal, kept["price_band"])),
            "approvals": tuple(kept["approvals"]),
            "authors": tuple(kept["authors"]),
            "verdicts": tuple(kept["verdicts"]),
            "may_decide": None if able is None else tuple(able),
        }
    )


def kept_of(signal: Strand, *, plan: Mapping[str, Any] | None = None) -> Strand:
    """Return a signal with what a review keeps of it, another plan in its place where one is given."""
    payload = {name: signal.payload[name] for name in _OF_A_SIGNAL if name in signal.payload}
    if plan is not None:
        payload["trading_plan"] = dict(plan)
    return _strand(signal, payload)


def content_hash(content: Mapping[str, Any]) -> str:
    """Return the SHA-256 of JSON values in one spelling, whatever the order of their fields."""
    spelt = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(spelt.encode()).hexdigest()


_PLAIN = ("id", "module", "kind", "symbol", "timeframe", "lifecycle_id", "session_bucket", "regime", "hop")


def _strand(like: Strand, payload: Mapping[str, Any]) -> Strand:
    return Strand(at=like.at, payload=payload, **{name: getattr(like, name) for name in _PLAIN})


def _signal_to_json(signal: Strand) -> dict[str, Any]:
    plain = {name: getattr(signal, name) for name in _PLAIN}
    return {**plain, "at": signal.at.isoformat(), "payload": dict(signal.payload)}


def _signal_from(kept: Mapping[str, Any]) -> Strand:
    return Strand(**{**kept, "at": datetime.fromisoformat(kept["at"])})
