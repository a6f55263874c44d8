"""What a request was called, as a column of the job that it made: the same request makes one."""

from django.conf import settings
from django.db import migrations, models


def take_over(apps, schema_editor):
    """Of each request the first job has it; of those that came with it at once, the key was their own."""
    seen = set()
    jobs = apps.get_model("reconcile", "Job").objects.filter(kind="work")
    for job in jobs.order_by("pk").only("options", "requested_by_id", "request").iterator():
        key = job.options.pop("request", "")
        if (job.requested_by_id, key) not in seen:
            job.request = key
            seen.add((job.requested_by_id, key))
        job.save(update_fields=["options", "request"])


class Migration(migrations.Migration):
    dependencies = [
        ("reconcile", "0028_contradictions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField("job", "request", models.CharField(blank=True, db_default="", default="", max_length=64)),
        migrations.RunPython(take_over, migrations.RunPython.noop, elidable=True),
        migrations.AddConstraint(
            "job",
            models.UniqueConstraint(
                condition=models.Q(("request", ""), _negated=True),
                fields=("requested_by", "request"),
                name="one_job_per_request",
            ),
        ),
    ]
