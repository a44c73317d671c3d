from django.db import migrations

from tradingops.policies import rules


class Migration(migrations.Migration):

    dependencies = [
        ('tradingops_policies', '0001_versions'),
        ('tradingops_audit', '0002_chain'),
        ('auth', '0012_alter_user_first_name_max_length'),
        ('strands', '0015_publications_in_order'),
    ]

    operations = [
        migrations.RunSQL(rules.sql(), rules.reverse_sql()),
    ]
