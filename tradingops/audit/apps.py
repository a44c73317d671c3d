from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate


class AuditConfig(AppConfig):
    name = "tradingops.audit"
    label = "tradingops_audit"
    verbose_name = "Audit"

    def ready(self) -> None:
        from tradingops.audit import acting, events, triggers

        post_migrate.connect(triggers.attach, sender=self, dispatch_uid="tradingops.audit.attach")
        connection_created.connect(acting.tell_of_writes, dispatch_uid="tradingops.audit.acting")
        events.connect()
