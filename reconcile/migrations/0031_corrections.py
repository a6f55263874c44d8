"""What is sent to registration: sendings, their files, a line for each Meter Point."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('reconcile', '0030_desks_and_keys'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Correction',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('job', models.BigIntegerField(unique=True)),
                ('made_at', models.DateTimeField()),
                ('name', models.CharField(max_length=150)),
                ('sight', models.JSONField()),
                ('policy', models.CharField(max_length=40)),
                ('query', models.TextField(blank=True)),
                ('filters', models.TextField(blank=True)),
                ('most', models.PositiveIntegerField()),
                ('count', models.PositiveIntegerField()),
                ('left_out', models.JSONField(default=dict)),
                ('csv_bytes', models.BigIntegerField(default=0)),
                ('csv_sha256', models.CharField(blank=True, max_length=64)),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('party', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='reconcile.party')),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='reconcile.run')),
            ],
        ),
        migrations.CreateModel(
            name='CorrectionFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=5)),
                ('number', models.PositiveIntegerField()),
                ('identifier', models.CharField(max_length=10, unique=True)),
                ('name', models.CharField(max_length=200)),
                ('rows', models.PositiveIntegerField()),
                ('bytes', models.BigIntegerField(default=0)),
                ('sha256', models.CharField(blank=True, max_length=64)),
                ('correction', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='files', to='reconcile.correction')),
                ('network', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='reconcile.party')),
            ],
        ),
        migrations.CreateModel(
            name='CorrectionLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('line', models.PositiveIntegerField()),
                ('mpxn', models.BigIntegerField()),
                ('flag_before', models.CharField(blank=True, max_length=1)),
                ('flag', models.CharField(max_length=1)),
                ('flag_from', models.DateField()),
                ('rules', models.TextField()),
                ('file', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='reconcile.correctionfile')),
                ('supplier', models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='reconcile.party')),
            ],
        ),
        migrations.AddConstraint(
            model_name='correctionfile',
            constraint=models.UniqueConstraint(fields=('kind', 'network', 'number'), name='one_file_of_a_number'),
        ),
        migrations.AddIndex(
            model_name='correctionline',
            index=models.Index(fields=['mpxn', '-id'], name='correction_of_point'),
        ),
    ]
