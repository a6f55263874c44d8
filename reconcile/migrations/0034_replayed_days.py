"""Days of the kept history that were judged for a replay."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('reconcile', '0033_smets_of_alerts'),
    ]

    operations = [
        migrations.CreateModel(
            name='ReplayedDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=64, unique=True)),
                ('as_of', models.DateField()),
                ('policy', models.CharField(max_length=200)),
                ('taken_by', models.CharField(max_length=32)),
                ('beat_at', models.DateTimeField()),
                ('made_at', models.DateTimeField(blank=True, null=True)),
                ('snapshot', models.CharField(blank=True, default='', max_length=100)),
                ('checksums', models.JSONField(blank=True, default=dict)),
            ],
        ),
    ]
