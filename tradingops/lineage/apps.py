from django.apps import AppConfig


class LineageConfig(AppConfig):
    name = "tradingops.lineage"
    label = "tradingops_modules"
    verbose_name = "Modules"
