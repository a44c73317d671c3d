"""What was asked of drafts: what-ifs and whole periods as jobs, and shadows beside the published policy."""

from __future__ import annotations

from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.db.models import F, Q

from strands.columns import Document
from strands.indexes import NamedIndex
from tradingops.policies.models import Version


class Job(models.Model):
    """What somebody asked of a draft: each decision alone, or a whole period beside the same under what was in force.

    Whoever puts a row here need not wait: a worker takes it, says how far it is [share], and leaves the result.
    """

    class Asks(models.TextChoices):
        ALONE = "alone", "each decision alone"
        PERIOD = "period", "the whole period replayed"

    class State(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    asks = models.TextField(choices=Asks, default=Asks.PERIOD)
    draft = Document()
    #: The version that holds the draft, none where it came as a file, and the hash of its content when it was asked.
    version = models.ForeignKey(Version, models.PROTECT, null=True, blank=True, related_name="jobs")
    hash = models.TextField(default="", blank=True)
    #: The version that was in force when it was asked.
    made_on = models.IntegerField(default=0)
    #: How many of the last decisions; of a period all that it holds.
    last = models.IntegerField(null=True, blank=True)
    since = models.DateTimeField(null=True, blank=True)
    until = models.DateTimeField(null=True, blank=True)
    state = models.TextField(choices=State, default=State.WAITING)
    progress = models.FloatField(default=0.0)
    tries = models.SmallIntegerField(default=0)
    result = Document(null=True, blank=True)
    error = models.TextField(default="", blank=True)
    asked_by = models.TextField()
    asked_at = models.DateTimeField(db_default=TransactionNow())
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "whatif_jobs"
        constraints = [
            models.CheckConstraint(
                name="whatif_jobs_progress_is_a_share", condition=Q(progress__gte=0, progress__lte=1)
            ),
            models.CheckConstraint(
                name="whatif_jobs_state_is_known",
                condition=Q(state__in=["waiting", "running", "done", "failed"]),
            ),
            models.CheckConstraint(
                name="whatif_jobs_asks_one_of_two",
                condition=Q(asks="alone", last__gt=0) | Q(asks="period", last__isnull=True),
            ),
        ]
        indexes = [
            NamedIndex(fields=["id"], name="whatif_jobs_due", condition=Q(state__in=["waiting", "running"])),
        ]

    def __str__(self) -> str:
        return f"job {self.pk}: {self.state}"

    @property
    def ends(self) -> bool:
        """Whether nothing more comes of it."""
        return self.state in (self.State.DONE, self.State.FAILED)


class Shadow(models.Model):
    """A draft that decides beside the published policy on live strands, and says nothing to anybody.

    ``sequence`` is the last turn it has followed, ``kept`` the decision maker's state after it. ``compared`` and what
    is missing are all live decisions since ``began``. One that waits begins when
    a worker takes it up; one that raises is set aside with its reason.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        FOLLOWING = "following"
        SET_ASIDE = "set aside"
        STOPPED = "stopped"

    draft = Document()
    #: The version that holds the draft, none where it came as a file; and the one that was in force when it was asked.
    of = models.ForeignKey(Version, models.PROTECT, null=True, blank=True, related_name="shadows")
    made_on = models.IntegerField(default=0)
    state = models.TextField(choices=State, default=State.WAITING)
    error = models.TextField(default="", blank=True)
    began = models.BigIntegerField(default=0)
    sequence = models.BigIntegerField(default=0)
    version = models.TextField(default="", blank=True)
    kept = models.TextField(null=True, blank=True)
    lost = models.TextField(default="", blank=True)
    compared = models.BigIntegerField(default=0)
    stricter = models.BigIntegerField(default=0)
    looser = models.BigIntegerField(default=0)
    resized = models.BigIntegerField(default=0)
    started_by = models.TextField()
    started_at = models.DateTimeField(db_default=TransactionNow())

    class Meta:
        db_table = "whatif_shadows"
        constraints = [
            models.CheckConstraint(
                name="whatif_shadows_state_is_known",
                condition=Q(state__in=["waiting", "following", "set aside", "stopped"]),
            )
        ]

    def __str__(self) -> str:
        return f"shadow {self.pk}: {self.state}"


class ShadowDecision(models.Model):
    """What one shadow would have decided of one plan, beside what was decided; or why it could not."""

    shadow = models.ForeignKey(Shadow, models.CASCADE, related_name="decisions", db_index=False)
    sequence = models.BigIntegerField()
    strand_id = models.TextField()
    lifecycle_id = models.TextField(null=True, blank=True)
    plan_id = models.TextField(null=True, blank=True)
    symbol = models.TextField(null=True, blank=True)
    at = models.DateTimeField(null=True, blank=True)
    #: ``same``, ``stricter``, ``looser``, ``size``, or ``missing`` where the shadow did not decide.
    differs = models.TextField()
    was = Document(null=True, blank=True)
    now = Document(null=True, blank=True)
    gates = Document(default=list)
    told = models.TextField(default="", blank=True)

    class Meta:
        db_table = "whatif_shadow_decisions"
        constraints = [
            models.UniqueConstraint(fields=["shadow", "sequence"], name="whatif_shadow_decisions_once_a_turn"),
            models.CheckConstraint(
                name="whatif_shadow_decisions_differs_is_known",
                condition=Q(differs__in=["same", "stricter", "looser", "size", "missing"]),
            ),
        ]
        indexes = [
            NamedIndex(
                F("shadow"),
                F("sequence").desc(),
                name="whatif_shadow_decisions_that_differ",
                condition=~Q(differs="same"),
            )
        ]

    def __str__(self) -> str:
        return f"shadow {self.shadow_id} of {self.plan_id}: {self.differs}"
