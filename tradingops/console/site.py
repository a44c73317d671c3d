"""The console's admin site: Unfold's, with pages of its own beside the rooms of the tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import partial
from typing import Any

from django.contrib import admin
from django.contrib.admin import sites
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.core.cache import cache
from django.db.models import Value
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, reverse
from unfold.sites import UnfoldAdminSite

from tradingops.console import addresses
from tradingops.console.halts import page as halts
from tradingops.console.home import page as home
from tradingops.console.inbox import queries as inbox
from tradingops.console.sign_in import form as sign_in
from tradingops.mandates import mandates
from tradingops.people import recovery
from tradingops.sign_in.backends import WAIT

#: A menu needs no exact figure beyond this, nor one newer than this, in seconds.
MOST_COUNTED, FRESH_SECONDS = 99, 5


def _waiting(symbols: frozenset[str] | None) -> Counter[str]:
    """Return what waits for a person, by the name of the page that it waits on: in one question, as every page asks."""
    messages, plans = recovery.within(recovery.open_failures(), symbols), inbox.waiting(symbols)
    told = (rows.order_by().annotate(page=Value(name)) for name, rows in zip(_WAIT_ON, (messages, plans), strict=True))
    first, second = (rows.values_list("page", flat=True)[: MOST_COUNTED + 1] for rows in told)
    return Counter(first.union(second, all=True))


#: The pages on which something waits.
_WAIT_ON = ("console_messages", "console_inbox")


class ConsoleSite(UnfoldAdminSite):  # type: ignore[misc]
    """One site: the dashboard is its index, the other pages stand before the tables."""

    index_title = "Home"
    index_template = "console/home/page.html"
    enable_nav_sidebar = True
    login_form = sign_in.SignInForm

    def get_urls(self) -> list[URLPattern]:
        return [*addresses.urlpatterns_for(self), *super().get_urls()]

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Return what every page of the site is shown with: besides what Unfold gives, what stands halted."""
        shown = super().each_context(request)
        return {**shown, "halts": halts.standing(request)} if shown["has_permission"] else shown

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().index(request, {**home.context(request), **(extra_context or {})})  # type: ignore[no-any-return]

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Sign in, and go on to the dashboard unless the address says where to."""
        if REDIRECT_FIELD_NAME not in request.GET:
            return redirect(f"{request.path}?{REDIRECT_FIELD_NAME}={reverse('admin:index')}")
        answer: HttpResponse = super().login(request, extra_context)
        if wait := getattr(request, WAIT, 0):
            answer.status_code, answer.headers["Retry-After"] = 429, str(wait)
        return answer

    def get_sidebar_list(self, request: HttpRequest) -> list[dict[str, Any]]:
        """Return the sidebar without the groups of which this user may see nothing."""
        groups = super().get_sidebar_list(request)
        shown = [group for group in groups if any(item["has_permission"] for item in group["items"])]
        items = (item for group in shown for item in group["items"])
        self._mark_what_waits_for_a_person(items, mandates.symbols_of(request.user))
        return shown

    def _mark_what_waits_for_a_person(self, items: Iterable[dict[str, Any]], symbols: frozenset[str] | None) -> None:
        """Put how many strands were set aside, and how many plans wait, beside the entries that lead to them."""
        pages = {reverse(f"admin:{name}"): name for name in _WAIT_ON}
        marked = [item for item in items if item["has_permission"] and str(item["link"]) in pages]
        if not marked:
            return
        key = "console.waiting" if symbols is None else f"console.waiting.{hash(symbols)}"
        counted = cache.get_or_set(key, partial(_waiting, symbols), FRESH_SECONDS) or Counter()
        for item in marked:
            count = counted[pages[str(item["link"])]]
            told = f"{MOST_COUNTED}+" if count > MOST_COUNTED else str(count)
            item |= {"badge": told, "badge_variant": "danger"} if count else {}


def take_over() -> ConsoleSite:
    """Make the console's site the default one, with every room that was registered before."""
    before, console = admin.site, ConsoleSite()
    for model, room in list(before._registry.items()):
        console.register(model, type(room))
    admin.site = sites.site = console
    return console
