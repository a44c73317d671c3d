"""From outcomes to lessons: members gather in clusters, and a cluster that scored enough becomes a braid.

A lesson's id is derived here, by ``ids.strand_id``, from module, cluster, level and sources; the module says the braid
as a strand **under that id**. A braid is at once a member of the next level, in a cluster of fewer columns, with the
sum of its strands' scores as its own. An outcome costs its cluster and shallow copies of bounded tables. Of outcomes
of one moment, those heard first count first; the sources of a braid are named in order of moment, then id.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from strands import ids
from strands.lessons import application
from strands.lessons import member as members
from strands.lessons.member import Member
from strands.lessons.policy import LessonPolicy
from strands.lessons.writer import LessonWriter
from strands.lessons.writers.template import Template

Learned = Mapping[str, Any]
Braid = dict[str, Any]

KINDS = {2: "braid", 3: "meta_braid", 4: "meta2_braid"}
FIRST, LAST = 2, 4
TYPES = {"alpha": "alpha_braid", "dm": "decision_braid", "trader": "execution_braid"}
TEMPLATE = Template()

#: Of a member, what a braid says of it.
_SOURCE = ("id", "score", "outcome", "won", "pnl_percent")
#: Of a recommendation, what applying it needs.
_SPOKEN = ("because", "condition")


def start() -> dict[str, Any]:
    """Return what a module learned before anything happened."""
    return {"clusters": {}, "lessons": {}, "index": [], "heard": {}}


def hear_outcome(
    learned: Learned, *, member: Member, at: datetime, policy: LessonPolicy, writer: LessonWriter = TEMPLATE
) -> tuple[dict[str, Any], list[Braid]]:
    """Return what is learned after an outcome, and the braids that it completed, the lowest level first.

    A source that was heard before, or lies before the window, changes nothing.
    """
    since = (at.astimezone(UTC) - timedelta(days=policy.window_days)).isoformat()
    after = dict(learned)
    if not policy.enabled or member.id in after["heard"] or member.facts["at"] < since:
        return after, []
    after["heard"] = _newest({**after["heard"], member.id: member.facts["at"]}, policy.max_heard)
    braids: list[Braid] = []
    facts, columns = member.facts, member.columns
    for level in range(FIRST, LAST + 1):
        columns = members.coarser(member.module, columns, level=level)
        after, gathered = _joined(after, facts, columns, level=level, since=since, policy=policy)
        if not gathered:
            break
        braid, facts = _braid(member.module, columns, gathered, level=level, at=at, policy=policy, writer=writer)
        after["lessons"] = _kept({**after["lessons"], braid["lesson_id"]: _remembered(braid)}, policy.max_lessons)
        braids.append(braid)
    if braids:
        after["index"] = application.indexed(after["lessons"])
    return after, braids


def _joined(
    learned: dict[str, Any],
    facts: Mapping[str, Any],
    columns: Mapping[str, str],
    *,
    level: int,
    since: str,
    policy: LessonPolicy,
) -> tuple[dict[str, Any], Sequence[Mapping[str, Any]]]:
    """Return what is learned with facts in their cluster, and the members that make a braid, if they do."""
    key = ids.joined(level, *columns.values())
    before = learned["clusters"].get(key, {"members": []})["members"]
    gathered = [*(each for each in before if each["at"] >= since), facts][-policy.max_members :]
    clusters = {name: each for name, each in learned["clusters"].items() if name != key}
    needed = {2: policy.braid_score, 3: policy.meta_braid_score, 4: policy.meta2_braid_score}[level]
    # Six decimals, as scores have: a sum of tenths is not to miss a whole by its last bit.
    if len(gathered) >= policy.min_members and round(sum(each["score"] for each in gathered), 6) >= needed:
        return {**learned, "clusters": clusters}, gathered
    clusters[key] = {"at": facts["at"], "members": gathered}
    if len(clusters) > policy.max_clusters:
        del clusters[min(clusters, key=lambda name: (clusters[name]["at"], name))]
    return {**learned, "clusters": clusters}, ()


def _braid(
    module: str,
    columns: Mapping[str, str],
    gathered: Sequence[Mapping[str, Any]],
    *,
    level: int,
    at: datetime,
    policy: LessonPolicy,
    writer: LessonWriter,
) -> tuple[Braid, dict[str, Any]]:
    """Return a braid, and what it is as a member of the next level."""
    sources = sorted(gathered, key=lambda each: (each["at"], each["id"]))
    summed = members.added(sources)
    lesson = writer.write(module=module, columns=columns, facts=summed, policy=policy)
    lesson_id = ids.strand_id(
        at, ids.MAX_HOP, "lesson", module, level, *columns.values(), *(each["id"] for each in sources)
    )
    mean = round(summed["graded_sum"] / summed["n"], 6)
    pnl = round(summed["pnl_sum"] / summed["n"], 8)
    automatic = policy.activation == "automatic" and lesson["confidence"] >= policy.min_confidence
    braid = {
        "lesson_id": lesson_id,
        "lesson_type": TYPES[module],
        "module": module,
        "kind": KINDS[level],
        "braid_level": level,
        "clustering_columns": dict(columns),
        "source_strands": [{name: each[name] for name in _SOURCE} for each in sources],
        "strand_count": summed["n"],
        "successes": summed["successes"],
        "accumulated_score": summed["score"],
        "mean_outcome": mean,
        "confidence": lesson["confidence"],
        "recommendations": lesson["recommendations"],
        "lesson": lesson,
        "standing": "active" if automatic else "proposed",
        "writer": writer.name,
        "created_at": at.astimezone(UTC).isoformat(),
    }
    return braid, {
        **summed,
        "id": lesson_id,
        "at": sources[-1]["at"],
        "outcome": mean,
        "won": pnl > 0,
        "pnl_percent": pnl,
    }


def _remembered(braid: Braid) -> dict[str, Any]:
    """Return what a module keeps of its lesson; the words stay in the strand."""
    return {
        "module": braid["module"],
        "level": braid["braid_level"],
        "columns": braid["clustering_columns"],
        "confidence": braid["confidence"],
        "recommendations": spoken_of(braid["recommendations"]),
        "standing": braid["standing"],
        "created_at": braid["created_at"],
        "effect": None,
    }


def spoken_of(recommendations: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return recommendations without their words."""
    return [{name: value for name, value in each.items() if name not in _SPOKEN} for each in recommendations]


def _newest(heard: dict[str, str], most: int) -> dict[str, str]:
    """Return the newest of what was heard; half is let go at a time, so that sorting is rare."""
    if len(heard) <= most:
        return heard
    kept = sorted(heard.items(), key=lambda each: (each[1], each[0]))[-max(1, most // 2) :]
    return dict(kept)


def _kept(lessons: dict[str, Any], most: int) -> dict[str, Any]:
    """Return lessons without the one least missed where there are too many: retired, then proposed, then the oldest."""
    if len(lessons) > most:
        ranks = ("retired", "proposed", "active")
        del lessons[min(lessons, key=lambda name: (ranks.index(lessons[name]["standing"]), name))]
    return lessons
