"""The rule that keeps sums of trades equal to the trades, whoever writes them."""

from __future__ import annotations

from typing import Any

import pgtrigger

#: What each trade counts under: every way of adding up, and the name of its group; nobody's long word stops a trade.
NAMED = """
    SELECT 'all' AS by, '' AS name
    UNION ALL SELECT 'day', to_char(trade.closed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD')
    UNION ALL SELECT 'hour', to_char(trade.opened_at AT TIME ZONE 'UTC', 'HH24')
    UNION ALL SELECT 'regime', left(coalesce(trade.regime, ''), 63)
    UNION ALL SELECT 'curator', left(coalesce(curator, ''), 63)
                FROM jsonb_array_elements_text(
                     CASE jsonb_typeof(trade.approved_by) WHEN 'array' THEN trade.approved_by ELSE '[]' END) AS curator
"""
#: A multiple that is no finite number counts for nothing, so that it can be taken off again.
_MULTIPLE = "CASE WHEN r_multiple > '-Infinity' AND r_multiple < 'Infinity' THEN r_multiple::text::numeric END"
KEY = {
    **{name: name for name in ("by", "name", "symbol", "direction")},
    "close_reason": "left(close_reason, 63)",
}
SUMS = {
    "trades": "sum(sign)",
    "wins": "coalesce(sum(sign) FILTER (WHERE outcome = 'win'), 0)",
    **{name: f"sum(sign * {name})" for name in ("pnl", "gross_pnl", "fees", "funding")},
    "r_sum": f"coalesce(sum(sign * {_MULTIPLE}), 0)",
    "r_count": f"coalesce(sum(sign) FILTER (WHERE {_MULTIPLE} IS NOT NULL), 0)",
}
_OPERATIONS = {
    "insert": (pgtrigger.Insert, {"new": "came"}),
    "update": (pgtrigger.Update, {"old": "went", "new": "came"}),
    "delete": (pgtrigger.Delete, {"old": "went"}),
}


def of_trades() -> list[pgtrigger.Trigger]:
    """Return the rules that put to the sums what comes, and take off what goes."""
    return [SumsFollow(word) for word in _OPERATIONS]


class SumsFollow(pgtrigger.Trigger):
    """Add a statement's trades to the sums that they count in, a row a group.

    Groups are written in the order of their keys, and every key names a symbol: workers of different symbols never wait
    for each other, and none waits in a circle.
    """

    level = pgtrigger.Statement
    when = pgtrigger.After

    def __init__(self, word: str) -> None:
        operation, self.rows = _OPERATIONS[word]
        super().__init__(
            name=f"sums_follow_{word}", operation=operation, referencing=pgtrigger.Referencing(**self.rows)
        )

    def get_func(self, model: Any) -> str:
        """Return the body of the trigger's function."""
        signs = {"new": 1, "old": -1}
        changes = (f"SELECT {signs[which]} AS sign, * FROM {rows}" for which, rows in self.rows.items())
        key, names = ", ".join(KEY), ", ".join(SUMS)
        return f"""
            INSERT INTO tr_trade_sums AS kept ({key}, {names})
            SELECT {", ".join(KEY.values())}, {", ".join(SUMS.values())}
              FROM ({" UNION ALL ".join(changes)}) AS trade CROSS JOIN LATERAL ({NAMED}) AS counted
             GROUP BY 1, 2, 3, 4, 5
            HAVING ({", ".join(SUMS.values())}) <> ({", ".join("0" for _ in SUMS)})
             ORDER BY 1, 2, 3, 4, 5
            ON CONFLICT ({key}) DO UPDATE
               SET ({names}) = ({", ".join(f"kept.{name} + excluded.{name}" for name in SUMS)});
            RETURN NULL;
        """
