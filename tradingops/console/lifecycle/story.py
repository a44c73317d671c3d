"""A story: all strands of one lifecycle, and in a line how it ended."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from strands import figures, json_values, kinds, tables, telling
from strands.kinds import refusals
from strands.telling import Part, Tone


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One strand of a story; ``row`` has the columns that are not empty."""

    id: str
    parent_id: str | None
    said: int
    module: str
    kind: str
    symbol: str
    timeframe: str
    regime: str
    at: datetime | None
    hop: int
    parts: tuple[Part, ...]
    row: Mapping[str, Any]

    @property
    def text(self) -> str:
        """What it says, as plain text."""
        return telling.text(self.parts)

    @property
    def tone(self) -> Tone:
        """How what it says is meant."""
        return telling.tone(self.parts)

    @property
    def raw(self) -> str:
        """The row as JSON, laid out for reading."""
        return json.dumps(self.row, indent=2, ensure_ascii=False)

    @property
    def is_a_measurement(self) -> bool:
        """Whether a lesson was measured again and stayed what it was: that happens to each with every outcome."""
        told = json_values.mapping(self.row.get("lesson_metadata"))
        return self.kind == "lesson" and told.get("cause") == "effect" and told.get("before") == told.get("standing")

    def get(self, *path: str | int) -> Any:
        """Return what lies at a path from a column, None where there is nothing such."""
        return json_values.dig(self.row, *path)


@dataclass(frozen=True, slots=True)
class Story:
    """The strands of one lifecycle in the order they were said."""

    id: str
    told: tuple[Told, ...]

    def every(self, module: str, kind: str) -> list[Told]:
        """Return a module's strands of a kind."""
        return [each for each in self.told if each.module == module and each.kind == kind]

    def first(self, module: str, kind: str) -> Told | None:
        """Return a module's first strand of a kind."""
        return next(iter(self.every(module, kind)), None)

    def last(self, module: str, kind: str) -> Told | None:
        """Return a module's last strand of a kind."""
        return next(reversed(self.every(module, kind)), None)

    @property
    def timeline(self) -> list[Told]:
        """What was said, but for the measurements of lessons."""
        return [each for each in self.told if not each.is_a_measurement]

    @property
    def measurements(self) -> int:
        """How often a lesson was measured by what came of this."""
        return len(self.told) - len(self.timeline)

    @property
    def cause(self) -> Told | None:
        """The strand that began it, where it is still kept."""
        return next((each for each in self.told if each.id == self.id), None)

    @property
    def signal(self) -> Told | None:
        """The signal, or what alpha withheld in its place."""
        return self.first("alpha", "signal") or self.first("alpha", "withheld")

    @property
    def plan(self) -> Mapping[str, Any]:
        """The plan as decided, else as the signal gave it, else nothing."""
        decision, signal = self.last("dm", "decision"), self.signal
        decided = json_values.mapping(decision.get("dm_decision", "plan")) if decision else {}
        return decided or (json_values.mapping(signal.get("trading_plan")) if signal else {})

    @property
    def symbol(self) -> str:
        return next((each.symbol for each in self.told if each.symbol), "")

    @property
    def timeframe(self) -> str:
        return next((each.timeframe for each in self.told if each.timeframe), "")

    @property
    def direction(self) -> str:
        signal = self.signal
        return figures.word(signal.get("sig_direction") if signal else None) or figures.word(self.plan.get("direction"))

    @property
    def moments(self) -> list[datetime]:
        """When things were said, in market time."""
        return [each.at for each in self.told if each.at is not None]

    def outcome(self) -> Part:
        """Return how it ended, or how far it has come; of what was not entered, what it would have come to."""
        ended = next(filter(None, (tell(self) for tell in _ENDINGS)), Part("Nothing came of it."))
        followed = self.last("alpha", "counterfactual")
        if followed is None or ended.tone is not Tone.BAD:
            return ended
        would = followed.parts[0].text if followed.parts else "was followed without a result"
        return Part(f"{ended.text.removesuffix('.')}. It {would}.", ended.tone)


