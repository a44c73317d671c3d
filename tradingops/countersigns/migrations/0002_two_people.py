from django.db import migrations

from tradingops.countersigns import triggers


class Migration(migrations.Migration):

    dependencies = [
        ('tradingops_countersigns', '0001_countersigns'),
        ('auth', '0012_alter_user_first_name_max_length'),
        ('strands', '0013_records_stay'),
    ]

    operations = [
        migrations.RunSQL(triggers.sql(), triggers.reverse_sql()),
    ]
