"""What a version would have done, as it is shown: the jobs asked of it, how far they are, and what they tell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from django.http import HttpRequest

from strands import figures, json_values
from tradingops.console.policies import queries
from tradingops.mandates import mandates
from tradingops.policies.models import Version
from tradingops.whatif.models import Job, ShadowDecision
from tradingops.whatif.tally import LOOSER, STRICTER

#: Flips that a version's page shows each way; the page of the job shows as many as this.
SHOWN, MOST = 10, 500
WAYS = {LOOSER: "no before, yes under the draft", STRICTER: "yes before, no under the draft"}
#: How a shadow's decision may differ.
SORTS = {
    LOOSER: "looser: it would trade where the desk did not",
    STRICTER: "stricter: the desk traded where it would not",
    "size": "another size",
    "missing": "missing: it could not decide",
}


class Difference(NamedTuple):
    """One decision of a shadow that is not the desk's: both in words, and the gates that found otherwise."""

    row: ShadowDecision
    was: str
    now: str
    gates: list[str]


class Flip(NamedTuple):
    """One plan that the draft decides otherwise: the gate that says no, with what it found and its limit then."""

    at: str
    symbol: str
    lifecycle: str
    gate: str
    value: Any
    limit: Any
    came_to: str


class Way(NamedTuple):
    """The flips one way: how many there are, what those plans came to one by one, and the first of them."""

    name: str
    means: str
    total: int
    came_to: Mapping[str, Any]
    flips: list[Flip]


class Shown(NamedTuple):
    """A job with what it tells; ``is_old`` where what it was made on or of is not what stands."""

    job: Job
    percent: int
    is_old: str
    alone: Mapping[str, Any]
    turns: Mapping[str, Any]
    left_out: int
    ways: list[Way]
    sizes: list[Mapping[str, Any]]
    period: Mapping[str, Any]
    is_bounded: bool


def context(request: HttpRequest, version: Version, *, in_force: int) -> dict[str, Any]:
    """Return the newest job of each sort that was asked of a version, and whether one is under way."""
    jobs = queries.jobs(version)
    allowed = mandates.symbols_of(request.user) if jobs else None
    told = [shown_of(each, version, allowed=allowed, in_force=in_force, most=SHOWN) for each in jobs]
    return {"trials": told, "is_under_way": any(not each.ends for each in jobs)}


def shown_of(job: Job, version: Version, *, allowed: frozenset[str] | None, in_force: int, most: int) -> Shown:
    """Return what a job tells, of the symbols that a person may see; None for all."""
    result = json_values.mapping(job.result)
    alone = json_values.mapping(result.get("each_decision_alone"))
    turns = json_values.mapping(result.get("each_turn_alone"))
    return Shown(
        job,
        round(job.progress * 100),
        _old(job, version, in_force),
        alone,
        turns,
        _left_out(alone, "decisions", "decided_again") + _left_out(turns, "turns", "taken_again"),
        [_way(name, json_values.mapping(alone.get(name)), allowed, most) for name in WAYS] if alone else [],
        [each for each in json_values.items(alone.get("sizes")) if _may_see(each, allowed)][:most],
        json_values.mapping(result.get("whole_period_replayed")),
        allowed is not None,
    )


def _left_out(told: Mapping[str, Any], all_of: str, again: str) -> int:
    return int((told.get(all_of) or 0) - (told.get(again) or 0)) if told else 0


def _old(job: Job, version: Version, in_force: int) -> str:
    if job.hash != version.hash:
        return "made of what this draft held before"
    return f"made on version {job.made_on}, and version {in_force} is in force" if job.made_on != in_force else ""


def _way(name: str, told: Mapping[str, Any], allowed: frozenset[str] | None, most: int) -> Way:
    plans = [each for each in json_values.items(told.get("plans")) if _may_see(each, allowed)]
    came_to = json_values.mapping(told.get("came_to")) if allowed is None else {}
    return Way(name, WAYS[name], len(plans), came_to, list(_flips(name, plans[:most])))


def _may_see(plan: Any, allowed: frozenset[str] | None) -> bool:
    return allowed is None or json_values.dig(plan, "symbol") in allowed


def _flips(way: str, plans: list[Any]) -> Iterator[Flip]:
    side = "now" if way == STRICTER else "was"
    for each in plans:
        reason = figures.word(json_values.dig(each, f"{side}.reason"))
        gates = (gate for gate in json_values.items(each.get("gates")) if json_values.dig(gate, "gate") == reason)
        named = next(gates, None)
        found = json_values.mapping(named.get(side)) if named else {}
        yield Flip(
            figures.word(each.get("at")),
            figures.word(each.get("symbol")),
            figures.word(each.get("lifecycle_id")),
            figures.spaced(reason),
            found.get("value"),
            found.get("limit"),
            _worth(json_values.mapping(each.get("value"))),
        )


def _worth(value: Mapping[str, Any]) -> str:
    percent = json_values.number(value.get("pnl_percent"))
    basis = figures.word(value.get("basis"))
    return basis if percent is None else f"{percent:+.2%} ({basis})"


def difference(row: ShadowDecision) -> Difference:
    """Return what a shadow decided otherwise, in words."""
    gates = [json_values.mapping(each) for each in json_values.items(row.gates)]
    return Difference(row, _words(row.was), _words(row.now), [_gate(each) for each in gates])


def _words(said: Any) -> str:
    told = json_values.mapping(said)
    kind, reason = figures.spaced(figures.word(told.get("type"))), figures.spaced(figures.word(told.get("reason")))
    size = json_values.number(told.get("size"))
    return " ".join(filter(None, (kind, f"({reason})" if reason else "", f"{size:.4f} of value" if size else "")))


def _gate(told: Mapping[str, Any]) -> str:
    was, now = (json_values.mapping(told.get(side)) for side in ("was", "now"))
    return f"{figures.spaced(figures.word(told.get('gate')))}: {_found(was)}, under the draft {_found(now)}"


def _found(finding: Mapping[str, Any]) -> str:
    return f"{finding.get('value')} against {finding.get('limit')}" if finding else "not asked"
