from django.apps import AppConfig


class DsiConfig(AppConfig):
    name = "curators.dsi"
    label = "curators_dsi"
    verbose_name = "Deep signal intelligence"
