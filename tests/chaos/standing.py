"""How a desk stands once it is quiet, out of its database: what no stop protects, what was left before entered."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from strands.wires import rows

_STATES = "SELECT partition, state FROM module_states WHERE listener = %s"
_OUTCOMES = "SELECT tr_outcome FROM tr_strands WHERE kind = 'position'"
#: How often one order was asked back, the most of any.
MOST_ASKS = """
    SELECT coalesce(max(asked), 0) FROM (SELECT count(*) AS asked FROM tr_strands WHERE kind = 'cancel'
                                          GROUP BY order_spec ->> 'order_id') AS each
"""


def unprotected(connection: Any) -> list[str]:
    """Return the symbols held that no stop covers and no exit leaves, or that a venue counts otherwise."""
    from tradingops import environments
    from tradingops.modules.trader.placing import protection
    from tradingops.modules.trader.state import EXIT

    modules: dict[str, Any] = dict(environments.modules())
    venues = {name: modules["venue"].load(kept).positions for name, kept in _kept(connection, "venue")}
    found = []
    for symbol, kept in _kept(connection, "trader"):
        state = modules["trader"].load(kept)
        covered = protection.covers(state.executions, state.at_venues) or EXIT in state.executions
        at_venues = {name: held for name, held in venues.get(symbol, {}).items() if held}
        if not covered or at_venues != dict(state.at_venues):
            found.append(symbol)
    return found


def held(connection: Any) -> list[str]:
    """Return the symbols of which a venue holds something."""
    from tradingops import environments

    venue: Any = environments.modules()["venue"]
    return [name for name, kept in _kept(connection, "venue") if any(venue.load(kept).positions.values())]


def backwards(connection: Any) -> int:
    """Return how many positions were left before they were entered."""
    told = (row[0] for row in connection.execute(_OUTCOMES))
    return sum(datetime.fromisoformat(each["closed_at"]) < datetime.fromisoformat(each["opened_at"]) for each in told)


def _kept(connection: Any, listener: str) -> Iterator[tuple[str, Any]]:
    for partition, state in connection.execute(_STATES, [listener]).fetchall():
        yield partition, rows.decode(state)
