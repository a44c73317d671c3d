"""What people decide about a lesson: said on the wire as one of their strands, heard by the module that learned it."""

from __future__ import annotations

from datetime import UTC, datetime

from strands import tables
from strands.lessons.models import Lesson, LessonStage
from strands.models import PeopleStrand
from strands.strand import Strand, first
from tradingops.console.showing import present

KIND = "lesson_verdict"

#: What each action makes of a lesson, and whether it must say why.
ACTIONS = {"activate": LessonStage.ACTIVE, "retire": LessonStage.RETIRED}


def verdict(lesson: Lesson, *, standing: LessonStage, by: str, note: str, at: datetime, asked_at: datetime) -> Strand:
    """Return a person's verdict on a lesson, addressed to its module; ``at`` is the market's present."""
    said = {"lesson_id": lesson.lesson_id, "standing": str(standing), "by": by, "note": note}
    return first(
        module="op",
        kind=KIND,
        at=at,
        symbol=lesson.symbol,
        timeframe=lesson.timeframe,
        regime=lesson.regime,
        tags=[f"{lesson.module}:lesson"],
        payload={"op_verdict": said},
        cause=(lesson.lesson_id, standing, by, asked_at.isoformat()),
    )


def publish(lesson: Lesson, *, standing: LessonStage, by: str, note: str) -> Strand:
    """Say a verdict; the delivery to the lesson's module is left by the database in the same statement.

    It is said in market time, for the module compares it with the moments of its outcomes.
    """
    asked_at = datetime.now(UTC)
    said = verdict(
        lesson, standing=standing, by=by, note=note, at=present.newest_moment() or asked_at, asked_at=asked_at
    )
    PeopleStrand.objects.create(
        id=said.id,
        lifecycle_id=said.lifecycle_id,
        parent_id=lesson.lesson_id,
        module=tables.TABLES["op"].spoken,
        kind=said.kind,
        symbol=said.symbol,
        timeframe=said.timeframe,
        regime=said.regime,
        session_bucket=said.session_bucket,
        at=said.at,
        tags=list(said.tags),
        op_verdict=said.payload["op_verdict"],
    )
    return said
