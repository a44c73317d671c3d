"""How often a turn is tried again that the database kept from being taken, and how long its partition waits.

A module is pure: what it raised it raises again, so its strand is set aside at once, and so is one whose answers the
database refuses. Another try is for what passes, such as a lost connection, a deadlock or a serialization failure.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class RetryPolicy:
    """``attempts`` turns in all; the wait before try n + 1 is ``first_seconds`` times ``factor`` to the power n - 1."""

    attempts: int = 5
    first_seconds: float = 1.0
    factor: float = 4.0
    most_seconds: float = 300.0

    def exhausted(self, attempts: int) -> bool:
        """Return whether a strand that failed so often is set aside."""
        return attempts >= self.attempts

    def seconds(self, attempts: int) -> float:
        """Return the wait after the given number of failures, in seconds."""
        return min(self.most_seconds, self.first_seconds * self.factor ** max(0, attempts - 1))
