"""The registry: who may speak on the wire."""

from __future__ import annotations

from django.contrib.postgres.functions import RandomUUID, TransactionNow
from django.db import models
from django.db.models import Q

from strands.columns import Score, json_column


class Module(models.Model):
    """A registered module: who may speak on the wire, and what it has learned (document 003)."""

    module_id = models.UUIDField(primary_key=True, db_default=RandomUUID())
    module_type = models.CharField(max_length=50)
    module_version = models.CharField(max_length=20)
    parent_modules = json_column()
    offspring_modules = json_column()
    generational_depth = models.IntegerField(null=True, blank=True, db_default=0)
    learning_rate = Score(db_default="0.01")
    adaptation_threshold = Score(db_default="0.7")
    performance_history = json_column()
    learning_patterns = json_column()
    innovation_score = Score(db_default="0.0")
    specialization_index = Score(db_default="0.0")
    communication_latency_ms = models.IntegerField(null=True, blank=True, db_default=0)
    message_throughput_per_sec = models.IntegerField(null=True, blank=True, db_default=0)
    intelligence_sharing_rate = Score(db_default="0.0")
    collaboration_score = Score(db_default="0.0")
    peer_ratings = json_column()
    network_centrality = Score(db_default="0.0")
    replication_readiness = Score(db_default="0.0")
    parent_performance = json_column()
    mutation_rate = Score(db_default="0.1")
    recombination_rate = Score(db_default="0.1")
    offspring_count = models.IntegerField(null=True, blank=True, db_default=0)
    lifecycle_stage = models.CharField(max_length=20, null=True, blank=True, db_default="experimental")
    created_at = models.DateTimeField(null=True, blank=True, db_default=TransactionNow())
    last_updated = models.DateTimeField(null=True, blank=True, db_default=TransactionNow())
    status = models.CharField(max_length=20, null=True, blank=True, db_default="active")

    class Meta:
        db_table = "modules"
        constraints = [
            *Score.between_0_and_1(
                "modules",
                "learning_rate",
                "adaptation_threshold",
                "innovation_score",
                "specialization_index",
                "intelligence_sharing_rate",
                "collaboration_score",
                "network_centrality",
                "replication_readiness",
                "mutation_rate",
                "recombination_rate",
            ),
            models.CheckConstraint(
                name="modules_lifecycle_stage_is_known",
                condition=Q(lifecycle_stage__in=["experimental", "active", "deprecated", "archived"]),
            ),
            models.CheckConstraint(
                name="modules_status_is_known", condition=Q(status__in=["active", "inactive", "failed"])
            ),
        ]

    def __str__(self) -> str:
        return f"{self.module_type} {self.module_version} ({str(self.module_id)[:8]})"
