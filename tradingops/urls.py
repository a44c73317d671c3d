"""The console's addresses."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

urlpatterns: list[URLPattern | URLResolver] = [
    path("", RedirectView.as_view(pattern_name="admin:index"), name="home"),
    path("i18n/", include("django.conf.urls.i18n")),
    path("admin/", admin.site.urls),
]

handler400 = "tradingops.console.errors.page.bad_request"
handler403 = "tradingops.console.errors.page.forbidden"
handler404 = "tradingops.console.errors.page.not_found"
handler500 = "tradingops.console.errors.page.failed"
