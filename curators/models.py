"""How right each curator has been, and how much it counts (documents 000 and 001).

Alpha's two tables are not in the documents; they have the shape of the others.
"""

from __future__ import annotations

from django.contrib.postgres.functions import TransactionNow
from django.db import models

from strands.columns import Ratio, json_column
from strands.indexes import NamedIndex


class Performance(models.Model):
    """One opinion of one curator, scored once its outcome was known."""

    id = models.TextField(primary_key=True)
    curator_type = models.TextField()
    contribution_score = Ratio()
    accuracy_score = Ratio()
    learning_metadata = json_column()
    created_at = models.DateTimeField(null=True, blank=True, db_default=TransactionNow())

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.curator_type} {self.id}"


class Weight(models.Model):
    """How much one curator counts, and the lessons that moved it."""

    id = models.TextField(primary_key=True)
    curator_type = models.TextField()
    weight = Ratio()
    confidence = Ratio()
    lesson_adjustments = json_column()
    created_at = models.DateTimeField(null=True, blank=True, db_default=TransactionNow())
    updated_at = models.DateTimeField(null=True, blank=True, db_default=TransactionNow())

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.curator_type} {self.weight}"


class AlphaCuratorPerformance(Performance):
    signal_id = models.TextField()

    class Meta:
        db_table = "ad_curator_performance"
        verbose_name = "alpha curator performance"
        indexes = [NamedIndex(fields=["curator_type", "signal_id"], name="ad_curator_performance_signal")]


class DecisionCuratorPerformance(Performance):
    decision_id = models.TextField()

    class Meta:
        db_table = "dm_curator_performance"
        verbose_name = "decision curator performance"
        indexes = [NamedIndex(fields=["curator_type", "decision_id"], name="dm_curator_performance_decision")]


class TraderCuratorPerformance(Performance):
    execution_id = models.TextField()

    class Meta:
        db_table = "tr_curator_performance"
        verbose_name = "trader curator performance"
        indexes = [NamedIndex(fields=["curator_type", "execution_id"], name="tr_curator_performance_execution")]


class AlphaCuratorWeight(Weight):
    class Meta:
        db_table = "ad_curator_weights"
        verbose_name = "alpha curator weight"
        indexes = [NamedIndex(fields=["curator_type"], name="ad_curator_weights_type")]


class DecisionCuratorWeight(Weight):
    class Meta:
        db_table = "dm_curator_weights"
        verbose_name = "decision curator weight"
        indexes = [NamedIndex(fields=["curator_type"], name="dm_curator_weights_type")]


class TraderCuratorWeight(Weight):
    class Meta:
        db_table = "tr_curator_weights"
        verbose_name = "trader curator weight"
        indexes = [NamedIndex(fields=["curator_type"], name="tr_curator_weights_type")]
