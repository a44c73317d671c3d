from django.apps import AppConfig


class ReplayConfig(AppConfig):
    name = "tradingops.replay"
    label = "tradingops_replay"
    verbose_name = "Replay"
