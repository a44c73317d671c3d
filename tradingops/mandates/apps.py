from django.apps import AppConfig


class MandatesConfig(AppConfig):
    name = "tradingops.mandates"
    label = "tradingops_mandates"
    verbose_name = "Mandates"
