"""The scorecard's questions to the database: each over a bounded stretch of scores, the newest, found by an index."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connections

from tradingops.console.scorecard.modules import Module

#: Scores that a page looks at, the newest; whatever the history, a page reads no more: of a module, and of a curator.
WINDOW, OWN_WINDOW = 10_000, 5_000
#: Scored opinions on one page of the list behind a figure.
PAGE = 25
#: Points of one line of weights: more cannot be told apart.
POINTS = 60
#: Weights shown of one curator: one a symbol where a module learns by symbol.
MOST_WEIGHTS = 200
BINS = 10

Row = dict[str, Any]
#: The symbols that somebody may see, None for all of them.
Within = list[str] | None


def _number(name: str, *within: str) -> str:
    """Return SQL of a number in a score's JSON; NULL where what lies there is none."""
    path = "->".join(["told", *(f"'{each}'" for each in within)])
    return f"CASE WHEN jsonb_typeof({path}->'{name}') = 'number' THEN ({path}->>'{name}')::float8 END"


_SCORES = f"""
    SELECT curator_type AS curator, id, told ->> 'action' AS action, told->'correct' = 'true' AS correct,
           {_number("contribution")} AS contribution, {_number("confidence")} AS confidence,
           {_number("accuracy")} AS accuracy, {_number("impact")} AS impact,
           coalesce({_number("saved", "effect")}, 0) AS saved, coalesce({_number("missed", "effect")}, 0) AS missed,
           {_number("weight_after")} AS weight, created_at AS at,
           CASE WHEN %(by_symbol)s THEN told ->> 'symbol' ELSE '' END AS symbol, about, told
      FROM newest WHERE jsonb_typeof(told->'correct') = 'boolean'
"""

#: One pass for a curator's sums and for those of each of its bins of confidence.
_SUMS = """
    SELECT curator, least(floor(confidence * %(bins)s), %(bins)s - 1)::int AS bin, count(*) AS n,
           count(*) FILTER (WHERE correct) AS correct, sum(confidence) AS confidence,
           sum(1 - accuracy) AS brier_sum, sum(impact) AS impact_sum,
           count(*) FILTER (WHERE action = 'veto') AS vetoes,
           count(*) FILTER (WHERE action = 'veto' AND correct) AS vetoes_correct,
           count(*) FILTER (WHERE nudged) AS nudges,
           count(*) FILTER (WHERE nudged AND correct) AS nudges_correct,
           coalesce(sum(contribution) FILTER (WHERE nudged), 0) AS nudge_sum,
           count(*) FILTER (WHERE against) AS against,
           count(*) FILTER (WHERE against AND correct) AS against_correct,
           sum(saved) AS saved, sum(missed) AS missed,
           sum(saved * held.portfolio_value) AS money_saved, sum(missed * held.portfolio_value) AS money_missed,
           min(scored.at) AS first_at, max(scored.at) AS last_at
      FROM (SELECT *, action = 'nudge' AND contribution <> 0 AS nudged,
                   action = 'veto' OR (action = 'nudge' AND contribution < 0) AS against FROM scores) AS scored
      LEFT JOIN LATERAL (SELECT portfolio_value::float8 FROM dm_portfolio_state AS state
                          WHERE %(symbols)s::text[] IS NULL
                            AND state.at <= scored.at AND (scored.saved > 0 OR scored.missed > 0)
                          ORDER BY state.at DESC LIMIT 1) AS held ON true
     WHERE confidence BETWEEN 0 AND 1
     GROUP BY GROUPING SETS ((curator), (curator, bin)) ORDER BY curator, bin NULLS FIRST
"""

_COURSES = """
    SELECT curator, symbol, at, weight FROM (
        SELECT curator, symbol, at, weight, row_number() OVER course AS nth,
               count(*) OVER (PARTITION BY curator, symbol) AS all_of_them
          FROM scores WHERE weight IS NOT NULL
        WINDOW course AS (PARTITION BY curator, symbol ORDER BY at, id)) AS numbered
     WHERE nth = 1 OR nth = all_of_them OR nth %% greatest(1, all_of_them / %(points)s) = 0
     ORDER BY curator, symbol, nth
"""

#: A weight of one symbol has it before the colon of its id; one without a colon is all symbols' and no secret of one.
_WEIGHTS = """
    SELECT id, curator_type AS curator, weight::float8 AS weight, confidence::float8 AS confidence, updated_at
      FROM {weights} WHERE (%(curator)s::text IS NULL OR curator_type = %(curator)s)
       AND (%(symbols)s::text[] IS NULL OR id NOT LIKE '%%:%%'
            OR regexp_replace(id, ':[^:]*$', '') = ANY (%(symbols)s))
     ORDER BY curator_type, id LIMIT %(most)s
"""

