from django.apps import AppConfig
from django.db.models.signals import post_migrate


class CountersignsConfig(AppConfig):
    name = "tradingops.countersigns"
    label = "tradingops_countersigns"
    verbose_name = "Countersigns"

    def ready(self) -> None:
        from tradingops.countersigns import rule

        post_migrate.connect(rule.keep, sender=self, dispatch_uid="tradingops.countersigns.keep")
