from django.apps import AppConfig


class ModulesConfig(AppConfig):
    name = "tradingops.modules"
    label = "tradingops_modules"
    verbose_name = "Modules"
