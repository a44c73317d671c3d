from django.apps import AppConfig


class PortfolioConfig(AppConfig):
    name = "portfolio"
    label = "portfolio"
    verbose_name = "Portfolio"
