"""The policy that people go by: which policies nobody publishes alone."""

from __future__ import annotations

from typing import Literal

import pydantic
from pydantic import Field

Named = Literal["alpha", "risk", "dm", "trader", "venue", "people"]


class PeoplePolicy(pydantic.BaseModel):
    """What needs a second person; where anything does, this policy needs one itself."""

    model_config = pydantic.ConfigDict(frozen=True, extra="forbid")

    second_person: tuple[Named, ...] = Field(
        (), description="policies whose versions are published only when somebody else has approved them"
    )

    def needs_second_person(self, policy: str) -> bool:
        """Return whether a policy is published only when a second person has approved it."""
        return policy in self.second_person or (policy == "people" and bool(self.second_person))
