from importlib import import_module

import strands.columns
from django.db import migrations, models
from django.db.models import F, Q

keys = import_module("strands.market.migrations.0002_keys")

TABLES = {
    "market_data_5m": ("MarketData5m", "5-minute bar"),
    "market_data_4h": ("MarketData4h", "4-hour bar"),
    "market_data_1d": ("MarketData1d", "daily bar"),
}


def kept_bars(table: str, name: str, title: str) -> migrations.CreateModel:
    """A table like those of the other timeframes."""
    rules = {
        "high_is_highest": Q(high__gte=F("open")) & Q(high__gte=F("close")) & Q(high__gte=F("low")),
        "low_is_lowest": Q(low__lte=F("open")) & Q(low__lte=F("close")),
        "volume_is_not_negative": Q(volume__gte=0),
        "mx_evidence_is_0_to_1": Q(mx_evidence__gte=0, mx_evidence__lte=1),
    }
    return migrations.CreateModel(
        name=name,
        fields=[
            ("row", models.BigAutoField(primary_key=True, serialize=False)),
            ("symbol", models.CharField(max_length=20)),
            ("timestamp", models.DateTimeField()),
            *((column, strands.columns.Money()) for column in ("open", "high", "low", "close", "volume")),
            ("mx_evidence", strands.columns.Score(blank=True, decimal_places=2, max_digits=3, null=True)),
            ("mx_confirm", models.BooleanField(blank=True, null=True)),
            *(
                (column, models.JSONField(blank=True, null=True))
                for column in ("mx_expert_contributions", "module_intelligence", "module_learning_updates", "features")
            ),
        ],
        options={
            "verbose_name": title,
            "db_table": table,
            "constraints": [
                models.CheckConstraint(condition=condition, name=f"{table}_{rule}") for rule, condition in rules.items()
            ],
        },
    )


class Migration(migrations.Migration):
    dependencies = [("strands_market", "0002_keys")]
    operations = [
        *(kept_bars(table, *names) for table, names in TABLES.items()),
        *(keys.keyed_by_symbol_and_time(table) for table in TABLES),
    ]
