from django.db import migrations

from strands import partitions

TUNED = """
    ALTER TABLE deliveries SET (
        fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
        autovacuum_vacuum_cost_delay = 0, autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 20000);
    ALTER TABLE module_states SET (
        fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500,
        autovacuum_vacuum_cost_delay = 0);
"""


class Migration(migrations.Migration):
    dependencies = [("strands", "0001_initial")]

    operations = [
        *(
            migrations.RunSQL(partitions.convert(table, "id"), migrations.RunSQL.noop)
            for table in partitions.STRAND_TABLES
        ),
        migrations.RunSQL(partitions.convert(partitions.MESSAGES, "message_id"), migrations.RunSQL.noop),
        migrations.RunSQL("CREATE VIEW dm_strand AS SELECT * FROM dm_strands", "DROP VIEW dm_strand"),
        migrations.RunSQL("CREATE VIEW tr_strand AS SELECT * FROM tr_strands", "DROP VIEW tr_strand"),
        migrations.RunSQL(TUNED, migrations.RunSQL.noop),
    ]
