"""For which party a person of several works now, and whether keys do something in their queue."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reconcile", "0029_one_job_per_request")]

    operations = [
        migrations.AddField("membership", "chosen_at", models.DateTimeField(blank=True, editable=False, null=True)),
        migrations.AddField("habits", "keys", models.BooleanField(db_default=True, default=True)),
    ]
