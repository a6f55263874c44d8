"""Snapshots can be thinned: when, and the job that does it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reconcile", "0001_the_ledger")]

    operations = [
        migrations.AddField("extract", "thinned_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("run", "thinned_at", models.DateTimeField(blank=True, null=True)),
        migrations.AlterField(
            "job",
            "kind",
            models.CharField(
                choices=[
                    ("load", "Load"),
                    ("reconcile", "Reconciliation"),
                    ("export", "Export"),
                    ("tidy", "Tidying"),
                ],
                max_length=10,
            ),
        ),
    ]
