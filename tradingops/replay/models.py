"""Replays that were kept, so that two can be laid side by side."""

from __future__ import annotations

from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.db.models import F

from strands.columns import Document, Money
from strands.indexes import NamedIndex


class Run(models.Model):
    """One replay: what was played, under which settings, and what came of it."""

    series = Document()
    settings = Document()
    versions = Document()
    bars = models.IntegerField()
    seconds = models.FloatField()
    final_value = Money()
    return_share = models.FloatField()
    max_drawdown = models.FloatField()
    trades = models.IntegerField()
    report = Document()
    created_at = models.DateTimeField(db_default=TransactionNow())

    class Meta:
        db_table = "replay_runs"
        indexes = [NamedIndex(F("created_at").desc(), name="replay_runs_created_at")]

    def __str__(self) -> str:
        return f"run {self.pk}: {self.return_share:+.2%} over {self.bars} bars"
