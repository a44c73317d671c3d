from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    name = "tradingops.console"
    label = "tradingops_console"
    verbose_name = "Console"

    def ready(self) -> None:
        from tradingops.console import site

        site.take_over()
