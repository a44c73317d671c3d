"""How the agents stand to one another at first: fifteen pairs, the names of each in alphabetical order."""

from __future__ import annotations

from decimal import Decimal

#: Natural collaborators, professional relationships, and tension that makes a debate.
HIGH = {
    ("atlas", "sage"): Decimal("0.80"),
    ("observer", "sage"): Decimal("0.80"),
    ("intel", "scout"): Decimal("0.75"),
    ("growth", "intel"): Decimal("0.70"),
}
MEDIUM = {
    ("atlas", "growth"): Decimal("0.60"),
    ("atlas", "scout"): Decimal("0.60"),
    ("atlas", "observer"): Decimal("0.55"),
    ("growth", "sage"): Decimal("0.55"),
    ("sage", "scout"): Decimal("0.50"),
    ("observer", "scout"): Decimal("0.50"),
}
LOW = {
    ("growth", "scout"): Decimal("0.50"),
    ("growth", "observer"): Decimal("0.45"),
    ("intel", "observer"): Decimal("0.40"),
    ("atlas", "intel"): Decimal("0.35"),
    ("intel", "sage"): Decimal("0.30"),
}
AFFINITIES = {**HIGH, **MEDIUM, **LOW}
#: What a pair is like at first; 0.50 is medium in one and low in another.
LIKE = {**dict.fromkeys(HIGH, "high"), **dict.fromkeys(MEDIUM, "medium"), **dict.fromkeys(LOW, "low")}
