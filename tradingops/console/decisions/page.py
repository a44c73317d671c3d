"""The pages of decisions, signals, orders and fills, and their CSV files."""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib.admin import AdminSite
from django.urls import URLPattern, path

from strands import models
from tradingops.console.decisions.decisions import DecisionsAdmin
from tradingops.console.decisions.fills import FillsAdmin
from tradingops.console.decisions.orders import OrdersAdmin
from tradingops.console.decisions.signals import SignalsAdmin

#: Each list with the table that it is read from.
LISTS = {
    "decisions": (DecisionsAdmin, models.DecisionStrand),
    "signals": (SignalsAdmin, models.AlphaStrand),
    "orders": (OrdersAdmin, models.TraderStrand),
    "fills": (FillsAdmin, models.TraderStrand),
}


def addresses(site: AdminSite) -> Iterator[URLPattern]:
    """Yield the routes of every list and of its CSV file, behind the site's sign-in."""
    for name, (listing, model) in LISTS.items():
        listed = listing(model, site)
        yield path(f"{name}/", site.admin_view(listed.changelist_view), name=f"console_{name}")
        yield path(f"{name}/csv/", site.admin_view(listed.csv), name=f"console_{name}_csv")
