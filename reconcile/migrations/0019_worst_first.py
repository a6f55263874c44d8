"""The order "worst first" as an index, for all and for each party and rule."""

from django.db import migrations, models

from reconcile.models.worst import WORST


class Migration(migrations.Migration):
    dependencies = [("reconcile", "0018_sessions_and_record")]

    operations = [
        *(
            migrations.RemoveIndex(model_name="discrepancy", name=f"discrepancy_{field}")
            for field in ("network", "supplier", "rule")
        ),
        migrations.AddIndex("discrepancy", models.Index(WORST, models.F("id"), name="discrepancy_worst")),
        *(
            migrations.AddIndex(
                "discrepancy", models.Index(models.F(field), WORST, models.F("id"), name=f"discrepancy_{field}")
            )
            for field in ("network", "supplier", "rule")
        ),
    ]
