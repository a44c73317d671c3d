from django.db import migrations

TABLES = ("market_data_1m", "market_data_15m", "market_data_1h")


def keyed_by_symbol_and_time(table: str) -> migrations.RunSQL:
    """The specification's primary key; Django keeps its own single-column handle, unique beside it."""
    return migrations.RunSQL(
        f"ALTER TABLE {table} DROP CONSTRAINT {table}_pkey, ADD CONSTRAINT {table}_row UNIQUE (row), "
        f"ADD CONSTRAINT {table}_pkey PRIMARY KEY (symbol, timestamp)",
        f"ALTER TABLE {table} DROP CONSTRAINT {table}_pkey, DROP CONSTRAINT {table}_row, "
        f"ADD CONSTRAINT {table}_pkey PRIMARY KEY (row)",
    )


class Migration(migrations.Migration):
    dependencies = [("strands_market", "0001_initial")]
    operations = [keyed_by_symbol_and_time(table) for table in TABLES]
