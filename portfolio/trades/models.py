"""Trades: positions that are flat again, one row each, with what each came to, and their sums."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from portfolio.trades import triggers
from strands.columns import Money, json_column, text_column
from strands.indexes import NamedIndex

_OF_MONEY = (
    *("quantity", "entry_price", "exit_price", "pnl", "gross_pnl", "fees", "funding"),
    *("first_stop", "last_stop", "target"),
)
#: What people order trades by, besides the moment at which they were closed, and their symbol.
_ORDERED_BY = ("pnl", "fees", "r_multiple", "opened_at")


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
            NamedIndex(fields=["symbol", "closed_at", "id"], name="tr_trades_symbol"),
            NamedIndex(fields=["close_reason", "closed_at", "id"], name="tr_trades_close_reason"),
            *(NamedIndex(fields=[name, "id"], name=f"tr_trades_{name}") for name in _ORDERED_BY),
            NamedIndex(fields=["lifecycle_id"], name="tr_trades_lifecycle"),
        ]
        constraints = [
            models.CheckConstraint(name="tr_trades_direction_is_known", condition=Q(direction__in=["long", "short"])),
            *Money.within_reach("tr_trades", *_OF_MONEY),
        ]
        triggers = triggers.of_trades()

    def __str__(self) -> str:
        return f"{self.direction} {self.symbol} {self.pnl}"


class TradeSum(models.Model):
    """What the trades of one symbol, direction and reason came to that belong to one group; the database keeps it.

    ``by`` is what they are added up by: ``all``, ``day`` (of UTC, when they were closed), ``hour`` (of UTC, when they
    were opened), ``regime`` or ``curator`` (each that was for them); ``name`` is the group, empty where it is not told.
    A group that trades left again stays with zeros. ``r_sum`` is of the ``r_count`` trades that tell a multiple.
    """

    by = models.TextField()
    name = models.TextField(db_collation="C")
    symbol = models.TextField()
    direction = models.TextField()
    close_reason = models.TextField()
    trades = models.BigIntegerField()
    wins = models.BigIntegerField()
    pnl = Money()
    gross_pnl = Money()
    fees = Money()
    funding = Money()
    r_sum = Money()
    r_count = models.BigIntegerField()

    class Meta:
        db_table = "tr_trade_sums"
        constraints = [models.UniqueConstraint(fields=[*triggers.KEY], name="tr_trade_sums_one_of_a_group")]

    def __str__(self) -> str:
        return f"{self.by} {self.name} {self.symbol} {self.pnl}"
