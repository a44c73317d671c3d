from django.apps import AppConfig


class ExecutionConfig(AppConfig):
    name = "portfolio.execution"
    label = "portfolio_execution"
    verbose_name = "Execution"
