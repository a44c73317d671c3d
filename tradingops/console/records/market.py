"""Rooms for the market: kept bars, and what was odd about them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.utils.safestring import SafeString

from strands import figures, telling
from strands.market import models
from strands.market.instruments.instrument import VALUES
from tradingops.console.records import filters, record
from tradingops.console.records.columns import Column, figure, identity, moment, price, score, value
from tradingops.console.showing import html


def _change(row: models.Bar) -> SafeString:
    share: Decimal | None = (row.close - row.open) / row.open if row.open else None
    return html.signed(share, figures.percent(share, signed=True))


def _anomaly(kind: str) -> SafeString:
    return html.part(telling.Part(figures.spaced(kind), telling.Tone.WARNING, pill=True))


class BarAdmin(record.KeysetAdmin):
    """Bars of one timeframe, the last kept first."""

    list_display = [
        moment("timestamp", "opened"),
        "symbol",
        *(price(name) for name in ("open", "high", "low", "close")),
        Column("change", _change, of=["open", "close"]),
        figure("volume", figures.quantity),
    ]
    list_filter = [filters.exactly("symbol")]
    search_fields = ["symbol"]
    search_help_text = "Exact symbol"


for model in (
    models.MarketData1m,
    models.MarketData5m,
    models.MarketData15m,
    models.MarketData1h,
    models.MarketData4h,
    models.MarketData1d,
):
    admin.site.register(model, BarAdmin)


def _told(name: str, heading: str) -> Column:
    """Return the column of a value of instruments, each beside where it comes from."""
    return Column(heading, lambda row: _sourced(getattr(row, name), (row.sources or {}).get(name)), of=[name])


def _sourced(told: Any, source: str | None) -> SafeString:
    if told is None:
        return html.value(None)
    words = figures.quantity(told) if isinstance(told, Decimal) else figures.word(told)
    return html.parts([telling.Part(words), telling.Part(figures.spaced(source), telling.Tone.MUTED)])


@admin.register(models.Instrument)
class InstrumentAdmin(record.RecordAdmin):
    """Instruments, each value beside where it comes from: exchange, file, inferred or setting."""

    list_display = [
        "symbol",
        *(_told(name, figures.spaced(name)) for name in VALUES),
        moment("at", "told"),
    ]
    list_filter = [filters.exactly("symbol")]
    ordering = ["symbol"]


@admin.register(models.AnomalyEvent)
class AnomalyEventAdmin(record.HistoryAdmin):
    list_display = [
        moment("timestamp"),
        "symbol",
        value("anomaly_type", "type", _anomaly),
        score("anomaly_score", "score"),
        identity("trading_plan_id", "plan"),
    ]
    list_filter = [filters.exactly("symbol"), filters.exactly("anomaly_type", title="type")]
