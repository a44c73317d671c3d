"""What a writer of lessons is: the facts of a cluster go in, a lesson's JSON comes out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from strands.lessons.policy import LessonPolicy


class LessonWriter(Protocol):
    """Writes {title, description, conditions, recommendations, confidence} from summed facts; pure."""

    name: str

    def write(
        self, *, module: str, columns: Mapping[str, str], facts: Mapping[str, Any], policy: LessonPolicy
    ) -> dict[str, Any]: ...
