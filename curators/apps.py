from django.apps import AppConfig


class CuratorsConfig(AppConfig):
    name = "curators"
    label = "curators"
    verbose_name = "Curators"
