"""What we own and what it is worth, as rows for people (documents 000 and 001)."""

from __future__ import annotations

from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.db.models import F, Q

from portfolio import triggers
from strands.columns import Money, Ratio
from strands.indexes import NamedIndex


class PortfolioState(models.Model):
    """The portfolio at one moment, as the risk manager said it."""

    id = models.TextField(primary_key=True)
    portfolio_value = Money()
    cash_balance = Money()
    total_risk = Ratio()
    var_95 = Ratio()
    max_drawdown = Ratio()
    sharpe_ratio = Ratio()
    at = models.DateTimeField(db_default=TransactionNow())
    created_at = models.DateTimeField(null=True, blank=True, db_default=TransactionNow())

    class Meta:
        db_table = "dm_portfolio_state"
        indexes = [NamedIndex(F("at").desc(), name="dm_portfolio_state_at")]
        constraints = Money.within_reach("dm_portfolio_state", "portfolio_value", "cash_balance")
        triggers = triggers.of_states()

    def __str__(self) -> str:
        return f"{self.portfolio_value} at {self.at:%Y-%m-%d %H:%M}"


class EquityRange(models.Model):
    """Between which values the portfolio lay within one length of market time; the database keeps it.

    ``by`` is the length, ``five minutes``, ``hour`` or ``day`` of UTC, ``begins`` where it starts. ``least_at`` and
    ``greatest_at`` are the first moments at which those values stood.
    """

    by = models.TextField()
    begins = models.DateTimeField()
    least = Money()
    greatest = Money()
    least_at = models.DateTimeField()
    greatest_at = models.DateTimeField()

    class Meta:
        db_table = "dm_equity_ranges"
        constraints = [models.UniqueConstraint(fields=["by", "begins"], name="dm_equity_ranges_one_of_a_length")]

    def __str__(self) -> str:
        return f"{self.least} to {self.greatest} in a {self.by} from {self.begins:%Y-%m-%d %H:%M}"


class DecisionPosition(models.Model):
    """An open position as the decision maker counts it: a side and a size."""

    class Side(models.TextChoices):
        LONG = "long"
        SHORT = "short"

    id = models.TextField(primary_key=True)
    symbol = models.TextField()
    side = models.TextField(choices=Side)
    size = Money()
    entry_price = Money()
    current_price = Money()
    unrealized_pnl = Money()
    created_at = models.DateTimeField(null=True, blank=True, db_default=TransactionNow())
    updated_at = models.DateTimeField(null=True, blank=True, db_default=TransactionNow())

    class Meta:
        db_table = "dm_positions"
        verbose_name = "open position"
        indexes = [NamedIndex(fields=["symbol"], name="dm_positions_symbol")]
        constraints = [
            models.CheckConstraint(name="dm_positions_side_is_known", condition=Q(side__in=["long", "short"])),
            models.CheckConstraint(name="dm_positions_size_is_not_negative", condition=Q(size__gte=0)),
            *Money.within_reach("dm_positions", "size", "entry_price", "current_price", "unrealized_pnl"),
        ]

    def __str__(self) -> str:
        return f"{self.side} {self.size} {self.symbol}"


class TraderPosition(models.Model):
    """The position in one symbol as the trader holds it: a signed quantity at its average cost."""

    id = models.TextField(primary_key=True)
    symbol = models.TextField()
    quantity = Money()
    avg_price = Money()
    unrealized_pnl = Money()
    realized_pnl = Money()
    created_at = models.DateTimeField(null=True, blank=True, db_default=TransactionNow())
    updated_at = models.DateTimeField(null=True, blank=True, db_default=TransactionNow())

    class Meta:
        db_table = "tr_positions"
        verbose_name = "trader position"
        indexes = [NamedIndex(fields=["symbol"], name="tr_positions_symbol")]
        constraints = Money.within_reach("tr_positions", "quantity", "avg_price", "unrealized_pnl", "realized_pnl")

    def __str__(self) -> str:
        return f"{self.quantity} {self.symbol}"
