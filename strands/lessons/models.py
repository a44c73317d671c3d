"""Lessons as rows for people, where each came from, and what was spent on their words."""

from __future__ import annotations

from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.db.models import F, Q, Value

from strands.columns import Document, json_column, text_column
from strands.indexes import NamedIndex


class LessonStage(models.TextChoices):
    """How far a lesson has come."""

    PROPOSED = "proposed"
    ACTIVE = "active"
    RETIRED = "retired"


class Lesson(models.Model):
    """What a module learned from a cluster of outcomes; the braid's strand holds the whole of it under the same id."""

    lesson_id = models.TextField(primary_key=True, db_collation="C")
    module = models.TextField()
    lesson_type = models.TextField()
    level = models.SmallIntegerField()
    symbol = text_column()
    timeframe = text_column()
    regime = text_column()
    title = models.TextField()
    description = models.TextField()
    conditions = Document(db_default=Value({}, models.JSONField()))
    recommendations = Document(db_default=Value([], models.JSONField()))
    confidence = models.FloatField()
    strand_count = models.IntegerField()
    accumulated_score = models.FloatField()
    standing = models.TextField(choices=LessonStage.choices)
    note = text_column()
    effect = json_column()
    writer = models.TextField()
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        db_table = "lessons"
        indexes = [
            NamedIndex(F("created_at").desc(), F("lesson_id"), name="lessons_created_at"),
            NamedIndex(fields=["module", "standing"], name="lessons_module_standing"),
        ]
        constraints = [
            models.CheckConstraint(name="lessons_standing_is_known", condition=Q(standing__in=LessonStage.values)),
            models.CheckConstraint(name="lessons_level_is_2_to_4", condition=Q(level__gte=2, level__lte=4)),
            models.CheckConstraint(
                name="lessons_confidence_is_0_to_1", condition=Q(confidence__gte=0, confidence__lte=1)
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Source(models.Model):
    """One strand, or braid, that a lesson was made of; each is used up once a level."""

    lesson = models.ForeignKey(Lesson, models.CASCADE, related_name="sources", db_column="lesson_id")
    module = models.TextField()
    level = models.SmallIntegerField()
    source_id = models.TextField()
    score = models.FloatField()
    won = models.BooleanField(null=True, blank=True)
    pnl_percent = models.FloatField(null=True, blank=True)

    class Meta:
        db_table = "lesson_sources"
        verbose_name = "lesson's source"
        constraints = [
            models.UniqueConstraint(
                fields=["module", "level", "source_id"], name="lesson_sources_are_used_once_a_level"
            )
        ]

    def __str__(self) -> str:
        return f"{self.source_id} in {self.lesson_id}"


class WriterCall(models.Model):
    """One question put to a writer outside, what came of it and what it cost."""

    class Status(models.TextChoices):
        """What came of a question."""

        RESERVED = "reserved"
        ANSWERED = "answered"
        CACHED = "cached"
        REFUSED = "refused"
        TIMEOUT = "timeout"
        NONSENSE = "nonsense"
        CAPPED = "capped"
        FAILED = "failed"

    at = models.DateTimeField(db_default=TransactionNow())
    lesson_id = models.TextField()
    model = models.TextField()
    prompt_hash = models.CharField(max_length=64)
    status = models.TextField(choices=Status.choices)
    prompt_tokens = models.IntegerField(null=True, blank=True)
    answer_tokens = models.IntegerField(null=True, blank=True)
    cost = models.DecimalField(max_digits=12, decimal_places=6, db_default=0)
    seconds = models.FloatField(null=True, blank=True)
    answer = json_column()
    reason = text_column()

    class Meta:
        db_table = "lesson_writer_calls"
        verbose_name = "writer's call"
        indexes = [
            NamedIndex(F("at").desc(), name="lesson_writer_calls_at"),
            NamedIndex(fields=["prompt_hash"], name="lesson_writer_calls_prompt"),
        ]
        constraints = [
            models.CheckConstraint(name="lesson_writer_calls_cost_is_not_negative", condition=Q(cost__gte=0)),
        ]

    def __str__(self) -> str:
        return f"{self.status} {self.model}"
