"""The addresses of the live feed and of the lifecycle page, within the admin."""

from __future__ import annotations

from django.contrib.admin import AdminSite
from django.urls import URLPattern, path

from tradingops.console import lifecycle, live


def urlpatterns_for(site: AdminSite) -> list[URLPattern]:
    """Return the pages' routes, each behind the site's own sign-in."""
    return [
        path("live/", site.admin_view(live.page), name="console_live"),
        path("lifecycle/<path:lifecycle_id>/", site.admin_view(lifecycle.page), name="console_lifecycle"),
    ]
