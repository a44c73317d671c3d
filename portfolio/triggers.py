"""The rule that keeps ranges of equity equal to the states of the portfolio, in whatever order they are written."""

from __future__ import annotations

from typing import Any

import pgtrigger

#: How long market time is that one range covers; each state counts in one of every length. Days are those of UTC.
LENGTHS = {"five minutes": "5 minutes", "hour": "1 hour", "day": "1 day"}
EPOCH = "timestamptz '1970-01-01 00:00:00+00'"
_LENGTHS = ", ".join(f"('{by}', interval '{length}')" for by, length in LENGTHS.items())
#: The ranges that states lie in, each by its length and its beginning.
PLACED = f"""
    SELECT by, date_bin(length, state.at, {EPOCH}) AS begins, state.at, state.portfolio_value AS value
      FROM {{states}} AS state CROSS JOIN (VALUES {_LENGTHS}) AS lengths (by, length)
"""
_ENDS = """
    min(value) AS least, max(value) AS greatest,
    (array_agg(at ORDER BY value, at))[1] AS least_at, (array_agg(at ORDER BY value DESC, at))[1] AS greatest_at
"""
NAMES = "by, begins, least, greatest, least_at, greatest_at"
#: Written as ranges of states by whoever has them in a relation; each end keeps the earlier of two moments.
_COME = f"""
    INSERT INTO dm_equity_ranges AS kept ({NAMES})
    SELECT by, begins, {_ENDS} FROM ({PLACED.format(states="came")}) AS placed GROUP BY by, begins ORDER BY by, begins
    ON CONFLICT (by, begins) DO UPDATE
       SET (least, least_at) = (SELECT * FROM (VALUES (kept.least, kept.least_at),
                                                      (excluded.least, excluded.least_at)) AS either (value, at)
                                 ORDER BY value, at LIMIT 1),
           (greatest, greatest_at) = (SELECT * FROM (VALUES (kept.greatest, kept.greatest_at),
                                                            (excluded.greatest, excluded.greatest_at)) AS either
                                                    (value, at)
                                       ORDER BY value DESC, at LIMIT 1)
     WHERE excluded.least <= kept.least OR excluded.greatest >= kept.greatest;
"""
#: Held before they are counted again: what another session adds to them waits, and is added to what was counted.
_HOLD = f"""
    PERFORM FROM dm_equity_ranges
      WHERE (by, begins) IN (SELECT by, begins FROM ({PLACED.format(states="went")}) AS placed)
      ORDER BY by, begins FOR UPDATE;
"""
_COUNT_AGAIN = f"""
    WITH left_by AS (SELECT DISTINCT by, begins FROM ({PLACED.format(states="went")}) AS placed),
    counted AS (
        SELECT by, begins, {_ENDS}
          FROM left_by
          JOIN (VALUES {_LENGTHS}) AS lengths (by, length) USING (by)
          JOIN LATERAL (SELECT at, portfolio_value AS value FROM dm_portfolio_state
                         WHERE at >= begins AND at < begins + length) AS state ON true
         GROUP BY by, begins),
    gone AS (
        DELETE FROM dm_equity_ranges AS kept USING left_by
         WHERE (kept.by, kept.begins) = (left_by.by, left_by.begins)
           AND NOT EXISTS (SELECT FROM counted WHERE (counted.by, counted.begins) = (kept.by, kept.begins)))
    UPDATE dm_equity_ranges AS kept
       SET (least, greatest, least_at, greatest_at)
         = (counted.least, counted.greatest, counted.least_at, counted.greatest_at)
      FROM counted WHERE (kept.by, kept.begins) = (counted.by, counted.begins);
"""
_OPERATIONS = {
    "insert": (pgtrigger.Insert, {"new": "came"}, _COME),
    "update": (pgtrigger.Update, {"old": "went", "new": "came"}, _COME + _HOLD + _COUNT_AGAIN),
    "delete": (pgtrigger.Delete, {"old": "went"}, _HOLD + _COUNT_AGAIN),
}


def of_states() -> list[pgtrigger.Trigger]:
    """Return the rules that widen ranges by the states that come, and count those again that states leave."""
    return [RangesFollow(word) for word in _OPERATIONS]


class RangesFollow(pgtrigger.Trigger):
    """Keep the ranges that a statement's states lie in; written as their owner, since nobody writes them by hand.

    A range that a state only widens costs one row of each length, however many states it has. Ranges are written in the
    order of their keys, so that no two sessions wait for each other in a circle.
    """

    level = pgtrigger.Statement
    when = pgtrigger.After

    def __init__(self, word: str) -> None:
        operation, rows, self.does = _OPERATIONS[word]
        super().__init__(
            name=f"equity_ranges_follow_{word}", operation=operation, referencing=pgtrigger.Referencing(**rows)
        )

    def get_func(self, model: Any) -> str:
        """Return the body of the trigger's function."""
        return f"{self.does} RETURN NULL;"
