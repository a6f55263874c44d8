"""Recording a run carries less: no check of references row by row, no text that follows from the rest of the row."""

from django.db import migrations, models
from django.db.models.deletion import CASCADE, PROTECT


def unchecked(to: str, on_delete, **options) -> models.ForeignKey:
    """A reference that the database does not check."""
    return models.ForeignKey(to, on_delete=on_delete, db_constraint=False, **options)


class Migration(migrations.Migration):
    dependencies = [("reconcile", "0002_retention")]

    operations = [
        # Going back, the events that there are by then have none.
        migrations.AlterField("event", "reason", models.CharField(max_length=200, default="")),
        migrations.RemoveField("event", "reason"),
        migrations.AlterField(
            "discrepancy", "network", unchecked("reconcile.party", PROTECT, related_name="+", db_index=False)
        ),
        migrations.AlterField(
            "discrepancy",
            "supplier",
            unchecked("reconcile.party", PROTECT, related_name="+", db_index=False, null=True, blank=True),
        ),
        migrations.AlterField(
            "event", "discrepancy", unchecked("reconcile.discrepancy", CASCADE, related_name="events")
        ),
        migrations.AlterField("event", "run", unchecked("reconcile.run", PROTECT, related_name="+", db_index=False)),
    ]