#: What makes a score one that a figure was made of.
FIGURES = {
    "all": ("All", "true"),
    "right": ("Right", "correct"),
    "wrong": ("Wrong", "NOT correct"),
    "vetoes": ("Vetoes", "action = 'veto'"),
    "nudges": ("Nudges", "action = 'nudge' AND contribution <> 0"),
    "saved": ("Money saved", "saved > 0"),
    "missed": ("Money missed", "missed > 0"),
}

_LISTED = """
    SELECT * FROM ({scores}) AS scores
     WHERE {figure} AND (%(bin)s::int IS NULL OR least(floor(confidence * %(bins)s), %(bins)s - 1) = %(bin)s)
     ORDER BY about DESC, id DESC LIMIT %(page)s
"""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of scores begins: after the score of this strand with this key."""

    about: str
    id: str

    @classmethod
    def of(cls, text: str) -> Place | None:
        """Return the place in an address, None for the beginning."""
        about, comma, key = text.partition(",")
        return cls(about, key) if comma and about and key else None

    def __str__(self) -> str:
        return f"{self.about},{self.id}"


def _newest(module: Module, *, curator: str | None, within: Within, after: Place | None = None) -> tuple[str, Row]:
    """Return the newest scores of a module, or of one of its curators, as a relation with its parameters.

    ``within`` are the symbols that who asks may see, None for all: those of the others count nowhere.
    """
    kept, order = [], "id DESC"
    if curator is not None:
        kept, order = ["curator_type = %(curator)s"], f"{module.about} DESC, id DESC"
    if after is not None:
        kept.append(f"({module.about}, id) < (%(about)s, %(id)s)")
    where = f"WHERE {' AND '.join(kept)}" if kept else ""
    newest = (
        f"SELECT id, curator_type, {module.about} AS about, learning_metadata AS told, created_at"
        f" FROM {module.performance} {where} ORDER BY {order} LIMIT %(window)s"
    )
    theirs = "%(symbols)s::text[] IS NULL OR told ->> 'symbol' = ANY (%(symbols)s)"
    newest = f"SELECT * FROM ({newest}) AS of_all WHERE {theirs}"
    place = {"about": after.about, "id": after.id} if after else {}
    return newest, {
        "curator": curator,
        "window": WINDOW if curator is None else OWN_WINDOW,
        "bins": BINS,
        "by_symbol": module.by_symbol,
        "symbols": within,
        **place,
    }


def sums(module: Module, *, within: Within, curator: str | None = None, using: str = "default") -> list[Row]:
    """Return the sums of each curator over the window: first the whole, ``bin`` None, then those of each bin."""
    newest, given = _newest(module, curator=curator, within=within)
    return _rows(f"WITH newest AS ({newest}), scores AS ({_SCORES}) {_SUMS}", given, using=using)


def courses(module: Module, *, within: Within, curator: str | None = None, using: str = "default") -> list[Row]:
    """Return how weights went over the window: rows of curator, symbol, moment and weight, the oldest first."""
    newest, given = _newest(module, curator=curator, within=within)
    statement = f"WITH newest AS ({newest}), scores AS ({_SCORES}) {_COURSES}"
    return _rows(statement, {**given, "points": POINTS}, using=using)


def weights(module: Module, *, within: Within, curator: str | None = None, using: str = "default") -> list[Row]:
    """Return the weights as they stand: one a curator, or one a curator and symbol."""
    given = {"curator": curator, "symbols": within, "most": MOST_WEIGHTS}
    return _rows(_WEIGHTS.format(weights=module.weights), given, using=using)


def listed(
    module: Module,
    curator: str,
    *,
    within: Within,
    figure: str,
    bin: int | None,
    after: Place | None,
    using: str = "default",
) -> list[Row]:
    """Return one page of a curator's scores, the newest judged first, of those that a figure was made of.

    It looks through one window of scores from the page's place on, so a rare figure may need several.
    """
    newest, given = _newest(module, curator=curator, within=within, after=after)
    statement = f"WITH newest AS ({newest}) {_LISTED.format(scores=_SCORES, figure=FIGURES[figure][1])}"
    return _rows(statement, {**given, "bin": bin, "page": PAGE + 1}, using=using)


def portfolio_value(using: str = "default") -> float | None:
    """Return what the portfolio was last worth, None while nobody has said."""
    found = _rows(
        "SELECT portfolio_value::float8 AS held FROM dm_portfolio_state ORDER BY at DESC LIMIT 1", {}, using=using
    )
    return found[0]["held"] if found else None


def _rows(statement: str, values: Mapping[str, Any], *, using: str) -> list[Row]:
    with connections[using].cursor() as cursor:
        cursor.execute(statement, values)
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
