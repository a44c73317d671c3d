"""The timing curator: whether this is an hour to trade in."""

from __future__ import annotations

from dataclasses import dataclass

from curators.curator import Inputs
from curators.roster.policy import TimingCuratorPolicy
from curators.roster.quality import Missing, Quality, QualityCurator


@dataclass(frozen=True)
class TimingCurator(QualityCurator):
    """Quality is that of market hours, or that of the hours outside them."""

    policy: TimingCuratorPolicy
    name = "timing_curator"

    def quality(self, inputs: Inputs) -> Quality:
        session = inputs.get("session")
        if not isinstance(session, str):
            raise Missing(f"session: {session!r} is no session; the curator cannot judge without it")
        inside = session in self.policy.sessions
        return Quality(
            value=self.policy.inside if inside else self.policy.outside,
            because=f"session {session} is {'within' if inside else 'outside'} market hours",
            parts={"session": session},
        )
