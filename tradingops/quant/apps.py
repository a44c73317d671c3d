from django.apps import AppConfig


class QuantConfig(AppConfig):
    """The commands of whoever tries the desk on what was recorded: replays, drafts, samples, training."""

    name = "tradingops.quant"
    label = "tradingops_quant"
    verbose_name = "Quant"
