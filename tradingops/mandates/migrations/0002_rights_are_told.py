from django.db import migrations

from tradingops.mandates import triggers


class Migration(migrations.Migration):

    dependencies = [
        ('tradingops_mandates', '0001_mandates'),
        ('auth', '0012_alter_user_first_name_max_length'),
        ('sessions', '0001_initial'),
    ]

    operations = [
        migrations.RunSQL(triggers.sql(), triggers.reverse_sql()),
    ]
