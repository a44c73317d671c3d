from django.apps import AppConfig


class WhatifConfig(AppConfig):
    name = "tradingops.whatif"
    label = "tradingops_whatif"
    verbose_name = "What-if"
