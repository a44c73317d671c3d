from django.apps import AppConfig


class PlansConfig(AppConfig):
    name = "portfolio.plans"
    label = "portfolio_plans"
    verbose_name = "Trading plans"
