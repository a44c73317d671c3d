"""What the throttle remembers."""

from __future__ import annotations

from django.db import models


class Attempt(models.Model):
    """Tries to sign in by one name from one address, since the last right one; no password is kept."""

    name = models.TextField()
    address = models.TextField()
    failures = models.IntegerField(default=0)
    until = models.DateTimeField()

    class Meta:
        db_table = "sign_in_attempts"
        constraints = [models.UniqueConstraint(fields=["name", "address"], name="sign_in_attempts_of_one")]
        indexes = [
            models.Index(fields=["address"], name="sign_in_attempts_address"),
            models.Index(fields=["until"], name="sign_in_attempts_until"),
        ]

    def __str__(self) -> str:
        return f"{self.name} from {self.address}"
