"""What is in flight, which is little of what there is, in the order "worst first"."""

from django.db import migrations, models
from django.db.models import Q

from reconcile.models.worst import WORST


class Migration(migrations.Migration):
    dependencies = [("reconcile", "0026_newest_work")]

    operations = [
        migrations.AddIndex(
            "discrepancy",
            models.Index(WORST, models.F("id"), name="discrepancy_in_flight", condition=Q(in_flight=True)),
        ),
    ]
