"""Trades: positions that are flat again, one row each, with what each came to."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from strands.columns import Money, json_column, text_column
from strands.indexes import NamedIndex

_OF_MONEY = (
    *("quantity", "entry_price", "exit_price", "pnl", "gross_pnl", "fees", "funding"),
    *("first_stop", "last_stop", "target"),
)


class Trade(models.Model):
    """One position from its first fill until it was flat.

    ``pnl`` is ``gross_pnl`` less ``fees`` and ``funding``. Slippage in basis points, against us above zero; an exit of
    several orders counts by quantity. ``last_stop`` is where the stop lay when the position was left, ``approved_by``
    the decision maker's curators that were for it.
    """

    class Direction(models.TextChoices):
        LONG = "long"
        SHORT = "short"

    id = models.TextField(primary_key=True, db_collation="C")
    lifecycle_id = text_column()
    decision_id = text_column()
    plan_id = text_column()
    symbol = models.TextField()
    direction = models.TextField(choices=Direction)
    outcome = models.TextField()
    close_reason = models.TextField()
    quantity = Money()
    entry_price = Money()
    exit_price = Money()
    pnl = Money()
    gross_pnl = Money()
    fees = Money()
    funding = Money()
    r_multiple = models.FloatField(null=True, blank=True)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField()
    regime = text_column()
    approved_by = json_column()
    first_stop = Money(null=True, blank=True)
    last_stop = Money(null=True, blank=True)
    target = Money(null=True, blank=True)
    entry_predicted_bps = models.FloatField(null=True, blank=True)
    entry_slip_bps = models.FloatField(null=True, blank=True)
    exit_predicted_bps = models.FloatField(null=True, blank=True)
    exit_slip_bps = models.FloatField(null=True, blank=True)

    class Meta:
        db_table = "tr_trades"
        indexes = [
            NamedIndex(F("closed_at").desc(), F("id").desc(), name="tr_trades_closed_at"),
            NamedIndex(F("symbol"), F("closed_at").desc(), name="tr_trades_symbol"),
            NamedIndex(fields=["lifecycle_id"], name="tr_trades_lifecycle"),
        ]
        constraints = [
            models.CheckConstraint(name="tr_trades_direction_is_known", condition=Q(direction__in=["long", "short"])),
            *Money.within_reach("tr_trades", *_OF_MONEY),
        ]

    def __str__(self) -> str:
        return f"{self.direction} {self.symbol} {self.pnl}"
