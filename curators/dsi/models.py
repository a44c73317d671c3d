"""Micro-structure evidence for a plan (document 003)."""

from __future__ import annotations

from django.contrib.postgres.functions import RandomUUID, TransactionNow
from django.db import models
from django.db.models import F, Q

from strands.columns import Score, json_column
from strands.indexes import NamedIndex


class Evidence(models.Model):
    """What the experts found on the tape, one for one with its plan."""

    evidence_id = models.UUIDField(primary_key=True, db_default=RandomUUID())
    plan = models.OneToOneField(
        "portfolio_plans.TradingPlan",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="evidence",
        db_column="plan_id",
    )
    timestamp = models.DateTimeField(null=True, blank=True, db_default=TransactionNow())
    mx_evidence = Score(required=True)
    mx_confirm = models.BooleanField()
    mx_expert_contributions = json_column()
    mx_microtape_hash = models.CharField(max_length=64, null=True, blank=True)
    mx_processing_latency_ms = models.IntegerField(null=True, blank=True)
    mx_confidence_interval = json_column()
    mx_fsm_experts = json_column()
    mx_classifier_experts = json_column()
    mx_anomaly_experts = json_column()
    mx_divergence_experts = json_column()
    mx_expert_weights = json_column()
    mx_expert_survival_rates = json_column()
    mx_evidence_boost = models.DecimalField(max_digits=5, decimal_places=4, null=True, blank=True)
    mx_confirm_rate = Score()
    mx_expert_survival_rate = Score()
    mx_latency_p50 = models.IntegerField(null=True, blank=True)
    mx_latency_p95 = models.IntegerField(null=True, blank=True)
    mx_throughput_per_second = models.IntegerField(null=True, blank=True)

    class Meta:
        db_table = "dsi_evidence"
        verbose_name_plural = "evidence"
        indexes = [
            NamedIndex(fields=["plan"], name="idx_dsi_evidence_plan_id"),
            NamedIndex(F("timestamp").desc(), name="idx_dsi_evidence_timestamp"),
            NamedIndex(F("mx_evidence").desc(), name="idx_dsi_evidence_mx_evidence"),
        ]
        constraints = [
            *Score.between_0_and_1("dsi_evidence", "mx_evidence", "mx_confirm_rate", "mx_expert_survival_rate"),
            models.CheckConstraint(
                name="dsi_evidence_latency_is_1_to_9999_ms",
                condition=Q(mx_processing_latency_ms__gt=0, mx_processing_latency_ms__lt=10_000),
            ),
            models.CheckConstraint(
                name="dsi_evidence_throughput_is_1_to_9999_a_second",
                condition=Q(mx_throughput_per_second__gt=0, mx_throughput_per_second__lt=10_000),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.mx_evidence} {self.evidence_id}"
