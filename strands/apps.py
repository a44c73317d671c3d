from django.apps import AppConfig
from django.db.models.signals import post_migrate


class StrandsConfig(AppConfig):
    name = "strands"
    label = "strands"
    verbose_name = "Strands"

    def ready(self) -> None:
        from strands import upkeep

        post_migrate.connect(upkeep.after_migrate, sender=self, dispatch_uid="strands.upkeep")
