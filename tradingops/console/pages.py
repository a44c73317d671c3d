"""The addresses of the console's own pages within the admin: the live feed, lifecycles, judgement and lessons."""

from __future__ import annotations

from django.contrib.admin import AdminSite
from django.urls import URLPattern, path

from tradingops.console import evidence, lessons, lifecycle, live, scorecard


def urlpatterns_for(site: AdminSite) -> list[URLPattern]:
    """Return the pages' routes, each behind the site's own sign-in."""
    return [
        path("live/", site.admin_view(live.page), name="console_live"),
        path("lifecycle/<path:lifecycle_id>/", site.admin_view(lifecycle.page), name="console_lifecycle"),
        path("evidence/<str:key>/", site.admin_view(evidence.page), name="console_evidence"),
        path("lesson/<str:lesson_id>/", site.admin_view(lessons.page), name="console_lesson"),
        path("lesson/<str:lesson_id>/<slug:action>/", site.admin_view(lessons.dialog), name="console_lesson_action"),
        path("scorecard/", site.admin_view(scorecard.page), name="console_scorecard"),
        path(
            "scorecard/<slug:module>/<str:name>/", site.admin_view(scorecard.curator), name="console_scorecard_curator"
        ),
    ]
