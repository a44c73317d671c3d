"""How kinds look on chips, also those that nobody declared."""

from __future__ import annotations

from strands import kinds, telling
from strands.kinds.kind import Look


def of(kind: str | None) -> Look:
    """Return the look of a kind; of one that nobody declared its name alone."""
    return kinds.LOOKS.get(kind or "") or Look(telling.words(kind) or "strand", telling.Tone.MUTED)
