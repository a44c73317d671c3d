from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "tradingops.notices"
    label = "tradingops_notices"
    verbose_name = "Notices"
