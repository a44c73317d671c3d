"""How a roundtable is held: who sits at it, how long, when by itself, and how likely (document 004).

Hours are those of the zone that the document calls PST: the clock of Los Angeles, summer and winter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from random import Random
from types import MappingProxyType

from tradingops.company.first_data.agents import AGENTS, ATLAS, GROWTH, INTEL, OBSERVER, SAGE, SCOUT
from tradingops.company.minds import pairs
from tradingops.company.minds.pairs import Affinities
from tradingops.company.rules.schedule import Hour

ZONE = "America/Los_Angeles"
SUNDAY = frozenset({6})
#: Two that stand to each other below this have something to debate.
TENSE = 0.4
MOST_AT_ONCE = 3
MOST_ACTIONS = 3
MOST_LETTERS = 120
#: How many of the last turns a speaker looks back on.
LOOKED_BACK = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A way to hold a roundtable; ``required`` sit at it, ``seats`` and ``turns`` are the fewest and the most.

    ``temperature`` is what a model is asked with. A formal one may end in actions.
    """

    name: str
    seats: tuple[int, int]
    required: tuple[str, ...]
    turns: tuple[int, int]
    temperature: float
    probability: float
    hour: Hour | None = None
    needs_positions: bool = False
    is_formal: bool = True


_ALL = (
    Format(
        name="morning_standup",
        seats=(4, 6),
        required=(ATLAS, SAGE, INTEL),
        turns=(6, 12),
        temperature=0.60,
        probability=1.0,
        hour=Hour(time(6, 30), ZONE),
    ),
    Format(
        name="position_review",
        seats=(3, 4),
        required=(ATLAS, SAGE, SCOUT, GROWTH),
        turns=(4, 8),
        temperature=0.50,
        probability=0.8,
        hour=Hour(time(11), ZONE),
        needs_positions=True,
    ),
    Format(
        name="post_mortem",
        seats=(4, 5),
        required=tuple(each for each in AGENTS if each != OBSERVER),
        turns=(8, 15),
        temperature=0.70,
        probability=1.0,
        hour=Hour(time(13, 30), ZONE),
    ),
    Format(name="debate", seats=(2, 3), required=(), turns=(6, 10), temperature=0.80, probability=0.6),
    Format(
        name="strategy_session",
        seats=(3, 4),
        required=(ATLAS, SAGE, GROWTH, INTEL),
        turns=(10, 16),
        temperature=0.65,
        probability=1.0,
        hour=Hour(time(18), ZONE, SUNDAY),
    ),
    Format(
        name="watercooler",
        seats=(2, 3),
        required=(),
        turns=(3, 6),
        temperature=0.90,
        probability=0.4,
        hour=Hour(time(18), ZONE),
        is_formal=False,
    ),
)
FORMATS: Mapping[str, Format] = MappingProxyType({each.name: each for each in _ALL})


def seated(form: Format, *, affinities: Affinities, dice: Random, asked: Sequence[str] = ()) -> tuple[str, ...]:
    """Return who sits at a roundtable: those asked for, else those it requires, filled up with others by chance.

    A debate is of two that stand tensely to each other. Nobody sits twice, and no more than there are seats.
    """
    fewest, most = form.seats
    chosen = list(dict.fromkeys(asked or form.required or _tense(form, affinities, dice)))[:most]
    others = [each for each in AGENTS if each not in chosen]
    wanted = max(fewest, len(chosen)) if asked or form.required else dice.randint(max(fewest, len(chosen)), most)
    while len(chosen) < wanted:
        chosen.append(others.pop(dice.randrange(len(others))))
    return tuple(chosen)


def _tense(form: Format, affinities: Affinities, dice: Random) -> tuple[str, ...]:
    """Return a tense pair for a debate, the tensest where none is tense enough; nobody in particular elsewhere."""
    if form.name != "debate":
        return ()
    known = sorted(affinities, key=lambda pair: (affinities[pair], pair))
    tense = [pair for pair in known if pairs.affinity(affinities, *pair) < TENSE] or known[:1]
    return dice.choice(tense) if tense else ()


def length(form: Format, dice: Random) -> int:
    """Return how many turns a roundtable takes."""
    return dice.randint(*form.turns)
