from django.db import migrations

import strands.columns
from portfolio.reviews import rules


class Migration(migrations.Migration):

    dependencies = [
        ('portfolio_reviews', '0001_reviews'),
        ('strands', '0015_publications_in_order'),
        ('tradingops_audit', '0002_chain'),
        ('tradingops_countersigns', '0002_two_people'),
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        migrations.AddField('review', 'due_id', strands.columns.text_column()),
        migrations.RunSQL(rules.sql(), rules.reverse_sql()),
    ]
