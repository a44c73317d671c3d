from django.apps import AppConfig


class TradesConfig(AppConfig):
    name = "portfolio.trades"
    label = "portfolio_trades"
    verbose_name = "Trades"