def story_of(lifecycle_id: str, rows: Iterable[tuple[str, Mapping[str, Any]]]) -> Story:
    """Return the story in rows, each with the name of its table."""
    told = [_told(table, row) for table, row in rows]
    return Story(lifecycle_id, tuple(sorted(told, key=lambda each: each.said)))


def _told(table: str, row: Mapping[str, Any]) -> Told:
    role, kind = tables.BY_NAME[table].module, figures.word(row.get("kind"))
    payload = {name: row[name] for name in tables.BY_NAME[table].payload if row.get(name) is not None}
    return Told(
        id=figures.word(row.get("id")),
        parent_id=row.get("parent_id"),
        said=int(json_values.number(row.get("said")) or 0),
        module=role,
        kind=kind,
        symbol=figures.word(row.get("symbol")),
        timeframe=figures.word(row.get("timeframe")),
        regime=figures.word(row.get("regime")),
        at=json_values.moment(row.get("at")),
        hop=int(json_values.number(row.get("hop")) or 0),
        parts=tuple(kinds.parts(role, kind, payload)),
        row={name: value for name, value in row.items() if value not in (None, [], {})},
    )


# --- how a story can stand, the last that happened first


def _closed(story: Story) -> Part | None:
    closed = story.last("trader", "position")
    if closed is None or not json_values.mapping(closed.get("tr_outcome")):
        return None
    return Part(closed.text, closed.tone)


def _open(story: Story) -> Part | None:
    filled = story.last("trader", "fill")
    if filled is None:
        return None
    held, price = filled.get("position_data", "quantity"), filled.get("position_data", "avg_price")
    return Part(f"Open: {figures.quantity(held)} at {figures.price(price)}.", Tone.WARNING)


def _ordered(story: Story) -> Part | None:
    if story.first("trader", "order") is None:
        return None
    heard = story.last("venue", "order_update")
    status = figures.spaced(heard.get("vn_update", "status")) if heard else ""
    reason = figures.spaced(heard.get("vn_update", "reason")) if heard else ""
    return Part(f"Ordered, not filled{f': {status}' if status else ''}{f', {reason}' if reason else ''}.", Tone.WARNING)


def _decided(story: Story) -> Part | None:
    decision = story.last("dm", "decision")
    if decision is None:
        return None
    said = decision.get("dm_decision")
    if refusals.is_refusal(json_values.dig(said, "decision_type")):
        why = refusals.why(said)
        return Part(f"Not traded: {why}" if why else "Not traded, and no reason was given.", Tone.BAD)
    waiting = story.last("trader", "monitoring")
    return Part(f"Decided, not ordered{f': {waiting.text}' if waiting else ' yet'}.", Tone.WARNING)


def _planned(story: Story) -> Part | None:
    return Part("A signal that nobody has decided on yet.", Tone.WARNING) if story.first("alpha", "signal") else None


def _withheld(story: Story) -> Part | None:
    told = story.first("alpha", "withheld")
    if told is None:
        return None
    scope, state = (figures.word(told.get("curator_feedback", "halt", name)) for name in ("scope", "state"))
    if scope and state:
        return Part(f"Withheld by alpha: {scope} is {state}.", Tone.BAD)
    said = json_values.objects(json_values.items(told.get("curator_feedback", "curators")))
    stopped = next((each for each in said if each.get("stops") is True or each.get("action") == "veto"), None)
    if stopped is None:
        return Part("Withheld by alpha: the signal fell short of what it publishes.", Tone.BAD)
    who, why = figures.spaced(stopped.get("curator_type")), figures.word(stopped.get("reason"))
    return Part(f"Withheld by alpha: its {who} curator vetoed it{f', {why}' if why else ''}.", Tone.BAD)


def _seen(story: Story) -> Part | None:
    return Part("Nothing was traded here: no signal came of it.") if story.told else None


_ENDINGS = (_closed, _open, _ordered, _decided, _planned, _withheld, _seen)
