from django.apps import AppConfig


class MarketConfig(AppConfig):
    name = "strands.market"
    label = "strands_market"
    verbose_name = "Market data"
