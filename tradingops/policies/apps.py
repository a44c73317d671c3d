from django.apps import AppConfig


class PoliciesConfig(AppConfig):
    name = "tradingops.policies"
    label = "tradingops_policies"
    verbose_name = "Policies"
    default_auto_field = "django.db.models.BigAutoField"
