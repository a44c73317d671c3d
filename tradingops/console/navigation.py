"""How the console looks and what its sidebar leads to; Unfold reads UNFOLD from Django's settings."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import get_script_prefix, reverse
from django.utils.functional import lazy

Allowed = Callable[[HttpRequest], bool]


def environment(request: HttpRequest) -> list[str]:
    """Return which world the desk trades in, as a word and the tone of its pill."""
    from django.conf import settings

    return ["Live", "danger"] if settings.MODE == "live" else ["Paper", "info"]


def may(permission: str) -> Allowed:
    """Return a test of whether a request's user holds a permission."""

    def allowed(request: HttpRequest) -> bool:
        return request.user.has_perm(permission)

    return allowed


@functools.cache
def _found(name: str, prefix: str) -> str:
    return reverse(f"admin:{name}")


#: The address of a page of the console, found when it is first asked for: the sidebar of every page asks for them all.
address: Callable[[str], str] = lazy(lambda name: _found(name, get_script_prefix()), str)


def page(title: str, icon: str, name: str, permission: str) -> dict[str, Any]:
    """Return a sidebar entry for one of the console's own pages."""
    return {"title": title, "icon": icon, "link": address(name), "permission": may(permission)}


def room(title: str, icon: str, app: str, model: str) -> dict[str, Any]:
    """Return a sidebar entry for a table."""
    return page(title, icon, f"{app}_{model}_changelist", f"{app}.view_{model}")


def group(title: str, *items: dict[str, Any], folded: bool = True) -> dict[str, Any]:
    return {"title": title, "separator": True, "collapsible": folded, "items": list(items)}


#: By what a person wants to do; a page of its own is a line of its own. The tables as they are kept come last.
NAVIGATION = [
    group(
        "Now",
        page("Home", "monitoring", "index", "portfolio.view_portfoliostate"),
        page("Trades", "account_balance_wallet", "console_trades", "portfolio_trades.view_trade"),
        page("Live feed", "sensors", "console_live", "strands.view_decisionstrand"),
        folded=False,
    ),
    group(
        "Decide",
        page("Inbox", "inbox", "console_inbox", "portfolio_reviews.view_review"),
        page("Decisions", "gavel", "console_decisions", "strands.view_decisionstrand"),
        page("Signals", "bolt", "console_signals", "strands.view_alphastrand"),
        page("Orders", "receipt_long", "console_orders", "strands.view_traderstrand"),
        page("Fills", "done_all", "console_fills", "strands.view_traderstrand"),
        folded=False,
    ),
    group(
        "Control",
        page("Messages", "mail", "console_messages", "strands.view_delivery"),
        page("Policies", "tune", "console_policies", "tradingops_policies.view_version"),
        room("Halts", "front_hand", "strands", "halt"),
        room("Workers", "engineering", "strands", "worker"),
        room("Users", "person", "auth", "user"),
        room("Groups", "group", "auth", "group"),
        room("Mandates", "policy", "tradingops_mandates", "mandate"),
        page("Audit", "history_edu", "console_audit", "tradingops_audit.view_auditrecord"),
        folded=False,
    ),
    group(
        "Judgement",
        page("Scorecard", "balance", "console_scorecard", "curators.view_decisioncuratorperformance"),
        room("Lessons", "school", "strands_lessons", "lesson"),
        room("Evidence", "biotech", "curators_dsi", "evidence"),
        folded=False,
    ),
    group(
        "Records",
        room("Plans", "assignment", "portfolio_plans", "tradingplan"),
        room("Reviews", "rule", "portfolio_reviews", "review"),
        room("Plan approvals", "approval", "portfolio_plans", "approval"),
        room("Positions of the decision maker", "swap_vert", "portfolio", "decisionposition"),
        room("Positions of the trader", "swap_vert", "portfolio", "traderposition"),
        room("Portfolio", "trending_up", "portfolio", "portfoliostate"),
        room("Ranges of equity", "expand", "portfolio", "equityrange"),
        room("Sums of trades", "functions", "portfolio_trades", "tradesum"),
        room("Executions", "speed", "portfolio_execution", "executionperformance"),
        room("Alpha said", "bolt", "strands", "alphastrand"),
        room("Decision maker said", "gavel", "strands", "decisionstrand"),
        room("Trader said", "receipt_long", "strands", "traderstrand"),
        room("Risk manager said", "shield", "strands", "riskstrand"),
        room("Market said", "candlestick_chart", "strands", "marketstrand"),
        room("Venue said", "storefront", "strands", "venuestrand"),
        room("People said", "person_raised_hand", "strands", "peoplestrand"),
        room("Company said", "groups", "strands", "companystrand"),
        room("Turns", "history", "strands", "message"),
        room("Deliveries", "local_shipping", "strands", "delivery"),
        room("Module states", "database", "strands", "modulestate"),
        room("1-minute bars", "candlestick_chart", "strands_market", "marketdata1m"),
        room("5-minute bars", "candlestick_chart", "strands_market", "marketdata5m"),
        room("15-minute bars", "candlestick_chart", "strands_market", "marketdata15m"),
        room("1-hour bars", "candlestick_chart", "strands_market", "marketdata1h"),
        room("4-hour bars", "candlestick_chart", "strands_market", "marketdata4h"),
        room("Daily bars", "candlestick_chart", "strands_market", "marketdata1d"),
        room("Instruments", "straighten", "strands_market", "instrument"),
        room("Anomalies", "warning", "strands_market", "anomalyevent"),
        room("Alpha curators, scores", "fact_check", "curators", "alphacuratorperformance"),
        room("Alpha curators, weights", "balance", "curators", "alphacuratorweight"),
        room("Decision curators, scores", "fact_check", "curators", "decisioncuratorperformance"),
        room("Decision curators, weights", "balance", "curators", "decisioncuratorweight"),
        room("Trader curators, scores", "fact_check", "curators", "tradercuratorperformance"),
        room("Trader curators, weights", "balance", "curators", "tradercuratorweight"),
        room("Members of lessons", "account_tree", "strands_lessons", "source"),
        room("Calls of writers", "edit_note", "strands_lessons", "writercall"),
        room("Registry", "hub", "strands", "module"),
        room("Performance", "leaderboard", "tradingops_modules", "moduleperformance"),
        room("Sharing", "share", "tradingops_modules", "intelligencesharing"),
        room("Replications", "account_tree", "tradingops_modules", "replication"),
        room("Replication triggers", "notifications_active", "tradingops_modules", "replicationtrigger"),
        room("Proposals", "post_add", "tradingops_company", "proposal"),
        room("Missions", "flag", "tradingops_company", "mission"),
        room("Steps of missions", "checklist", "tradingops_company", "step"),
        room("Events of agents", "notifications", "tradingops_company", "event"),
        room("Duties run", "timer", "tradingops_company", "actionrun"),
        room("Policies of the company", "rule_settings", "tradingops_company", "policy"),
        room("Trigger rules", "alt_route", "tradingops_company", "triggerrule"),
        room("Reactions", "reply", "tradingops_company", "reaction"),
        room("Memories", "psychology", "tradingops_company", "memory"),
        room("Roundtables", "forum", "tradingops_company", "roundtable"),
        room("Relationships", "diversity_3", "tradingops_company", "relationship"),
        room("Signals of the company", "bolt", "tradingops_company", "signal"),
        room("Positions of the company", "swap_vert", "tradingops_company", "position"),
        room("Outcomes of trades", "sports_score", "tradingops_company", "tradeoutcome"),
        room("Portfolio history", "show_chart", "tradingops_company", "portfoliomoment"),
    ),
]


