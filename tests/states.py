"""What modules remember, as the wire would keep it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tradingops import environments
from tradingops.replay.refold import plain


def kept(states: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the states of a wire in memory, by listener and partition, as JSON; raises ValueError for none."""
    modules = environments.modules()
    return {
        listener: {partition: plain(modules[listener].dump(state)) for partition, state in of.items()}
        for listener, of in states.items()
    }
