"""The orders of dates as indexes: since when it is wrong, and when a run first saw it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reconcile", "0022_views")]

    operations = [
        migrations.AddIndex(
            "discrepancy", models.Index(fields=["wrong_since_latest", "id"], name="discrepancy_wrong_since")
        ),
        migrations.AddIndex("discrepancy", models.Index(fields=["first_seen", "id"], name="discrepancy_first_seen")),
    ]
