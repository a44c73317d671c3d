"""The desk as the company sees it: signals, positions, what trades came to, the portfolio over time."""

from __future__ import annotations

from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.db.models import F

from strands.columns import Money, Score
from strands.indexes import NamedIndex
from tradingops.company.models.row import Row, choice, name_column, object_column, one_of, touched, words_column


class SignalSource(models.TextChoices):
    KOL = "KOL"
    PATTERN = "pattern"
    INDICATOR = "indicator"
    SOCIAL = "social"
    VOLUME = "volume"
    PRICE_ACTION = "price_action", "price action"


class SignalType(models.TextChoices):
    BUY = "buy"
    SELL = "sell"
    SCALE_IN = "scale_in", "scale in"
    SCALE_OUT = "scale_out", "scale out"
    HOLD = "hold"


class Signal(Row):
    """A reason to buy or sell that the desk found, as sure as the desk was of it."""

    source = choice(SignalSource)
    token = name_column()
    signal_type = choice(SignalType)
    confidence = Score(required=True)
    processed = models.BooleanField(null=True, blank=True, db_default=False)
    processed_at = models.DateTimeField(null=True, blank=True)
    metadata = object_column()

    class Meta:
        db_table = "ops_signals"
        constraints = [
            one_of("ops_signals", "source", SignalSource),
            one_of("ops_signals", "signal_type", SignalType),
            *Score.between_0_and_1("ops_signals", "confidence"),
        ]
        indexes = [
            NamedIndex(F("token"), F("confidence").desc(), name="ops_signals_token_confidence"),
            NamedIndex(fields=["source"], name="ops_signals_source"),
            NamedIndex(F("created_at").desc(), name="ops_signals_created_at"),
            NamedIndex(fields=["processed"], name="ops_signals_processed"),
        ]

    def __str__(self) -> str:
        return f"{self.signal_type} {self.token}"


class PositionStatus(models.TextChoices):
    OPEN = "open"
    CLOSED = "closed"
    LIQUIDATING = "liquidating"


class Position(Row):
    """What the desk holds or held: the trader's book, in the company's words."""

    token = name_column()
    entry_price = Money()
    size = Money()
    current_price = Money(null=True, blank=True)
    unrealized_pnl = Money(null=True, blank=True)
    unrealized_pnl_percent = models.DecimalField(max_digits=10, decimal_places=4, null=True, blank=True)
    stop_loss = Money(null=True, blank=True)
    take_profit = Money(null=True, blank=True)
    status = choice(PositionStatus, PositionStatus.OPEN)
    opened_at = models.DateTimeField(null=True, blank=True, db_default=TransactionNow())
    closed_at = models.DateTimeField(null=True, blank=True)
    metadata = object_column()
    updated_at = models.DateTimeField(db_default=TransactionNow())

    class Meta:
        db_table = "ops_positions"
        triggers = touched()
        constraints = [
            one_of("ops_positions", "status", PositionStatus),
            *Money.within_reach("ops_positions", "entry_price", "size", "current_price", "unrealized_pnl"),
            *Money.within_reach("ops_positions", "stop_loss", "take_profit"),
        ]
        indexes = [
            NamedIndex(fields=["status"], name="ops_positions_status"),
            NamedIndex(fields=["token"], name="ops_positions_token"),
            NamedIndex(F("opened_at").desc(), name="ops_positions_opened_at"),
            NamedIndex(F("unrealized_pnl_percent").desc(), name="ops_positions_unrealized_pnl_percent"),
        ]

    def __str__(self) -> str:
        return f"{self.token} {self.size}"


class OutcomeType(models.TextChoices):
    WIN = "win"
    LOSS = "loss"
    BREAKEVEN = "breakeven"


class TradeOutcome(Row):
    """What one trade came to; ``pnl_percent`` is a fraction."""

    trade_id = models.UUIDField(unique=True)
    entry_price = Money()
    exit_price = Money()
    pnl = Money()
    pnl_percent = models.DecimalField(max_digits=10, decimal_places=4)
    hold_time_seconds = models.IntegerField(null=True, blank=True)
    outcome_type = choice(OutcomeType)
    lessons_learned = words_column()
    metadata = object_column()

    class Meta:
        db_table = "ops_trade_outcomes"
        constraints = [
            one_of("ops_trade_outcomes", "outcome_type", OutcomeType),
            *Money.within_reach("ops_trade_outcomes", "entry_price", "exit_price", "pnl"),
        ]
        indexes = [
            NamedIndex(fields=["outcome_type"], name="ops_trade_outcomes_outcome_type"),
            NamedIndex(F("pnl_percent").desc(), name="ops_trade_outcomes_pnl_percent"),
            NamedIndex(F("created_at").desc(), name="ops_trade_outcomes_created_at"),
        ]

    def __str__(self) -> str:
        return f"{self.outcome_type} {self.pnl}"


class PortfolioMoment(Row):
    """How the portfolio stood at one moment; fractions, not per cent."""

    timestamp = models.DateTimeField()
    total_value = Money()
    pnl_24h = Money(null=True, blank=True)
    pnl_24h_percent = models.DecimalField(max_digits=10, decimal_places=4, null=True, blank=True)
    open_positions = models.IntegerField(null=True, blank=True, db_default=0)
    win_rate = models.DecimalField(max_digits=5, decimal_places=4, null=True, blank=True)
    sharpe_ratio = models.DecimalField(max_digits=10, decimal_places=4, null=True, blank=True)
    max_drawdown = models.DecimalField(max_digits=10, decimal_places=4, null=True, blank=True)
    metadata = object_column()

    class Meta:
        db_table = "ops_portfolio_history"
        verbose_name_plural = "portfolio history"
        constraints = Money.within_reach("ops_portfolio_history", "total_value", "pnl_24h")
        indexes = [NamedIndex(F("timestamp").desc(), name="ops_portfolio_history_timestamp")]

    def __str__(self) -> str:
        return f"{self.total_value} at {self.timestamp:%Y-%m-%d %H:%M}"
