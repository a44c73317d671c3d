"""Where lessons enter a judgement: what was applied to it, and how far it moved the confidence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """The lessons applied to one judgement and the boost of its confidence; 1.0 changes nothing."""

    boost: float = 1.0
    lessons: tuple[str, ...] = ()

    def confidence(self, stated: float) -> float:
        """Return a stated confidence after the lessons, at most 1."""
        return min(1.0, stated * self.boost)

    def as_json(self) -> dict[str, Any]:
        """Return the specification's ``lesson_metadata``."""
        return {
            "lesson_enhanced": bool(self.lessons),
            "lessons_applied": list(self.lessons),
            "confidence_boost": self.boost,
        }


#: What applies where nothing was learned.
NOTHING_LEARNED = Applied()
