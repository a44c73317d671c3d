"""What a new company begins with."""

from django.db import migrations

from tradingops.company.first_data import filling


def begin(apps, schema_editor):
    filling.fill(apps)


class Migration(migrations.Migration):
    dependencies = [("tradingops_company", "0002_cascades")]
    operations = [migrations.RunPython(begin, migrations.RunPython.noop)]
