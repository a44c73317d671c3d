from django.apps import AppConfig


class CompanyConfig(AppConfig):
    name = "tradingops.company"
    label = "tradingops_company"
    verbose_name = "Company"
    default_auto_field = "django.db.models.BigAutoField"
