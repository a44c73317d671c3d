"""How well each execution went (document 001)."""

from __future__ import annotations

from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.db.models import F

from strands.columns import Ratio, json_column
from strands.indexes import NamedIndex


class ExecutionPerformance(models.Model):
    """One execution's score, slippage and latency at its venue."""

    id = models.TextField(primary_key=True)
    execution_id = models.TextField()
    venue = models.TextField()
    symbol = models.TextField()
    execution_score = Ratio()
    slippage_bps = Ratio()
    latency_ms = models.IntegerField()
    lesson_metadata = json_column()
    created_at = models.DateTimeField(null=True, blank=True, db_default=TransactionNow())

    class Meta:
        db_table = "tr_execution_performance"
        verbose_name_plural = "execution performance"
        indexes = [
            NamedIndex(fields=["execution_id"], name="tr_execution_performance_execution"),
            NamedIndex(F("venue"), F("created_at").desc(), name="tr_execution_performance_venue"),
        ]

    def __str__(self) -> str:
        return f"{self.symbol} {self.venue} {self.execution_score}"
