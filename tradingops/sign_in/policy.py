"""The numbers of the throttle at the sign-in."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class ThrottlePolicy(BaseModel):
    """How long wrong tries make whoever tries wait."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    free: int = Field(3, ge=1, le=100, description="Wrong tries of one name from one address without a wait [tries].")
    most_seconds: float = Field(
        900.0, ge=1, le=86_400, description="Longest wait for one name from one address; it doubles up to here [s]."
    )
    crowd_free: int = Field(
        20, ge=1, le=10_000, description="Wrong tries of one name, or from one address, that slow nobody else [tries]."
    )
    crowd_seconds: float = Field(
        10.0, ge=0, le=60, description="Longest wait for a name, or an address, because of what others tried [s]."
    )
    remembered_seconds: float = Field(
        3_600.0, ge=60, le=604_800, description="How long after the last wait wrong tries are remembered [s]."
    )
    at_once: int = Field(2, ge=1, le=64, description="Passwords that one console checks at the same time [passwords].")

    def own(self, failures: int) -> float:
        """Return the wait [s] after so many wrong tries of one name from one address."""
        return _doubling(failures - self.free, self.most_seconds)

    def crowd(self, failures: int) -> float:
        """Return the wait [s] before a first try, after so many wrong ones of its name or its address elsewhere."""
        return _doubling(failures - self.crowd_free, self.crowd_seconds)


def _doubling(beyond: int, most: float) -> float:
    """Return 0 up to a number, then 1, 2, 4 and so on, up to the most."""
    return min(2.0 ** min(beyond, 64), most) if beyond >= 0 else 0.0
