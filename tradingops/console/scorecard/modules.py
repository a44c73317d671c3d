"""Whose curators there are: one module each, its tables, and the column of what was judged."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """A module with curators of its own.

    ``about`` is the column that names the strand judged, ``by_symbol`` says that weights are learned a symbol each.
    """

    name: str
    title: str
    judged: str
    performance: str
    weights: str
    about: str
    permission: str
    by_symbol: bool = True


MODULES = {
    module.name: module
    for module in (
        Module(
            name="dm",
            title="Decision maker",
            judged="decision",
            performance="dm_curator_performance",
            weights="dm_curator_weights",
            about="decision_id",
            permission="curators.view_decisioncuratorperformance",
            by_symbol=False,
        ),
        Module(
            name="alpha",
            title="Alpha detector",
            judged="signal",
            performance="ad_curator_performance",
            weights="ad_curator_weights",
            about="signal_id",
            permission="curators.view_alphacuratorperformance",
        ),
        Module(
            name="trader",
            title="Trader",
            judged="execution",
            performance="tr_curator_performance",
            weights="tr_curator_weights",
            about="execution_id",
            permission="curators.view_tradercuratorperformance",
        ),
    )
}
