import django.contrib.postgres.functions
import django.db.models.deletion
from django.db import migrations, models

import strands.indexes


class Migration(migrations.Migration):

    dependencies = [
        ('tradingops_policies', '0003_made_under'),
        ('tradingops_whatif', '0001_initial'),
    ]

    operations = [
        migrations.RemoveConstraint('Period', 'whatif_periods_progress_is_a_share'),
        migrations.RemoveConstraint('Period', 'whatif_periods_state_is_known'),
        migrations.RemoveIndex('Period', 'whatif_periods_due'),
        migrations.RenameModel('Period', 'Job'),
        migrations.AlterModelTable('Job', 'whatif_jobs'),
        migrations.AddField('Job', 'asks', models.TextField(choices=[('alone', 'each decision alone'), ('period', 'the whole period replayed')], default='period')),
        migrations.AddField('Job', 'version', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='jobs', to='tradingops_policies.version')),
        migrations.AddField('Job', 'hash', models.TextField(blank=True, default='')),
        migrations.AddField('Job', 'made_on', models.IntegerField(default=0)),
        migrations.AddField('Job', 'last', models.IntegerField(blank=True, null=True)),
        migrations.AddConstraint('Job', models.CheckConstraint(condition=models.Q(('progress__gte', 0), ('progress__lte', 1)), name='whatif_jobs_progress_is_a_share')),
        migrations.AddConstraint('Job', models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'running', 'done', 'failed'])), name='whatif_jobs_state_is_known')),
        migrations.AddConstraint('Job', models.CheckConstraint(condition=models.Q(models.Q(('asks', 'alone'), ('last__gt', 0)), models.Q(('asks', 'period'), ('last__isnull', True)), _connector='OR'), name='whatif_jobs_asks_one_of_two')),
        migrations.AddIndex('Job', strands.indexes.NamedIndex(condition=models.Q(('state__in', ['waiting', 'running'])), fields=['id'], name='whatif_jobs_due')),
        migrations.RemoveConstraint('Shadow', 'whatif_shadows_state_is_known'),
        migrations.AddField('Shadow', 'of', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='shadows', to='tradingops_policies.version')),
        migrations.AddField('Shadow', 'made_on', models.IntegerField(default=0)),
        migrations.AlterField('Shadow', 'state', models.TextField(choices=[('waiting', 'Waiting'), ('following', 'Following'), ('set aside', 'Set Aside'), ('stopped', 'Stopped')], default='waiting')),
        migrations.AlterField('Shadow', 'began', models.BigIntegerField(default=0)),
        migrations.AlterField('Shadow', 'sequence', models.BigIntegerField(default=0)),
        migrations.AlterField('Shadow', 'version', models.TextField(blank=True, default='')),
        migrations.AddConstraint('Shadow', models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'following', 'set aside', 'stopped'])), name='whatif_shadows_state_is_known')),
    ]
