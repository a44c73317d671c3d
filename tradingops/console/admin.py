"""Registers the admin of every table, where Django looks for it."""

from tradingops.console.records import (  # noqa: F401
    company,
    curators,
    evidence,
    execution,
    lessons,
    lineage,
    market,
    people,
    plans,
    portfolio,
    strands,
    wire,
)