def trail(path: str, parts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the way to a page in the sidebar's words, what Unfold calls it where the sidebar does not lead there.

    ``parts`` are Unfold's: the app, the table, and further ones for what lies within, which stay.
    """
    home = reverse("admin:index")
    ways = [
        (each["title"], item["title"], str(item["link"]))
        for each in NAVIGATION
        for item in each["items"]
        if path == item["link"] or (path.startswith(str(item["link"])) and item["link"] != home)
    ]
    if not ways:
        return parts
    task, title, link = max(ways, key=lambda way: len(way[2]))
    return [{"title": task}, {"title": title, "link": None if path == link else link}, *parts[2:]]


def scale(hue: float, chroma: float) -> dict[str, str]:
    """Return eleven shades of a hue, from nearly white to nearly black, even to the eye."""
    lightness = {50: 97, 100: 94, 200: 88, 300: 80, 400: 70, 500: 61, 600: 52, 700: 45, 800: 38, 900: 32, 950: 23}
    strength = {50: 0.12, 100: 0.25, 200: 0.5, 300: 0.8}
    return {
        str(shade): f"oklch({light}% {chroma * strength.get(shade, 1.0):.3f} {hue})"
        for shade, light in lightness.items()
    }


UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "tradingops",
    "SITE_HEADER": "tradingops",
    "SITE_SUBHEADER": "Trading desk console",
    "SITE_SYMBOL": "candlestick_chart",
    "SITE_URL": None,
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("console/showing/favicon.svg")},
    ],
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "BORDER_RADIUS": "6px",
    "COLORS": {"primary": scale(238, 0.13)},
    "ENVIRONMENT": "tradingops.console.navigation.environment",
    "STYLES": [
        lambda request: static("console/showing/palette.css"),
        lambda request: static("console/showing/console.css"),
        lambda request: static("console/showing/halts.css"),
        lambda request: static("console/notices/bell.css"),
    ],
    "COMMAND": {"search_models": False, "show_history": True, "search_callback": "tradingops.console.search.found"},
    "ACCOUNT": {
        "navigation": [
            {"title": "Account and security", "link": address("console_account")},
            {"title": "Notices", "link": address("console_notices")},
        ]
    },
    "SIDEBAR": {"show_search": True, "command_search": True, "show_all_applications": False, "navigation": NAVIGATION},
}
