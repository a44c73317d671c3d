from django.db import migrations

from tradingops.policies import made_under


class Migration(migrations.Migration):

    dependencies = [
        ('tradingops_policies', '0002_rules'),
    ]

    operations = [
        migrations.RunSQL(made_under.VIEW, "DROP VIEW made_under"),
    ]
