"""The numbers of a writer at an endpoint: what is asked of it, and what of its answer is taken."""

from __future__ import annotations

from pydantic import Field

from strands.endpoint.policy import AskingPolicy
from strands.lessons.policy import LessonBounds


class WriterPolicy(LessonBounds, AskingPolicy):
    """How a model is asked for a lesson's words, and what is taken from its answer."""

    members: int = Field(27, ge=3, le=1000, description="members of a cluster that a question shows [count]")
    least_answer: int = Field(50, ge=0, le=10_000, description="an answer that is shorter is none [characters]")
