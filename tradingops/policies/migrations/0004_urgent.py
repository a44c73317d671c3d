from django.db import migrations, models

from tradingops.policies import rules


class Migration(migrations.Migration):

    dependencies = [
        ('tradingops_policies', '0003_made_under'),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='version',
            options={'ordering': ['policy', 'symbol', '-number'], 'permissions': [('draft_version', 'Can draft versions of policies'), ('publish_version', 'Can approve, decline, publish and withdraw versions of policies'), ('urgent_version', 'Can tighten a policy alone, to be confirmed afterwards')]},
        ),
        migrations.AddField('version', 'urgent', models.BooleanField(db_default=False, default=False)),
        migrations.RunSQL(rules.functions_again(), 'DROP FUNCTION tradingops_policy_may_urgently(bigint)'),
    ]
